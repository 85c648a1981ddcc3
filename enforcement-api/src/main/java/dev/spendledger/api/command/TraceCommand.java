package dev.spendledger.api.command;

import dev.spendledger.api.audit.LiveState.UnreadableStateException;
import dev.spendledger.api.audit.LogReader;
import dev.spendledger.api.audit.MessageTrace;
import dev.spendledger.api.audit.MessageTrace.Fate;
import dev.spendledger.api.audit.MessageTrace.Sighting;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.intake.RecordId;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ledger trace}: where a message went. */
@Command(
        name = "trace",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Say where a message went: every record of it in the log, and whether it counts, waits, is a dead letter or was"
                    + " never seen.",
            "Status 1 if it was never seen.",
            ""
        })
final class TraceCommand implements Callable<Integer>, SettingFlags.Taker {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MESSAGE_ID", description = "The message.")
    private String messageId;

    @Option(names = "--chat", required = true, paramLabel = "ID", description = "The chat that it names.")
    private String chatId;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Ask the `ledger dev` or `ledger demo` that runs on this folder.")
    private Path dataDir;

    @Override
    public Integer call() throws StartException {
        try (LedgerLog ledger = LedgerLog.open(spec, dataDir)) {
            LogReader log = ledger.log(List.of(Topic.PRICED_MESSAGES));
            MessageTrace trace =
                    new MessageTrace(messageId, chatId, ledger.events().deserializer());
            log.readTo(log.ends(), trace::look);
            PrintWriter out = spec.commandLine().getOut();
            if (trace.sightings().isEmpty()) {
                out.println("Message " + messageId + " of chat " + chatId + " was never seen: no readable record of "
                        + ledger.names().of(Topic.PRICED_MESSAGES) + " names both.");
                return LedgerCommand.EXIT_FAILED;
            }
            Map<RecordId, Fate> fates =
                    trace.fates(ledger.deadLetters(), ledger.state(), ledger.partitions(Topic.PRICED_MESSAGES));
            trace.sightings().forEach(sighting -> out.println(line(sighting, fates.get(sighting.record()))));
            return 0;
        } catch (UnreadableStateException | KafkaException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return LedgerCommand.EXIT_FAILED;
        }
    }

    private static String line(Sighting sighting, Fate fate) {
        return sighting.record() + " " + sighting.appendTime() + " revision " + sighting.revision() + " "
                + micros(sighting.costMicros()) + ": " + inWords(fate);
    }

    private static String inWords(Fate fate) {
        if (fate instanceof Fate.Counted counted) {
            Message message = counted.message();
            return "counted in the tree of " + counted.rootChatId() + ", for chat "
                    + message.attribution().chatId()
                    + (counted.stands()
                            ? ", with this price"
                            : "; the price that stands is revision "
                                    + message.pricing().revision() + ", "
                                    + micros(message.pricing().costMicros()));
        }
        if (fate instanceof Fate.Dead dead) {
            return "a dead letter (" + dead.reason().code() + "); ledger dead-letters says more";
        }
        return fate instanceof Fate.Waiting
                ? "parked: the root of its chat is not known yet"
                : "not folded yet: it is on its way";
    }

    private static String micros(Long costMicros) {
        return costMicros == null ? "unpriced" : costMicros + " micros";
    }
}
