package dev.spendledger.api.audit;

import dev.spendledger.api.audit.FoldProgress.BehindException;
import dev.spendledger.api.audit.LiveState.UnreadableStateException;
import dev.spendledger.api.audit.LogReader.IncompleteLogException;
import dev.spendledger.events.TreeStatus;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.LimitFact;
import dev.spendledger.streams.domain.LogFold;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import dev.spendledger.streams.topology.ExpectedRows;
import dev.spendledger.streams.topology.Fingerprint;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Holds a running ledger against its log: reads the facts again, folds them by the domain's rules alone, and compares every
 * row of every store, every dead letter and every tree's status. The ledger may go on folding meanwhile: a row that differs
 * is looked at again until no fact has touched it in between.
 */
public final class Verification {
    /** For causes outside the record itself: it was set aside in the open, and counts once it is replayed. */
    private static final Set<RejectReason> SET_ASIDE =
            EnumSet.of(RejectReason.UNKNOWN_SCHEMA, RejectReason.REGISTRY_UNAVAILABLE, RejectReason.INTERNAL_ERROR);

    private final Ledger ledger;
    private final LongConsumer onFact;
    private final LogFold<Fingerprint> fold = new LogFold<>();
    private final Map<RecordId, RejectReason> rejected = new HashMap<>();
    private final Map<String, TreeStatus> statuses = new HashMap<>();
    private final Map<RecordId, RejectReason> setAside = new HashMap<>();
    private final Set<Subject> letters = new HashSet<>();
    private Map<TopicPartition, Long> folded = Map.of();
    private long facts;

    /**
     * What is needed of a running ledger.
     *
     * @param log its topics of facts
     * @param statusLog its topic {@code tree-status}
     * @param letters gives a reader of its dead letters, up to the present end
     */
    public record Ledger(
            TopicNames names,
            int partitions,
            FactReader facts,
            Deserializer<SpecificRecord> events,
            LogReader log,
            LogReader statusLog,
            Supplier<DeadLetterReader> letters,
            FoldProgress progress,
            LiveState state) {}

    /**
     * What came of it.
     *
     * @param facts how many records of the topics of facts were read
     * @param rows how many rows of each store there should be, and were compared
     * @param setAside how many records are dead letters for a cause that is not their own, by reason
     * @param differences each difference, in words
     * @param unsettled how many rows changed whenever they were looked at
     */
    public record Report(
            long facts,
            Map<String, Integer> rows,
            Map<RejectReason, Long> setAside,
            List<String> differences,
            long unsettled) {
        public boolean agrees() {
            return differences.isEmpty() && unsettled == 0;
        }
    }

    /** What is compared: a row, a dead letter or a status. */
    private record Subject(String store, List<String> ids) {
        @Override
        public String toString() {
            return store + " " + ids.stream().filter(id -> !id.isEmpty()).collect(Collectors.joining(" / "));
        }
    }

    private record Difference(Object expected, Object actual) {}

    /** @param onFact hears the number of facts read so far */
    public Verification(Ledger ledger, LongConsumer onFact) {
        this.ledger = ledger;
        this.onFact = onFact;
    }

    /** @param atMost how long the ledger may take to fold what is there, and rows that differ to settle */
    public Report run(Duration atMost) throws BehindException, UnreadableStateException, IncompleteLogException {
        long deadline = System.nanoTime() + atMost.toNanos();
        ledger.log().requireWhole();
        Map<String, Integer> rows = new LinkedHashMap<>();
        Map<Subject, Difference> found = look(deadline, rows);
        Map<Subject, Difference> standing = Map.of();
        while (!found.isEmpty()) {
            catchUp(deadline);
            standing = stillWrong(found);
            boolean settled = standing.equals(found);
            if (settled || System.nanoTime() - deadline > 0) {
                break;
            }
            found = look(deadline, rows);
            standing = Map.of();
        }
        Map<Subject, Difference> before = found;
        List<String> differences = standing.entrySet().stream()
                .filter(difference -> difference.getValue().equals(before.get(difference.getKey())))
                .map(difference -> inWords(difference.getKey(), difference.getValue()))
                .sorted()
                .toList();
        Map<RejectReason, Long> aside = new EnumMap<>(RejectReason.class);
        setAside.values().forEach(reason -> aside.merge(reason, 1L, Long::sum));
        return new Report(facts, rows, aside, differences, standing.size() - differences.size());
    }

