package dev.spendledger.api.command;

import dev.spendledger.api.audit.LogReader;
import dev.spendledger.api.audit.LogReader.IncompleteLogException;
import dev.spendledger.api.audit.WhatIf;
import dev.spendledger.api.audit.WhatIf.Stop;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Ranges;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ledger replay}: what a limit would have done that was never set. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Fold the log in memory and say which trees a limit would have stopped that was never set: when, at which"
                    + " message, and how much would not have been spent. The limits that were set play no part.",
            "",
            "The model: the ledger knows at once what is appended. A tree is stopped from the record on that lets its spend"
                    + " reach the limit. A message whose first record is appended while its tree is stopped would not have"
                    + " been sent, so all that it cost is saved; what was appended before had been billed, also if it waited"
                    + " for its chat to be created. A revision that brings the tree below the limit lifts the stop.",
            "Status 1 if --root names no root, or the log is not whole.",
            ""
        })
final class ReplayCommand implements Callable<Integer>, SettingFlags.Taker {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--limit",
            required = true,
            paramLabel = "MICROS",
            description = "The limit that every tree would have had, in micros.")
    private long limitMicros;

    @ArgGroup(multiplicity = "1")
    private Which which;

    private static final class Which {
        @Option(names = "--root", paramLabel = "ID", description = "Only the tree of this root.")
        private String rootChatId;

        @Option(names = "--all", description = "All trees.")
        private boolean all;
    }

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Read the log of the `ledger dev` or `ledger demo` that runs on this folder.")
    private Path dataDir;

    @Override
    public Integer call() throws StartException {
        if (!Ranges.isLimit(limitMicros)) {
            throw new UserErrorException("--limit is " + limitMicros + " and must be 1 to " + Ranges.MAX_MICROS + ".");
        }
        try (LedgerLog ledger = LedgerLog.open(spec, dataDir)) {
            LogReader log = ledger.log(VerifyCommand.FACTS);
            log.requireWhole();
            WhatIf whatIf = new WhatIf(limitMicros, ledger.facts());
            log.readTo(log.ends(), whatIf::fold);
            return print(whatIf);
        } catch (IncompleteLogException | KafkaException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return LedgerCommand.EXIT_FAILED;
        }
    }

    private int print(WhatIf whatIf) {
        Optional<String> wrong = which.all ? Optional.empty() : whyNoRoot(whatIf.lineage(which.rootChatId));
        if (wrong.isPresent()) {
            spec.commandLine().getErr().println(wrong.get());
            return LedgerCommand.EXIT_FAILED;
        }
        List<Stop> stops = whatIf.stops().stream()
                .filter(stop -> which.all || stop.rootChatId().equals(which.rootChatId))
                .toList();
        PrintWriter out = spec.commandLine().getOut();
        stops.stream().map(ReplayCommand::line).forEach(out::println);
        if (!which.all && stops.isEmpty()) {
            out.println("A limit of " + limitMicros + " micros would not have stopped tree " + which.rootChatId + ".");
            return 0;
        }
        BigInteger saved = stops.stream().map(Stop::savedMicros).reduce(BigInteger.ZERO, BigInteger::add);
        String stopped = which.all
                ? stops.size() + " of " + whatIf.trees() + " trees that have spent anything"
                : "tree " + which.rootChatId;
        out.println("A limit of " + limitMicros + " micros would have stopped " + stopped + " and saved " + saved
                + " micros.");
        return 0;
    }

    /** Empty if it is one. */
    private Optional<String> whyNoRoot(Lineage lineage) {
        String chatId = which.rootChatId;
        if (!lineage.isCreated()) {
            return Optional.of("Chat " + chatId + " is unknown: the log has no creation of it.");
        }
        if (lineage.created().isRoot()) {
            return Optional.empty();
        }
        return Optional.of("Chat " + chatId + " is no root: "
                + lineage.rootChatId()
                        .map(root -> "its root is " + root + ".")
                        .orElse("its parent is " + lineage.created().parentChatId() + ", and it has no root"
                                + (lineage.root() == null ? " yet." : ".")));
    }

    private static String line(Stop stop) {
        String lifted = switch (stop.lifted()) {
            case 0 -> "";
            case 1 -> "lifted once by a revision; ";
            default -> "lifted " + stop.lifted() + " times by revisions; ";
        };
        return "Tree " + stop.rootChatId() + " would have been stopped first at " + stop.at() + " by message "
                + stop.messageId() + " of chat " + stop.chatId() + " (" + stop.record() + "), with "
                + stop.spentMicros() + " micros spent; " + lifted + "it has spent " + stop.spentInTheEndMicros()
                + ", of which " + stop.savedMicros() + " while stopped.";
    }
}
