package dev.spendledger.api.command;

import dev.spendledger.api.audit.LiveState.UnreadableStateException;
import dev.spendledger.api.audit.LogReader;
import dev.spendledger.api.audit.LogReader.IncompleteLogException;
import dev.spendledger.api.audit.MessageTrace;
import dev.spendledger.api.audit.MessageTrace.Counted;
import dev.spendledger.api.audit.MessageTrace.Fate;
import dev.spendledger.api.audit.MessageTrace.Sighting;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.Pricing;
import dev.spendledger.streams.intake.RecordId;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
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
            "Status 1 if it was never seen, or if a record is LOST: folded, and found nowhere.",
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

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "How long to wait for the ledger to fold what is there, if a record is found nowhere. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int timeoutSeconds;

    @Override
    public Integer call() throws StartException {
        if (timeoutSeconds < 1) {
            throw new UserErrorException("--timeout is " + timeoutSeconds + " and must be 1 or more.");
        }
        try (LedgerLog ledger = LedgerLog.open(spec, dataDir)) {
            LogReader log = ledger.log(List.of(Topic.PRICED_MESSAGES));
            MessageTrace trace =
                    new MessageTrace(messageId, chatId, ledger.events().deserializer());
            Map<TopicPartition, Long> ends = log.ends();
            log.readTo(ends, trace::look);
            MessageTrace.Ledger parts = new MessageTrace.Ledger(
                    ledger.partitions(Topic.PRICED_MESSAGES), ledger::deadLetters, ledger.state(), ledger.progress());
            return trace.sightings().isEmpty()
                    ? printUnseen(trace.counted(parts), log)
                    : print(trace, trace.fates(parts, ends, Duration.ofSeconds(timeoutSeconds)));
        } catch (UnreadableStateException | KafkaException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return LedgerCommand.EXIT_FAILED;
        }
    }

    private int print(MessageTrace trace, Map<RecordId, Fate> fates) {
        PrintWriter out = spec.commandLine().getOut();
        trace.sightings().forEach(sighting -> out.println(line(sighting, fates.get(sighting.record()))));
        if (trace.seen() > trace.sightings().size()) {
            out.println("There are more: these are the first "
                    + trace.sightings().size() + " of " + trace.seen() + " records.");
        }
        return fates.containsValue(new Fate.Lost()) ? LedgerCommand.EXIT_FAILED : 0;
    }

    /** Of a message that no record in the log is of: it counts all the same if the log was longer once. */
    private int printUnseen(Optional<Counted> counted, LogReader log) {
        PrintWriter out = spec.commandLine().getOut();
        String message = "Message " + messageId + " of chat " + chatId;
        Optional<String> shortened = Optional.empty();
        try {
            log.requireWhole();
        } catch (IncompleteLogException e) {
            shortened = Optional.of(e.getMessage());
        }
        if (counted.isPresent() && chatId.equals(countedChatId(counted.get()))) {
            out.println(message + " is " + inWords(counted.get()) + ", with "
                    + micros(counted.get().message().pricing()) + " of revision "
                    + counted.get().message().pricing().revision() + "; no record of it is in the log any more. "
                    + shortened.orElse("And yet the log is whole: ledger verify says more."));
            return shortened.isPresent() ? 0 : LedgerCommand.EXIT_FAILED;
        }
        out.println(message + (shortened.isPresent() ? " is not in what is left of the log" : " was never seen")
                + ": no readable record names both."
                + counted.map(other -> " A message of that id is " + inWords(other) + ".")
                        .orElse("")
                + shortened.map(why -> " " + why).orElse(""));
        return LedgerCommand.EXIT_FAILED;
    }

    private static String line(Sighting sighting, Fate fate) {
        Pricing pricing = sighting.fact().pricing();
        return sighting.record() + " " + sighting.appendTime() + " revision " + pricing.revision() + " "
                + micros(pricing) + ": " + inWords(fate);
    }

    private static String inWords(Fate fate) {
        if (fate instanceof Fate.InTree inTree) {
            Pricing stands = inTree.counted().message().pricing();
            return inWords(inTree.counted())
                    + (inTree.stands()
                            ? ", with this price"
                            : "; the price that stands is revision " + stands.revision() + ", " + micros(stands));
        }
        if (fate instanceof Fate.Repeat repeat) {
            return "the same as " + repeat.first() + ", counted once";
        }
        if (fate instanceof Fate.Dead dead) {
            return "a dead letter (" + dead.reason().code() + "); ledger dead-letters says more";
        }
        if (fate instanceof Fate.Waiting) {
            return "parked: the root of its chat is not known yet";
        }
        return fate instanceof Fate.Lost
                ? "LOST: the ledger has folded past it, and it is neither counted, parked nor a dead letter. Send it again,"
                        + " and report this; ledger verify says what else is missing"
                : "not folded yet: the ledger has not come so far, or what follows from it is on its way";
    }

    private static String inWords(Counted counted) {
        return "counted in the tree of " + counted.rootChatId() + ", for chat " + countedChatId(counted);
    }

    private static String countedChatId(Counted counted) {
        return counted.message().attribution().chatId();
    }

    private static String micros(Pricing pricing) {
        return pricing.costMicros() == null ? "unpriced" : pricing.costMicros() + " micros";
    }
}