    // ---- the log ----

    /** Folds what is in the log by now, once the ledger has folded it as well. */
    private void catchUp(long deadline) throws BehindException {
        Map<TopicPartition, Long> ends = ledger.log().ends();
        ledger.progress().awaitFolded(ends, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        readLetters(ends);
        ledger.log().readTo(ends, this::fold);
        folded = ends;
        ledger.statusLog().readTo(ledger.statusLog().ends(), this::remember);
    }

    private void readLetters(Map<TopicPartition, Long> ends) {
        letters.clear();
        ledger.letters().get().read(letter -> {
            RecordId record = letter.id().source();
            RejectReason reason = letter.id().reason();
            if (SET_ASIDE.contains(reason)) {
                setAside.put(record, reason);
            } else if (record.offset()
                    < ends.getOrDefault(new TopicPartition(record.topic(), record.partition()), 0L)) {
                letters.add(letter(record, reason));
            }
            return true;
        });
    }

    private static Subject letter(RecordId record, RejectReason reason) {
        return new Subject("ledger-dead-letters", List.of(record.toString(), reason.code()));
    }

    private void fold(Source source) {
        onFact.accept(++facts);
        if (setAside.containsKey(source.id())) {
            return;
        }
        try {
            ledger.facts().read(source, new FactReader.Receiver<Void>() {
                @Override
                public Void onChat(ChatFact chat, Source from) {
                    fold.accept(chat, Fingerprint.of(from));
                    return null;
                }

                @Override
                public Void onLimit(LimitFact limit, Source from) {
                    fold.accept(limit, Fingerprint.of(from));
                    return null;
                }

                @Override
                public Void onMessage(MessageFact message, Source from) {
                    fold.accept(message, Fingerprint.of(from));
                    return null;
                }
            });
        } catch (RejectedRecordException e) {
            rejected.put(source.id(), e.rejection().reason());
        }
    }

    private void remember(Source source) {
        String rootChatId = new String(source.key(), StandardCharsets.UTF_8);
        if (source.value() == null) {
            statuses.remove(rootChatId);
        } else {
            statuses.put(rootChatId, (TreeStatus) ledger.events().deserialize(source.topic(), source.value()));
        }
    }

    // ---- the comparison ----

    private Map<Subject, Difference> look(long deadline, Map<String, Integer> rows)
            throws BehindException, UnreadableStateException {
        catchUp(deadline);
        Map<Subject, Difference> differences = new HashMap<>();
        for (LedgerStore<?, ?> store : LedgerTopology.STORES) {
            Map<List<String>, Object> expected = ExpectedRows.of(fold, store);
            rows.put(store.name(), expected.size());
            for (int partition = 0; partition < ledger.partitions(); partition++) {
                ledger.state().read(store, partition, row -> {
                    Object wanted = expected.remove(row.ids());
                    if (!row.value().equals(wanted)) {
                        differences.put(new Subject(store.name(), row.ids()), new Difference(wanted, row.value()));
                    }
                });
            }
            expected.forEach(
                    (ids, wanted) -> differences.put(new Subject(store.name(), ids), new Difference(wanted, null)));
        }
        compare(expectedLetters(), actualLetters(), differences);
        compare(expectedStatuses(), actualStatuses(), differences);
        return differences;
    }

    private static void compare(
            Map<Subject, Object> expected, Map<Subject, Object> actual, Map<Subject, Difference> differences) {
        Set<Subject> subjects = new HashSet<>(expected.keySet());
        subjects.addAll(actual.keySet());
        for (Subject subject : subjects) {
            if (!Objects.equals(expected.get(subject), actual.get(subject))) {
                differences.put(subject, new Difference(expected.get(subject), actual.get(subject)));
            }
        }
    }

    /** The differences that what has come since does not explain, with what is expected now. */
    private Map<Subject, Difference> stillWrong(Map<Subject, Difference> found) {
        Map<Subject, Object> expected = new HashMap<>(expectedLetters());
        expected.putAll(expectedStatuses());
        for (LedgerStore<?, ?> store : LedgerTopology.STORES) {
            if (found.keySet().stream().anyMatch(subject -> subject.store.equals(store.name()))) {
                ExpectedRows.of(fold, store)
                        .forEach((ids, value) -> expected.put(new Subject(store.name(), ids), value));
            }
        }
        Map<Subject, Difference> still = new HashMap<>();
        found.forEach((subject, difference) -> {
            Object wanted = expected.get(subject);
            if (!Objects.equals(wanted, difference.actual)) {
                still.put(subject, new Difference(wanted, difference.actual));
            }
        });
        return still;
    }

    private Map<Subject, Object> expectedLetters() {
        Map<Subject, Object> expected = new HashMap<>();
        rejected.forEach((record, reason) -> expected.put(letter(record, reason), reason));
        fold.deadLetters().forEach((record, reason) -> expected.put(letter(record.id(), reason), reason));
        return expected;
    }

    private Map<Subject, Object> actualLetters() {
        Map<Subject, Object> actual = new HashMap<>();
        letters.forEach(letter ->
                actual.put(letter, RejectReason.valueOf(letter.ids.get(1).toUpperCase(Locale.ROOT))));
        return actual;
    }

    /** What of a status the facts determine: all but its time. */
    private record Status(String accountId, long spentMicros, long limitMicros, long limitOffset) {}

    private Map<Subject, Object> expectedStatuses() {
        Map<Subject, Object> expected = new HashMap<>();
        fold.trees().forEach((rootChatId, tree) -> {
            if (tree.exhausted()) {
                expected.put(status(rootChatId), status(tree));
            }
        });
        return expected;
    }

    private static Status status(TreeSpend tree) {
        return new Status(
                tree.accountId(),
                tree.totals().spentMicros(),
                tree.effectiveLimitMicros().orElseThrow(),
                tree.limit().offset());
    }

    private Map<Subject, Object> actualStatuses() {
        Map<Subject, Object> actual = new HashMap<>();
        statuses.forEach((rootChatId, status) -> actual.put(
                status(rootChatId),
                new Status(
                        status.getAccountId(),
                        status.getSpentMicros(),
                        status.getLimitMicros(),
                        status.getLimitOffset())));
        return actual;
    }

    private static Subject status(String rootChatId) {
        return new Subject("tree-status", List.of(rootChatId));
    }

    // ---- in words ----

    private static String inWords(Subject subject, Difference difference) {
        if (difference.expected == null) {
            return subject + " is there and should not be: " + difference.actual;
        }
        if (difference.actual == null) {
            return subject + " is missing and should be: " + difference.expected;
        }
        List<String> fields = new ArrayList<>();
        addDifferingFields("", difference.expected, difference.actual, fields);
        return subject + ": " + String.join(", ", fields);
    }

    private static void addDifferingFields(String name, Object expected, Object actual, List<String> fields) {
        if (Objects.equals(expected, actual)) {
            return;
        }
        if (expected == null
                || actual == null
                || !expected.getClass().isRecord()
                || actual.getClass() != expected.getClass()) {
            fields.add((name.isEmpty() ? "the row" : name) + " is " + actual + " and should be " + expected);
            return;
        }
        for (RecordComponent component : expected.getClass().getRecordComponents()) {
            addDifferingFields(
                    name.isEmpty() ? component.getName() : name + "." + component.getName(),
                    value(component, expected),
                    value(component, actual),
                    fields);
        }
    }

    private static Object value(RecordComponent component, Object owner) {
        try {
            component.getAccessor().setAccessible(true); // Of a record that is private to its class.
            return component.getAccessor().invoke(owner);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("A record does not give its " + component.getName(), e);
        }
    }
}
