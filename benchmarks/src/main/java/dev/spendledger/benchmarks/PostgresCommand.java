package dev.spendledger.benchmarks;

import dev.spendledger.benchmarks.PostgresLoad.Size;
import dev.spendledger.demo.Lifetime;
import dev.spendledger.demo.TemporaryFolder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ledger bench postgres}: the ledger beside the two usual ways to ask PostgreSQL the same question. */
@Command(
        name = "postgres",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "The ledger beside PostgreSQL, which sums a tree's messages when asked, or counts them in a row of the tree.",
            "Needs the server of PostgreSQL on this machine; a new one runs on a folder of its own.",
            ""
        })
final class PostgresCommand implements Callable<Integer> {
    private static final int CLIENTS_MOST = 64;
    private static final int TREES_MOST = 10_000;
    private static final int MESSAGES_MOST = 10_000_000;
    private static final int SECONDS_MOST = 600;
    private static final int RUNS_MOST = 100;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "8",
            description = "How many clients there are, each with one connection and one question at a time."
                    + " Default: ${DEFAULT-VALUE}.")
    private int clients;

    @Option(
            names = "--trees",
            paramLabel = "N",
            defaultValue = "100",
            description = "How many trees are asked for, and how many others counted into. Default: ${DEFAULT-VALUE}.")
    private int trees;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many messages each tree has that is asked for. Default: ${DEFAULT-VALUE}.")
    private int messages;

    @Option(
            names = "--large",
            paramLabel = "N",
            defaultValue = "100000",
            description = "How many messages one more tree has. Default: ${DEFAULT-VALUE}.")
    private int large;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How long each question is asked in one run. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--events",
            paramLabel = "N",
            defaultValue = "20000",
            description = "How many messages each way counts in one run. Default: ${DEFAULT-VALUE}.")
    private int events;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many runs, after one to warm up. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Override
    public Integer call() throws Exception {
        Flags.requireWithin(spec, "--clients", clients, 1, CLIENTS_MOST);
        Flags.require(
                spec,
                trees >= clients && trees <= TREES_MOST,
                "--trees is " + trees + " and must be from --clients, " + clients + ", to " + TREES_MOST + ".");
        Flags.requireWithin(spec, "--messages", messages, 1, MESSAGES_MOST);
        Flags.require(
                spec,
                (long) trees * messages <= MESSAGES_MOST,
                "--trees times --messages is more than " + MESSAGES_MOST + ".");
        Flags.require(
                spec,
                large > messages && large <= MESSAGES_MOST,
                "--large is " + large + " and must be more than --messages, " + messages + ", and at most "
                        + MESSAGES_MOST + ".");
        Flags.requireWithin(spec, "--seconds", seconds, 1, SECONDS_MOST);
        Flags.require(
                spec,
                events >= clients && events <= MESSAGES_MOST,
                "--events is " + events + " and must be from --clients, " + clients + ", to " + MESSAGES_MOST + ".");
        Flags.requireWithin(spec, "--runs", runs, 1, RUNS_MOST);
        try (Lifetime lifetime = new Lifetime()) {
            PostgresServer server = lifetime.open(PostgresServer::start);
            TemporaryFolder dataDir = TemporaryFolder.create("ledger-bench-"); // Kept when it fails: the log says why.
            Size size = new Size(clients, trees, messages, large, events, Duration.ofSeconds(seconds));
            PostgresLoad load = PostgresLoad.start(server, dataDir.path(), size, lifetime);
            load.prepare();
            load.run();
            List<Map<String, Double>> measured = new ArrayList<>();
            for (int run = 0; run < runs; run++) {
                measured.add(load.run());
            }
            load.requireSameSums();
            report(measured);
            Verified.require(dataDir.path(), spec.commandLine().getOut());
            lifetime.close();
            dataDir.close();
        }
        return 0;
    }

    private void report(List<Map<String, Double>> measured) throws Exception {
        Map<String, Spread> figures = new LinkedHashMap<>();
        measured.get(0).keySet().forEach(name -> figures.put(name, Spread.of(measured, run -> run.get(name))));
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("clients", clients);
        settings.put("trees", trees);
        settings.put("messages", messages);
        settings.put("large", large);
        settings.put("seconds", seconds);
        settings.put("events", events);
        settings.put("runs", runs);
        String title =
                ("The ledger over HTTP, and PostgreSQL over its own protocol: %d clients, %d trees of %d messages and"
                                + " one of %d, %d runs of %d s for each kind of check and of %d events for each way to count")
                        .formatted(clients, trees, messages, large, runs, seconds, events);
        Results.report(spec.commandLine().getOut(), "postgres", title, settings, figures);
    }
}
