package dev.spendledger.api.command;

import dev.spendledger.api.audit.FoldProgress.BehindException;
import dev.spendledger.api.audit.LiveState.UnreadableStateException;
import dev.spendledger.api.audit.LogReader;
import dev.spendledger.api.audit.LogReader.IncompleteLogException;
import dev.spendledger.api.audit.Verification;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.schemas.Topic;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ledger verify}: whether the live state is what the log comes to. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Read the log again, fold it in memory, and compare every row, dead letter and tree status with those of the"
                    + " running ledger, which may go on folding.",
            "Status 0: no difference. Status 1: each difference is printed, or which rows did not settle while facts went on"
                    + " coming, or the reason why it could not be verified; or facts are not counted yet because the ledger"
                    + " failed at them (internal_error) or the schema registry did not answer (registry_unavailable).",
            "Facts of an unknown schema are said to be not counted yet, and leave the status alone: they may be rubbish, which"
                    + " no replay helps.",
            ""
        })
final class VerifyCommand implements Callable<Integer>, SettingFlags.Taker {
    static final List<Topic> FACTS = List.of(Topic.CHATS, Topic.CHAT_LIMITS, Topic.PRICED_MESSAGES);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Verify the `ledger dev` or `ledger demo` that runs on this folder.")
    private Path dataDir;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "How long the ledger may take to fold what is there. Default: ${DEFAULT-VALUE}.")
    private int timeoutSeconds;

    @Override
    public Integer call() throws StartException {
        if (timeoutSeconds < 1) {
            throw new UserErrorException("--timeout is " + timeoutSeconds + " and must be 1 or more.");
        }
        try (LedgerLog ledger = LedgerLog.open(spec, dataDir)) {
            LogReader log = ledger.log(FACTS);
            long total = log.distance(log.ends());
            try (ProgressLine progress = new ProgressLine(spec.commandLine().getOut(), "facts read", total)) {
                Verification verification = new Verification(
                        new Verification.Ledger(
                                ledger.names(),
                                ledger.partitions(Topic.CHATS),
                                ledger.facts(),
                                ledger.events().deserializer(),
                                log,
                                ledger.log(List.of(Topic.TREE_STATUS)),
                                ledger::deadLetters,
                                ledger.progress(),
                                ledger.state()),
                        progress::show);
                Verification.Report report = verification.run(Duration.ofSeconds(timeoutSeconds));
                progress.close();
                return print(report);
            }
        } catch (BehindException | UnreadableStateException | IncompleteLogException | KafkaException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return LedgerCommand.EXIT_FAILED;
        }
    }

    private int print(Verification.Report report) {
        PrintWriter out = spec.commandLine().getOut();
        report.differences().forEach(out::println);
        out.println("Folded " + report.facts() + " records of the log and compared:");
        report.rows().forEach((store, rows) -> out.printf("%10d  rows of %s%n", rows, store));
        report.notCounted()
                .forEach((reason, records) -> out.println(records + " records are not counted yet (" + reason.code()
                        + "): ledger dead-letters --reason " + reason.code() + " --replay, once its cause is mended"));
        report.ownLetters()
                .forEach((reason, records) -> out.println(records
                        + " records of the ledger's word to itself are dead letters (" + reason.code()
                        + "); they are no facts and cannot be replayed, and what they had to say is compared above"));
        if (report.daysInMotion() > 0) {
            out.println(report.daysInMotion()
                    + " days of accounts were in motion: each was seen between what facts made of it before and after");
        }
        report.unsettled().forEach(row -> out.println("not settled: " + row));
        if (!report.unsettled().isEmpty()) {
            out.println(
                    report.unsettled().size() + " rows are not settled: facts went on touching them, and they matched"
                            + " at none of the times they were looked at. Verify again when less is under way, or with a longer"
                            + " --timeout.");
        }
        out.println(
                switch (report.differences().size()) {
                    case 0 -> report.unsettled().isEmpty() ? "No difference." : "No other difference.";
                    case 1 -> "1 difference.";
                    default -> report.differences().size() + " differences.";
                });
        return report.agrees() ? 0 : LedgerCommand.EXIT_FAILED;
    }
}
