package dev.spendledger.benchmarks;

import dev.spendledger.benchmarks.RestoreLoad.Run;
import dev.spendledger.demo.Lifetime;
import dev.spendledger.demo.TemporaryFolder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ledger bench restore}: how long nobody can give an owner's word after an instance is gone, or has lost its state. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Seconds until every partition is answered by a fresh owner again: after a start with the state kept, after a kill"
                    + " with and without copies at other instances, and after a start with the state lost.",
            "The settings are those that the ledger is shipped with; LEDGER_KAFKA_* of the environment are heeded.",
            ""
        })
final class RestoreCommand implements Callable<Integer> {
    private static final double SECONDS_LEAST = 1;
    private static final long MESSAGES_MOST = 1_000_000_000;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--trees",
            paramLabel = "N",
            defaultValue = "100000",
            description = "How many trees, each a root and a chat below it. Default: ${DEFAULT-VALUE}.")
    private int trees;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many messages each of them has. Default: ${DEFAULT-VALUE}.")
    private int messages;

    @Option(
            names = "--instances",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many instances there are where one is killed, 2 to 8. Default: ${DEFAULT-VALUE}.")
    private int instances;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often all of it is done. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Override
    public Integer call() throws Exception {
        Flags.require(
                spec,
                trees >= RestoreLoad.TREES_LEAST,
                "--trees is " + trees + " and must be " + RestoreLoad.TREES_LEAST + " or more.");
        Flags.require(spec, messages >= 0, "--messages is " + messages + " and must be 0 or more.");
        Flags.require(
                spec,
                (long) trees * messages <= MESSAGES_MOST,
                "--trees times --messages is more than " + MESSAGES_MOST + ".");
        Flags.require(
                spec, instances >= 2 && instances <= 8, "--instances is " + instances + " and must be from 2 to 8.");
        Flags.require(spec, runs >= 1, "--runs is " + runs + " and must be 1 or more.");
        try (Lifetime lifetime = new Lifetime()) {
            TemporaryFolder dataDir = TemporaryFolder.create("ledger-bench-"); // Kept when it fails: the log says why.
            RestoreLoad load = lifetime.open(() -> new RestoreLoad(
                    dataDir.path(),
                    trees,
                    messages,
                    instances,
                    spec.commandLine().getOut()));
            load.prepare();
            List<Run> measured = new ArrayList<>();
            for (int run = 0; run < runs; run++) {
                measured.add(load.run());
                // Each takes minutes.
                spec.commandLine()
                        .getOut()
                        .println("Run " + measured.size() + " of " + runs + ": " + measured.get(run));
            }
            report(measured);
            lifetime.close();
            dataDir.close();
        }
        return 0;
    }

    private void report(List<Run> measured) throws Exception {
        Map<String, Spread> figures = new LinkedHashMap<>();
        figures.put("kept_s", Spread.of(measured, Run::keptSeconds));
        figures.put("lost_s", Spread.of(measured, Run::lostSeconds));
        figures.put("killed_alone_s", Spread.of(measured, Run::killedAloneSeconds));
        figures.put("copy_s", Spread.of(measured, Run::copySeconds));
        figures.put("no_copy_s", Spread.of(measured, Run::noCopySeconds));
        figures.put("changelogs_mib", Spread.of(measured, Run::changelogsMib));
        figures.put("changelogs_records", Spread.of(measured, Run::changelogsRecords));
        figures.put("no_copy_mib", Spread.of(measured, Run::noCopyMib));
        // What a start takes longer without state than with it. Where that drowns in chance, it says nothing.
        double seconds = figures.get("lost_s").median() - figures.get("kept_s").median();
        if (seconds > SECONDS_LEAST) {
            figures.put("restored_mib_per_s", Spread.of(measured, run -> run.changelogsMib() / seconds));
            figures.put("restored_records_per_s", Spread.of(measured, run -> run.changelogsRecords() / seconds));
        }
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("trees", trees);
        settings.put("messages", messages);
        settings.put("instances", instances);
        settings.put("runs", runs);
        String title =
                "Until every partition has a fresh owner again, %d trees with 2 chats and %d messages each, %d runs"
                                .formatted(trees, messages, runs)
                        + " (seconds; the size of the changelogs, and how fast they are restored)";
        Results.report(spec.commandLine().getOut(), "restore", title, settings, figures);
    }
}
