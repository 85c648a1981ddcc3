package dev.spendledger.benchmarks;

import dev.spendledger.demo.EmbeddedLedger;
import dev.spendledger.demo.TemporaryFolder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ledger bench growth}: whether a check, or the fold of one more message, costs more the larger its tree is. */
@Command(
        name = "growth",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Checks of small and large, narrow and wide, flat and deep trees; the fold of small and large ones.")
final class GrowthCommand implements Callable<Integer> {
    private static final int MESSAGES_MOST = 10_000_000;
    private static final int CHATS_MOST = 1_000_000;
    /** The ledger's own: a chat that is deeper is a dead letter. */
    private static final int DEPTH_MOST = 1_000;

    private static final int PER_RUN_MOST = 1_000_000;
    private static final int RUNS_MOST = 100;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--most",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "How many messages the largest tree has. Default: ${DEFAULT-VALUE}.")
    private int most;

    @Option(
            names = "--chats",
            paramLabel = "N",
            defaultValue = "10000",
            description = "How many chats the widest tree has. Default: ${DEFAULT-VALUE}.")
    private int chats;

    @Option(
            names = "--depth",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How deep the deepest chat is. Default: ${DEFAULT-VALUE}.")
    private int depth;

    @Option(
            names = "--checks",
            paramLabel = "N",
            defaultValue = "10000",
            description = "How many checks of each tree one run makes. Default: ${DEFAULT-VALUE}.")
    private int checks;

    @Option(
            names = "--first-checks",
            paramLabel = "N",
            defaultValue = "200",
            description =
                    "How many of chats that were never asked for, in each tree, one run makes. Default: ${DEFAULT-VALUE}.")
    private int firstChecks;

    @Option(
            names = "--seen",
            paramLabel = "N",
            defaultValue = "500",
            description =
                    "How many messages of small trees, and of the largest, one run waits to see. Default: ${DEFAULT-VALUE}.")
    private int seen;

    @Option(
            names = "--folded",
            paramLabel = "N",
            defaultValue = "20000",
            description =
                    "How many messages of small trees, and of the largest, one run folds at once. Default: ${DEFAULT-VALUE}.")
    private int folded;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many runs, after one to warm up. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Override
    public Integer call() throws Exception {
        Flags.requireWithin(spec, "--most", most, GrowthLoad.FEW + 1, MESSAGES_MOST);
        Flags.requireWithin(spec, "--chats", chats, 2, CHATS_MOST);
        Flags.requireWithin(spec, "--depth", depth, 2, DEPTH_MOST);
        Flags.requireWithin(spec, "--checks", checks, 1, PER_RUN_MOST);
        Flags.requireWithin(spec, "--first-checks", firstChecks, 1, PER_RUN_MOST / RUNS_MOST);
        Flags.requireWithin(spec, "--seen", seen, 1, PER_RUN_MOST);
        Flags.requireWithin(spec, "--folded", folded, 1, PER_RUN_MOST);
        Flags.requireWithin(spec, "--runs", runs, 1, RUNS_MOST);
        try (TemporaryFolder dataDir = TemporaryFolder.create("ledger-bench-");
                EmbeddedLedger ledger = EmbeddedLedger.start(Map.of(), OptionalInt.of(0), dataDir.path());
                GrowthLoad load = new GrowthLoad(ledger.url(), ledger.bootstrapServers(), firstChecks * (runs + 1))) {
            load.prepare(sizes(most, GrowthLoad.FEW, 1_000, 100_000), sizes(chats, 1, 100), sizes(depth, 1, 100));
            load.run(checks, firstChecks, seen, folded);
            List<Map<String, Double>> measured = new ArrayList<>();
            for (int run = 0; run < runs; run++) {
                measured.add(load.run(checks, firstChecks, seen, folded));
            }
            report(measured);
            Verified.require(dataDir.path(), spec.commandLine().getOut());
        }
        return 0;
    }

    /** Those of the usual sizes that are smaller than the greatest, and the greatest. */
    private static List<Integer> sizes(int greatest, int... usual) {
        return Stream.concat(IntStream.of(usual).filter(size -> size < greatest).boxed(), Stream.of(greatest))
                .toList();
    }

    private void report(List<Map<String, Double>> measured) throws Exception {
        Map<String, Spread> figures = new LinkedHashMap<>();
        measured.get(0).keySet().forEach(name -> figures.put(name, Spread.of(measured, run -> run.get(name))));
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("most", most);
        settings.put("chats", chats);
        settings.put("depth", depth);
        settings.put("checks", checks);
        settings.put("first_checks", firstChecks);
        settings.put("seen", seen);
        settings.put("folded", folded);
        settings.put("runs", runs);
        String title = ("Checks and the fold of trees with up to %d messages, %d chats, depth %d, %d runs;"
                        + " medians in microseconds, messages folded per second, and how each tree compares with the smallest")
                .formatted(most, chats, depth, runs);
        Results.report(spec.commandLine().getOut(), "growth", title, settings, figures);
    }
}
