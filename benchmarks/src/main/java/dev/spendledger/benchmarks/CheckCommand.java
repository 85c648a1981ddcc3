package dev.spendledger.benchmarks;

import dev.spendledger.demo.Cluster;
import dev.spendledger.demo.Lifetime;
import dev.spendledger.demo.TemporaryFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ledger bench check}: how many checks an instance answers, and how soon, beside a server that only says hello. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Checks a second over HTTP and their latency: as fast as they are answered (wrk), at steady rates, and while"
                    + " messages are folded.",
            "Beside them, in the same run, a bare server of the same make and the ledger's cheapest route.",
            ""
        })
final class CheckCommand implements Callable<Integer> {
    private static final int CONNECTIONS_MOST = 4_096;
    private static final int RATE_MOST = 100_000;
    private static final int TREES_MOST = 1_000_000;
    private static final int SECONDS_MOST = 600;
    private static final int RUNS_MOST = 30;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--connections",
            paramLabel = "N",
            split = ",",
            defaultValue = "16,64,256",
            description = "Connections of wrk, one measurement each. Default: ${DEFAULT-VALUE}.")
    private List<Integer> connections;

    @Option(
            names = "--rate",
            paramLabel = "N",
            split = ",",
            defaultValue = "5000,20000,50000",
            description =
                    "Checks a second that are asked whether or not those before are answered, one measurement each."
                            + " Default: ${DEFAULT-VALUE}.")
    private List<Integer> rates;

    @Option(
            names = "--fold-rate",
            paramLabel = "N",
            defaultValue = "5000",
            description = "Messages a second that are folded in one of the measurements. Default: ${DEFAULT-VALUE}.")
    private int foldRate;

    @Option(
            names = "--trees",
            paramLabel = "N",
            defaultValue = "10000",
            description = "How many trees are asked for, a root and a chat below it each. Default: ${DEFAULT-VALUE}.")
    private int trees;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How long one measurement takes. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many runs, each with all measurements, after one to warm up. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Override
    public Integer call() throws Exception {
        for (int each : connections) {
            Flags.requireWithin(spec, "--connections", each, Wrk.THREADS, CONNECTIONS_MOST);
        }
        for (int each : rates) {
            Flags.requireWithin(spec, "--rate", each, 1, RATE_MOST);
        }
        Flags.requireWithin(spec, "--fold-rate", foldRate, 1, RATE_MOST);
        Flags.requireWithin(spec, "--trees", trees, 1, TREES_MOST);
        Flags.requireWithin(spec, "--seconds", seconds, 1, SECONDS_MOST);
        Flags.requireWithin(spec, "--runs", runs, 1, RUNS_MOST);
        boolean withWrk = Wrk.isThere();
        if (!withWrk) {
            spec.commandLine()
                    .getOut()
                    .println(
                            "wrk is not on the PATH, so only the steady rates are measured, and neither what the server can"
                                    + " answer at most nor the checks during folding. To have it: apt-get install wrk (Debian,"
                                    + " Ubuntu) or brew install wrk (macOS).");
        }
        try (Lifetime lifetime = new Lifetime()) {
            TemporaryFolder dataDir = TemporaryFolder.create("ledger-bench-"); // Kept when it fails: the log says why.
            Ends ends = new Ends();
            Cluster cluster = lifetime.open(() -> Cluster.start(Map.of(), OptionalInt.of(0), 1, dataDir.path(), ends));
            Hello hello = lifetime.open(() -> Hello.start(dataDir.path().resolve("hello.log")));
            hello.awaitUp(ends);
            CheckLoad load =
                    lifetime.open(() -> new CheckLoad(cluster, hello, ends, dataDir.path(), trees, seconds, withWrk));
            load.prepare();
            load.run(connections, rates, foldRate);
            List<Map<String, Double>> measured = new ArrayList<>();
            for (int run = 0; run < runs; run++) {
                measured.add(load.run(connections, rates, foldRate));
                load.requireOwner();
            }
            report(measured, withWrk);
            Verified.require(dataDir.path(), spec.commandLine().getOut());
            lifetime.close();
            dataDir.close();
        }
        return 0;
    }

    private void report(List<Map<String, Double>> measured, boolean withWrk) throws IOException {
        Map<String, Spread> figures = new LinkedHashMap<>();
        for (String name : measured.get(0).keySet()) {
            figures.put(name, Spread.of(measured, run -> run.get(name)));
        }
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("wrk", withWrk);
        settings.put("connections", connections);
        settings.put("rates", rates);
        settings.put("fold_rate", foldRate);
        settings.put("trees", trees);
        settings.put("seconds", seconds);
        settings.put("runs", runs);
        String title = ("Checks of %d trees, %d runs of %d s each: requests a second, their ratio within each run,"
                        + " latencies in milliseconds, late = not answered within %d s of when they were due")
                .formatted(trees, runs, seconds, OpenLoad.IN_TIME.toSeconds());
        Results.report(spec.commandLine().getOut(), "check", title, settings, figures);
    }
}
