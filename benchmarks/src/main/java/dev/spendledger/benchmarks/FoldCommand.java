package dev.spendledger.benchmarks;

import dev.spendledger.demo.Lifetime;
import dev.spendledger.demo.TemporaryFolder;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ledger bench fold}: how many priced messages a second an instance folds, and how near that is to what Kafka can do. */
@Command(
        name = "fold",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Priced messages a second that an instance folds that has them to catch up with, and what plain clients do with them.",
            "The settings are those that the ledger is shipped with, but for what a variant names; LEDGER_KAFKA_* of the"
                    + " environment are heeded.",
            ""
        })
final class FoldCommand implements Callable<Integer> {
    private static final long EVENTS_MOST = 1_000_000_000;
    private static final int TREES_MOST = 10_000_000;
    private static final int WATCHERS_MOST = 1_000;

    /** Runs before those that count: on two cores the JVM compiles for more than a minute. */
    private static final int WARM_UP = 5;
    /** And behind them: at the end some partitions have nothing left, and their threads nothing to do. */
    private static final int RUN_OUT = 1;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--events",
            paramLabel = "N",
            defaultValue = "300000",
            description = "How many messages one run folds. Default: ${DEFAULT-VALUE}.")
    private int events;

    @Option(
            names = "--trees",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Of how many trees they are where they are spread, each a root and " + FoldLoad.CHATS_PER_TREE
                    + " chats below it. Default: ${DEFAULT-VALUE}.")
    private int trees;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many runs of each. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            split = ",",
            converter = FoldVariantConverter.class,
            description = {
                "Which of these, several with commas: home-spread-1-thread, home-spread-2-threads,"
                        + " home-spread-2-threads-at-least-once, home-hot-1-thread, home-hot-2-threads, and the same with"
                        + " routed in place of home. Default: all.",
                "home: keyed by the root; routed: by the chat, a child. spread: over all trees; hot: of one tree. Shipped are 2"
                        + " threads, exactly once."
            })
    private List<FoldVariant> variants = List.of(FoldVariant.values());

    @Option(
            names = "--watchers",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "With as many event streams open as people with the page would have, in every second of the runs, which"
                            + " are twice as many then: what they cost the fold. 0 to " + WATCHERS_MOST
                            + ". Default: ${DEFAULT-VALUE}.")
    private int watchers;

    @Override
    public Integer call() throws Exception {
        Flags.require(spec, events >= 1, "--events is " + events + " and must be 1 or more.");
        Flags.require(
                spec,
                trees >= 1 && trees <= TREES_MOST,
                "--trees is " + trees + " and must be from 1 to " + TREES_MOST + ".");
        Flags.require(spec, runs >= 1, "--runs is " + runs + " and must be 1 or more.");
        Flags.require(
                spec,
                watchers >= 0 && watchers <= WATCHERS_MOST,
                "--watchers is " + watchers + " and must be from 0 to " + WATCHERS_MOST + ".");
        Flags.require(
                spec,
                (long) events * allRuns() <= EVENTS_MOST,
                "--events times --runs is more than " + EVENTS_MOST + ".");
        Flags.require(
                spec,
                variants.stream().distinct().count() == variants.size(),
                "--variant names one twice: " + String.join(", ", codes()) + ".");
        Map<String, Spread> figures = new LinkedHashMap<>();
        for (FoldVariant variant : variants) {
            List<Pace> measured = fold(variant);
            figures.put(variant.figure() + "_per_s", Spread.of(everyOther(measured, 0), Pace::perSecond));
            if (watchers > 0) {
                putWatched(figures, variant, everyOther(measured, 0), everyOther(measured, 1));
            }
        }
        measureLimits(figures);
        for (FoldVariant variant : variants) {
            putRatio(figures, variant, "transactions");
            putRatio(figures, variant, "consume_decode");
        }
        report(figures);
        return 0;
    }

    private List<Pace> fold(FoldVariant variant) throws Exception {
        try (Lifetime lifetime = new Lifetime()) {
            TemporaryFolder dataDir = TemporaryFolder.create("ledger-bench-"); // Kept when it fails: the log says why.
            FoldLoad load = lifetime.open(() -> FoldLoad.start(dataDir.path(), variant, trees));
            load.prepare();
            List<Pace> measured = new ArrayList<>();
            load.run(events, allRuns(), watchers, run -> run >= WARM_UP && isWatched(run), pace -> {
                measured.add(pace);
                say(variant.code(), measured, allRuns()); // All of them together take long.
            });
            Verified.require(dataDir.path(), out());
            lifetime.close();
            dataDir.close();
            return measured.subList(WARM_UP, allRuns() - RUN_OUT);
        }
    }

    private int allRuns() {
        return WARM_UP + (watchers > 0 ? 2 : 1) * runs + RUN_OUT;
    }

    private boolean isWatched(int run) {
        return watchers > 0 && (run - WARM_UP) % 2 == 1;
    }

    /** With watchers every other run is one of theirs. */
    private List<Pace> everyOther(List<Pace> measured, int first) {
        return watchers == 0
                ? measured
                : IntStream.iterate(first, run -> run < measured.size(), run -> run + 2)
                        .mapToObj(measured::get)
                        .toList();
    }

    /** What they leave of the rate, each run held against the one before it. */
    private void putWatched(Map<String, Spread> figures, FoldVariant variant, List<Pace> alone, List<Pace> watched) {
        figures.put(variant.figure() + "_watched_per_s", Spread.of(watched, Pace::perSecond));
        figures.put(
                variant.figure() + "_watched_to_unwatched",
                Spread.of(
                        IntStream.range(0, runs).boxed().toList(),
                        run -> watched.get(run).perSecond() / alone.get(run).perSecond()));
    }

    private void measureLimits(Map<String, Spread> figures) throws Exception {
        try (Lifetime lifetime = new Lifetime()) {
            TemporaryFolder dataDir = TemporaryFolder.create("ledger-bench-");
            PlainClients clients = lifetime.open(() -> new PlainClients(dataDir.path(), events));
            clients.prepare(trees);
            clients.consumeAndDecode(); // To warm up, as the first tenth of the ledger's events does.
            clients.transactions();
            List<Pace> decoded = new ArrayList<>();
            List<Pace> copied = new ArrayList<>();
            for (int run = 0; run < runs; run++) {
                decoded.add(clients.consumeAndDecode());
                say("consume and decode", decoded, runs);
                copied.add(clients.transactions());
                say("transactions", copied, runs);
            }
            figures.put("consume_decode_per_s", Spread.of(decoded, Pace::perSecond));
            figures.put("transactions_per_s", Spread.of(copied, Pace::perSecond));
            lifetime.close();
            dataDir.close();
        }
    }

    private static void putRatio(Map<String, Spread> figures, FoldVariant variant, String limit) {
        Spread fold = figures.get(variant.figure() + "_per_s");
        double most = figures.get(limit + "_per_s").median();
        figures.put(
                variant.figure() + "_to_" + limit,
                new Spread(fold.median() / most, fold.min() / most, fold.max() / most));
    }

    private void say(String what, List<Pace> measured, int all) {
        Pace last = measured.get(measured.size() - 1);
        out().printf(
                        Locale.ROOT,
                        "Run %d of %d, %s: %,.0f/s, %.1f s in all%n",
                        measured.size(),
                        all,
                        what,
                        last.perSecond(),
                        last.wholeSeconds());
        out().flush();
    }

    private void report(Map<String, Spread> figures) throws Exception {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("events", events);
        settings.put("trees", trees);
        settings.put("chats_per_tree", FoldLoad.CHATS_PER_TREE);
        settings.put("partitions", FoldLoad.PARTITIONS);
        settings.put("runs", runs);
        settings.put("watchers", watchers);
        settings.put("variants", codes());
        String title = "Messages folded a second, of %d trees, %d runs of %d (a second in the middle of each run;"
                        .formatted(trees, runs, events)
                + " the rate as part of what plain clients do)";
        Results.report(out(), "fold", title, settings, figures);
    }

    private List<String> codes() {
        return variants.stream().map(FoldVariant::code).toList();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
