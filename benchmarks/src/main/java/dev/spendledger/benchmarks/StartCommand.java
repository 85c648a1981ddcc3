package dev.spendledger.benchmarks;

import dev.spendledger.demo.Lifetime;
import dev.spendledger.demo.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ledger bench start}: how long {@code ./ledger demo} and {@code ./ledger serve} take to their first answer. */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Seconds from the start of ./ledger demo and ./ledger serve to their first answers over HTTP.")
final class StartCommand implements Callable<Integer> {
    private static final String HOME = "ledger.home";
    private static final int TREES_MOST = 1_000_000;
    private static final int RUNS_MOST = 1_000;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--trees",
            paramLabel = "N",
            defaultValue = "10000",
            description =
                    "How many trees there are, a chat and a message each, where an instance starts with state that it"
                            + " has kept. Default: ${DEFAULT-VALUE}.")
    private int trees;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many runs, each with every start. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Override
    public Integer call() throws Exception {
        Flags.requireWithin(spec, "--trees", trees, 1, TREES_MOST);
        Flags.requireWithin(spec, "--runs", runs, 1, RUNS_MOST);
        Path launcher = launcher();
        try (Lifetime lifetime = new Lifetime()) {
            TemporaryFolder dataDir = TemporaryFolder.create("ledger-bench-"); // Kept when it fails: the logs say why.
            StartLoad load =
                    new StartLoad(lifetime, launcher, trees, spec.commandLine().getOut());
            List<Map<String, Double>> measured = new ArrayList<>();
            for (int run = 0; run < runs; run++) {
                Path dir = Files.createDirectory(dataDir.path().resolve("run-" + run));
                measured.add(load.run(dir, run == runs - 1));
            }
            report(measured);
            lifetime.close();
            dataDir.close();
        }
        return 0;
    }

    private Path launcher() {
        String home = System.getProperty(HOME);
        if (home == null) {
            throw new ParameterException(
                    spec.commandLine(), "It is ./ledger that is to be started: run this as ./ledger bench start.");
        }
        return Path.of(home, "ledger");
    }

    private void report(List<Map<String, Double>> measured) throws IOException {
        Map<String, Spread> figures = new LinkedHashMap<>();
        for (String name : measured.get(0).keySet()) {
            figures.put(name, Spread.of(measured, run -> run.get(name)));
        }
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("trees", trees);
        settings.put("runs", runs);
        String title = "Seconds from the start to the first 200, %d runs; kept = with the state of %d trees"
                .formatted(runs, trees);
        Results.report(spec.commandLine().getOut(), "start", title, settings, figures);
    }
}
