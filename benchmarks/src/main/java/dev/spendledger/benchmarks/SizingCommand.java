package dev.spendledger.benchmarks;

import dev.spendledger.benchmarks.SizingLoad.Memory;
import dev.spendledger.benchmarks.SizingLoad.Sizes;
import dev.spendledger.demo.Lifetime;
import dev.spendledger.demo.TemporaryFolder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ledger bench sizing}: what a tree, a chat and a message take on the disk and in memory. */
@Command(
        name = "sizing",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Bytes per tree, chat and message: of the local state, of the facts, and of the changelogs.",
            "Each is what more of them make the disk grow by, so that what is there anyhow falls out.",
            ""
        })
final class SizingCommand implements Callable<Integer> {
    private static final double BYTES_PER_MIB = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--trees",
            paramLabel = "N",
            defaultValue = "60000",
            description = "How many trees, a root each. Default: ${DEFAULT-VALUE}.")
    private int trees;

    @Option(
            names = "--chats",
            paramLabel = "N",
            defaultValue = "120000",
            description = "How many chats below these roots. Default: ${DEFAULT-VALUE}.")
    private int chats;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "300000",
            description = "How many messages of these chats. Default: ${DEFAULT-VALUE}.")
    private int messages;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "3",
            description = "In how many steps each of these is added, measured after each. Default: ${DEFAULT-VALUE}.")
    private int steps;

    @Override
    public Integer call() throws Exception {
        Flags.require(spec, steps >= 1, "--steps is " + steps + " and must be 1 or more.");
        Flags.require(spec, trees >= steps, "--trees is " + trees + " and must be --steps or more.");
        Flags.require(spec, chats >= steps, "--chats is " + chats + " and must be --steps or more.");
        Flags.require(spec, messages >= steps, "--messages is " + messages + " and must be --steps or more.");
        try (Lifetime lifetime = new Lifetime()) {
            TemporaryFolder dataDir = TemporaryFolder.create("ledger-bench-"); // Kept when it fails: the log says why.
            SizingLoad load = lifetime.open(() -> SizingLoad.start(dataDir.path()));
            load.prepare();
            List<Sizes> ofTrees = new ArrayList<>();
            List<Sizes> ofChats = new ArrayList<>();
            List<Sizes> ofMessages = new ArrayList<>();
            for (int step = 0; step < steps; step++) {
                ofTrees.add(load.addTrees(part(trees, step)));
            }
            for (int step = 0; step < steps; step++) {
                ofChats.add(load.addChats(part(chats, step)));
            }
            for (int step = 0; step < steps; step++) {
                ofMessages.add(load.addMessages(part(messages, step)));
            }
            Map<String, Spread> figures = new LinkedHashMap<>();
            put(figures, "tree", ofTrees);
            put(figures, "chat", ofChats);
            put(figures, "message", ofMessages);
            List<Sizes> all = new ArrayList<>(ofTrees);
            all.addAll(ofChats);
            all.addAll(ofMessages);
            figures.put("state_before_compaction_to_after", Spread.of(all, Sizes::stateBeforeToAfter));
            putMemory(figures, load.memory());
            report(figures);
            Verified.require(dataDir.path(), spec.commandLine().getOut());
            lifetime.close();
            dataDir.close();
        }
        return 0;
    }

    private static void putMemory(Map<String, Spread> figures, Optional<Memory> measured) {
        measured.ifPresent(memory -> {
            List<Memory> once = List.of(memory);
            figures.put("resident_mib", Spread.of(once, each -> each.residentBytes() / BYTES_PER_MIB));
            figures.put("resident_most_mib", Spread.of(once, each -> each.residentMostBytes() / BYTES_PER_MIB));
            figures.put("heap_used_mib", Spread.of(once, each -> each.heapUsedBytes() / BYTES_PER_MIB));
            figures.put("heap_max_mib", Spread.of(once, each -> each.heapMaxBytes() / BYTES_PER_MIB));
        });
    }

    private static void put(Map<String, Spread> figures, String what, List<Sizes> sizes) {
        figures.put(what + "_facts", Spread.of(sizes, Sizes::facts));
        figures.put(what + "_state", Spread.of(sizes, Sizes::state));
        figures.put(what + "_changelogs", Spread.of(sizes, Sizes::changelogs));
        figures.put(what + "_changelogs_compacted", Spread.of(sizes, Sizes::changelogsCompacted));
        figures.put(what + "_routed", Spread.of(sizes, Sizes::routed));
    }

    /** So that the parts of all steps are together as many as there are to be. */
    private int part(int number, int step) {
        return (int) ((long) number * (step + 1) / steps - (long) number * step / steps);
    }

    private void report(Map<String, Spread> figures) throws Exception {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("trees", trees);
        settings.put("chats", chats);
        settings.put("messages", messages);
        settings.put("steps", steps);
        String title =
                "Bytes per tree (its root), chat (below a root) and message, ids of 36 characters, one copy of each;"
                        + " %d trees, %d chats, %d messages, each in %d steps; then the memory of an instance with all of them"
                                .formatted(trees, chats, messages, steps);
        Results.report(spec.commandLine().getOut(), "sizing", title, settings, figures);
    }
}
