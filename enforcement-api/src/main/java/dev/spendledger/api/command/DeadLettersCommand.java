package dev.spendledger.api.command;

import dev.spendledger.api.audit.DeadLetter;
import dev.spendledger.api.audit.DeadLetterFilter;
import dev.spendledger.api.audit.DeadLetterFormat;
import dev.spendledger.api.audit.DeadLetterReplay;
import dev.spendledger.api.audit.DeadLetterSelection;
import dev.spendledger.api.audit.RecordSender;
import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.topology.LedgerTopology;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code ledger dead-letters}: what could not be counted, listed, or sent again once its cause is mended. */
@Command(
        name = "dead-letters",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "List the records that could not be counted, or replay them once their cause is mended.",
            "",
            "A replayed record is appended to its own topic, in the partition of its key, with a new append time. Chats and"
                    + " messages count once, so replaying them again changes nothing. A limit does: the last in the log"
                    + " wins, so a replayed one stands above those set since.",
            "They are sent in the order in which they were once appended, and with --limit the first of them.",
            "Status 1 if a record was not replayed, or one that --record names was not found.",
            ""
        })
final class DeadLettersCommand implements Callable<Integer>, SettingFlags.Taker {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Reach the broker of the `ledger dev` or `ledger demo` that runs on this folder.")
    private Path dataDir;

