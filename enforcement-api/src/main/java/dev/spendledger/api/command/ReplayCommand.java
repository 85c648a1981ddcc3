package dev.spendledger.api.command;

import dev.spendledger.api.audit.LogReader;
import dev.spendledger.api.audit.LogReader.IncompleteLogException;
import dev.spendledger.api.audit.WhatIf;
import dev.spendledger.api.audit.WhatIf.Stop;
import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.streams.domain.Ranges;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
        LedgerConfig config = SettingFlags.config(spec, dataDir == null ? Map.of() : DevProperties.read(dataDir));
        try (LedgerLog ledger = new LedgerLog(config)) {
            LogReader log = ledger.log(VerifyCommand.FACTS);
            log.requireWhole();
            WhatIf whatIf = new WhatIf(limitMicros, ledger.facts());
            log.readTo(log.ends(), whatIf::fold);
            print(whatIf);
            return 0;
        } catch (IncompleteLogException | KafkaException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return LedgerCommand.EXIT_FAILED;
        }
    }

    private void print(WhatIf whatIf) {
        PrintWriter out = spec.commandLine().getOut();
        List<Stop> stops = whatIf.stops().stream()
                .filter(stop -> which.all || stop.rootChatId().equals(which.rootChatId))
                .toList();
        for (Stop stop : stops) {
            out.println("Tree " + stop.rootChatId() + " would have been stopped at " + stop.at() + " by message "
                    + stop.messageId() + " of chat " + stop.chatId() + " (" + stop.record() + "), with "
                    + stop.spentMicros() + " micros spent; it has spent " + stop.spentInTheEndMicros() + ", "
                    + stop.savedMicros() + " of them later.");
        }
        BigInteger saved = stops.stream().map(Stop::savedMicros).reduce(BigInteger.ZERO, BigInteger::add);
        String trees = which.all ? whatIf.trees() + " trees that have spent anything" : "tree " + which.rootChatId;
        out.println("A limit of " + limitMicros + " micros would have stopped " + stops.size() + " of " + trees
                + " and saved " + saved + " micros.");
    }
}