    @Option(
            names = "--reason",
            paramLabel = "REASON",
            converter = ReasonConverter.class,
            description = "Only those with this reason, as docs/events.md lists them. May be repeated.")
    private List<RejectReason> reasons = new ArrayList<>();

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            converter = TopicConverter.class,
            description = "Only those from this topic, named without the prefix. May be repeated.")
    private List<Topic> topics = new ArrayList<>();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Only those appended to their topic at this time (RFC 3339) or later.")
    private Instant since;

    @Option(
            names = "--until",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Only those appended to their topic before this time (RFC 3339).")
    private Instant until;

    @Option(
            names = "--chat",
            paramLabel = "ID",
            description = "Only those whose key is this id, or whose event names it as its chat or root.")
    private String chatId;

    @Option(
            names = "--record",
            paramLabel = "TOPIC-PARTITION@OFFSET",
            converter = PositionConverter.class,
            description = "Only this record, named as it is listed. May be repeated.")
    private List<RecordId> records = new ArrayList<>();

    @Option(names = "--limit", paramLabel = "N", description = "At most this many.")
    private int limit = DeadLetterSelection.MOST;

    @Option(names = "--json", description = "One JSON object a line; keys, values and headers in base64.")
    private boolean json;

    @Option(
            names = "--replay",
            description = "Send them to their topics again. Wants something that chooses, or --all.")
    private boolean replay;

    @Option(names = "--all", description = "With --replay: all of them.")
    private boolean all;

    @Option(names = "--dry-run", description = "With --replay: say what would be sent, and send nothing.")
    private boolean dryRun;

    /** How many records were to be replayed and were not. */
    private int notReplayed;

    @Override
    public Integer call() throws StartException {
        LedgerConfig config = SettingFlags.config(spec, dataDir);
        DeadLetterFilter filter = filter(config.topicNames());
        requireSense(filter);
        try (LedgerLog ledger = LedgerLog.open(spec, dataDir)) {
            DeadLetterSelection selection = new DeadLetterSelection(ledger.deadLetters(), filter);
            if (replay) {
                replay(selection, ledger);
            } else {
                list(selection);
            }
            summarize(selection);
            List<RecordId> missing = selection.missing(records);
            missing.forEach(record ->
                    err().println("No dead letter of the record " + record + " is among those that are meant."));
            return missing.isEmpty() && notReplayed == 0 ? 0 : LedgerCommand.EXIT_FAILED;
        } catch (DeadLetterSelection.TooManyException e) {
            throw new UserErrorException(e.getMessage());
        } catch (KafkaException e) {
            err().println("Kafka at " + config.text(Setting.BOOTSTRAP_SERVERS) + " has failed: " + e.getMessage());
            return LedgerCommand.EXIT_FAILED;
        }
    }

    private DeadLetterFilter filter(TopicNames names) {
        Set<String> sources = LedgerTopology.INPUTS.stream().map(names::of).collect(Collectors.toSet());
        records.forEach(record -> require(
                sources.contains(record.topic()),
                "--record is \"" + record + "\" and its topic must be one of "
                        + sources.stream().sorted().collect(Collectors.joining(", ")) + "."));
        return new DeadLetterFilter(
                Set.copyOf(reasons),
                topics.stream().map(names::of).collect(Collectors.toSet()),
                Set.copyOf(records),
                since,
                until,
                chatId);
    }

    private void requireSense(DeadLetterFilter filter) {
        boolean chooses = !filter.equals(DeadLetterFilter.ALL);
        require(limit >= 1, "--limit is " + limit + " and must be 1 or more.");
        require(replay || !(dryRun || all), "--dry-run and --all are for --replay.");
        require(!replay || chooses || all, "--replay must be told which: by --reason, --record or another, or --all.");
        require(!all || !chooses, "--all means all; leave it out, or what chooses.");
    }

    private static void require(boolean right, String message) {
        if (!right) {
            throw new UserErrorException(message);
        }
    }

    private void list(DeadLetterSelection selection) {
        selection.forEach(
                limit,
                (letter, times) -> out().println(
                                json ? DeadLetterFormat.json(letter, times) : DeadLetterFormat.line(letter, times)));
    }

    private void replay(DeadLetterSelection selection, LedgerLog ledger) {
        selection.countByReason().keySet().stream()
                .sorted()
                .forEach(reason -> DeadLetterReplay.warning(reason)
                        .ifPresent(warning ->
                                err().println("Of a record with reason " + reason.code() + ": " + warning + ".")));
        DeadLetterReplay plan = ledger.replay();
        if (dryRun) {
            selection.forEachInOrderOfTheLog(limit, letter -> {
                if (isTaken(plan, letter)) {
                    out().println(DeadLetterFormat.wouldReplay(letter, plan.record(letter), json));
                }
            });
            return;
        }
        RecordSender<DeadLetter> sender = new RecordSender<>(
                ledger.replayer(),
                (letter, written) -> out().println(DeadLetterFormat.replayed(letter, written, json)),
                this::sayNotReplayed);
        selection.forEachInOrderOfTheLog(limit, letter -> {
            if (isTaken(plan, letter)) {
                sender.send(letter, plan.record(letter));
            }
        });
        sender.awaitAll();
    }

    private boolean isTaken(DeadLetterReplay plan, DeadLetter letter) {
        plan.refusal(letter).ifPresent(refusal -> sayNotReplayed(letter, refusal));
        return plan.refusal(letter).isEmpty();
    }

    private void sayNotReplayed(DeadLetter letter, String why) {
        notReplayed++;
        err().println(letter.id().reason().code() + " " + letter.id().source() + " is not replayed: " + why);
    }

    /** Beside the listing, so that this can be piped into another program. */
    private void summarize(DeadLetterSelection selection) {
        if (selection.count() > limit) {
            err().println("There are more: " + limit + " of " + selection.count()
                    + (replay ? " are taken, those appended first." : " are shown."));
        }
        err().println(selection.count() == 1 ? "1 dead letter" : selection.count() + " dead letters");
        selection.countByReason().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(reason -> err().printf(
                                "%8d  %s%n", reason.getValue(), reason.getKey().code()));
        if (selection.strangers() > 0) {
            err().println(selection.strangers() + " records of the topic are no dead letters of this ledger.");
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }

    private static final class ReasonConverter implements ITypeConverter<RejectReason> {
        @Override
        public RejectReason convert(String text) {
            return Stream.of(RejectReason.values())
                    .filter(reason -> reason.code().equals(text))
                    .findFirst()
                    .orElseThrow(() -> wrong(
                            text,
                            "one of "
                                    + Stream.of(RejectReason.values())
                                            .map(RejectReason::code)
                                            .collect(Collectors.joining(", "))));
        }
    }

    private static final class TopicConverter implements ITypeConverter<Topic> {
        @Override
        public Topic convert(String text) {
            return LedgerTopology.INPUTS.stream()
                    .filter(topic -> topic.baseName().equals(text))
                    .findFirst()
                    .orElseThrow(() -> wrong(
                            text,
                            "one of "
                                    + LedgerTopology.INPUTS.stream()
                                            .map(Topic::baseName)
                                            .collect(Collectors.joining(", "))));
        }
    }

    private static final class TimeConverter implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException e) {
                throw wrong(text, "a time as RFC 3339 has it, like 2026-11-23T12:00:00Z");
            }
        }
    }

    private static final class PositionConverter implements ITypeConverter<RecordId> {
        @Override
        public RecordId convert(String text) {
            return RecordId.parse(text)
                    .orElseThrow(() -> wrong(text, "TOPIC-PARTITION@OFFSET as it is listed, like chats-3@42"));
        }
    }

    private static TypeConversionException wrong(String text, String wanted) {
        return new TypeConversionException("it is \"" + text + "\" and must be " + wanted);
    }
}
