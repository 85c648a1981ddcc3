package dev.spendledger.api.audit;

import dev.spendledger.api.audit.FoldProgress.BehindException;
import dev.spendledger.api.audit.LiveState.UnreadableStateException;
import dev.spendledger.api.audit.LogReader.IncompleteLogException;
import dev.spendledger.events.TreeStatus;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.AccountChange;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.LimitFact;
import dev.spendledger.streams.domain.LogFold;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.Pricing;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import dev.spendledger.streams.topology.DeadLetters;
import dev.spendledger.streams.topology.ExpectedRows;
import dev.spendledger.streams.topology.Fingerprint;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Holds a running ledger against its log: reads the facts again, folds them by the domain's rules alone, and compares every
 * row of every store, every dead letter and every tree's status. The ledger may go on folding meanwhile: a row may have any
 * value that facts have given it since, and one that still differs is looked at again until none has touched it in between.
 * Only the day of an account is fed from several partitions, in no order that the log tells: while facts touch it, any sum
 * between the least and the greatest that they can have come to is right.
 */
public final class Verification {
    /** For causes outside the record itself: only the ledger can say that it met them, and it counts once it is replayed. */
    private static final Set<RejectReason> SET_ASIDE =
            EnumSet.of(RejectReason.UNKNOWN_SCHEMA, RejectReason.REGISTRY_UNAVAILABLE, RejectReason.INTERNAL_ERROR);

    /** The partition of what is no row. */
    private static final int NOWHERE = -1;

    private final Ledger ledger;
    private final LongConsumer onFact;
    private final Set<String> latestFacts;
    private final LogFold<Fingerprint> fold = new LogFold<>(this::onMessage);
    private final Map<RecordId, Rejected> rejected = new HashMap<>();
    private final Map<RecordId, RejectReason> setAside = new HashMap<>();
    private final Set<RecordId> replayed = new HashSet<>();
    private final Map<RecordId, RejectReason> ownLetters = new HashMap<>();
    private final Map<Subject, Set<String>> letters = new HashMap<>();
    private final Map<String, Map.Entry<Subject, Object>> statuses = new HashMap<>();
    private long facts;

    /** What differed when it was looked at last, */
    private Map<Subject, Difference> found = Map.of();
    /** the spend of it, from fact to fact, */
    private final Map<String, TreeSpend> trees = new HashMap<>();

    private final Map<Subject, ChatSpend> chats = new HashMap<>();
    private final Map<Subject, TotalsRange> days = new HashMap<>();
    /** and each value that facts have given it since. */
    private final Map<Subject, Set<Object>> passed = new HashMap<>();

    private int daysInMotion;

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
     * @param notCounted how many facts are set aside for a cause that is not their own and were not replayed, by reason
     * @param ownLetters how many dead letters are no facts, but the ledger's word to itself, by reason
     * @param daysInMotion how many days of accounts were seen between what facts have made of them before and after, and not
     *     at either
     * @param differences each difference, in words
     * @param unsettled which rows facts went on touching, so that nothing can be said of them
     */
    public record Report(
            long facts,
            Map<String, Integer> rows,
            Map<RejectReason, Long> notCounted,
            Map<RejectReason, Long> ownLetters,
            int daysInMotion,
            List<String> differences,
            List<String> unsettled) {
        /** Of an unknown schema may be rubbish, which no replay helps: it alone must not make a ledger wrong for ever. */
        public boolean agrees() {
            return differences.isEmpty()
                    && unsettled.isEmpty()
                    && Set.of(RejectReason.UNKNOWN_SCHEMA).containsAll(notCounted.keySet());
        }
    }

    /**
     * What is compared: a row, a dead letter or a status.
     *
     * @param partition where a row lies, or should lie
     */
    private record Subject(String store, List<String> ids, int partition) {
        @Override
        public String toString() {
            return store + " " + ids.stream().filter(id -> !id.isEmpty()).collect(Collectors.joining(" / "));
        }
    }

    private record Rejected(RejectReason reason, Fingerprint kept) {}

    private record Difference(Object expected, Object actual) {}

    /** @param onFact hears the number of facts read so far */
    public Verification(Ledger ledger, LongConsumer onFact) {
        this.ledger = ledger;
        this.onFact = onFact;
        this.latestFacts = LedgerTopology.LATEST_FACT_SOURCES.stream()
                .map(ledger.names()::of)
                .collect(Collectors.toSet());
    }

    /** @param atMost how long the ledger may take to fold what is there, and rows that differ to settle */
    public Report run(Duration atMost) throws BehindException, UnreadableStateException, IncompleteLogException {
        long deadline = System.nanoTime() + atMost.toNanos();
        ledger.log().requireWhole();
        catchUp(deadline);
        Map<String, Integer> rows = new LinkedHashMap<>();
        found = look(rows);
        Map<Subject, Difference> before = Map.of();
        Set<Subject> unsettled = Set.of();
        while (!found.isEmpty()) {
            catchUp(deadline);
            unsettled = dropWhatFactsExplain();
            boolean settled = unsettled.isEmpty() && found.equals(before);
            if (found.isEmpty() || settled || System.nanoTime() - deadline > 0) {
                break;
            }
            before = found;
            found = lookAgain();
        }
        Map<Subject, Difference> standing = new HashMap<>(found);
        standing.keySet().removeAll(unsettled);
        return new Report(
                facts,
                rows,
                outstanding(),
                count(ownLetters),
                daysInMotion,
                standing.entrySet().stream()
                        .map(difference -> inWords(difference.getKey(), difference.getValue()))
                        .sorted()
                        .toList(),
                unsettled.stream().map(Subject::toString).sorted().toList());
    }

    // ---- the log ----

    /** Folds what is in the log by now, once the ledger has folded it as well. */
    private void catchUp(long deadline) throws BehindException {
        Map<TopicPartition, Long> ends = ledger.log().ends();
        Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        ledger.progress().awaitFolded(ends, fold.depth(), left);
        readLetters(ends);
        passed.clear();
        ledger.log().readTo(ends, this::fold);
        ledger.statusLog().readTo(ledger.statusLog().ends(), this::remember);
    }

    private void readLetters(Map<TopicPartition, Long> ends) {
        letters.clear();
        ledger.letters().get().read(letter -> {
            RecordId record = letter.id().source();
            RejectReason reason = letter.id().reason();
            if (latestFacts.contains(record.topic())) {
                return true; // Their topics are compacted: whether it was buried rightly cannot be told later.
            }
            if (!ends.containsKey(new TopicPartition(record.topic(), record.partition()))) {
                ownLetters.put(record, reason);
                return true;
            }
            if (SET_ASIDE.contains(reason)) {
                setAside.put(record, reason);
            }
            if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()))) {
                // A rebuild may have written it once more: each of them must be a copy.
                letters.merge(
                        letter(record, reason), Set.of(letter.fingerprint().content()), Verification::union);
            }
            return true;
        });
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> both = new HashSet<>(one);
        both.addAll(other);
        return both;
    }

    private static Subject letter(RecordId record, RejectReason reason) {
        return new Subject("ledger-dead-letters", List.of(record.toString(), reason.code()), NOWHERE);
    }

    private void fold(Source source) {
        onFact.accept(++facts);
        Header replay = source.headers().lastHeader(DeadLetter.REPLAYED_FROM);
        if (replay != null && replay.value() != null) {
            // Should it have been set aside as well, it is itself what is outstanding.
            RecordId.parse(new String(replay.value(), StandardCharsets.UTF_8)).ifPresent(replayed::add);
        }
        if (setAside.containsKey(source.id())) {
            rejected.put(source.id(), new Rejected(setAside.get(source.id()), DeadLetters.kept(source)));
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
            rejected.put(source.id(), new Rejected(e.rejection().reason(), DeadLetters.kept(source)));
        }
    }

    /** The topic is compacted: what counts of it is the last record of each key. */
    private void remember(Source source) {
        String place = source.partition() + " " + new String(source.key(), StandardCharsets.ISO_8859_1);
        if (source.value() == null) {
            statuses.remove(place);
        } else {
            statuses.put(place, said(source));
        }
    }

    private Map.Entry<Subject, Object> said(Source source) {
        try {
            if (ledger.facts().inItsPartition(source)
                    && ledger.events().deserialize(source.topic(), source.value()) instanceof TreeStatus status
                    && Arrays.equals(source.key(), status.getRootChatId().getBytes(StandardCharsets.UTF_8))) {
                Status determined = new Status(
                        status.getAccountId(),
                        status.getSpentMicros(),
                        status.getLimitMicros(),
                        status.getLimitOffset());
                return Map.entry(status(status.getRootChatId()), determined);
            }
        } catch (SerializationException e) {
            // No event at all: as wrong there as one of another kind.
        }
        return Map.entry(status(source.id().toString()), "no status of a tree that belongs there");
    }

    /** Hears of every message that the fold counts: what the rows that differ come to in between is right as well. */
    private void onMessage(String rootChatId, String messageId, Message before, Message after, Fingerprint event) {
        pass(row(LedgerTopology.MESSAGE_REVISIONS, List.of(rootChatId, messageId)), after);
        trees.computeIfPresent(rootChatId, (root, tree) -> {
            Totals without = before == null ? tree.totals() : tree.totals().minus(cost(before));
            TreeSpend next = new TreeSpend(tree.accountId(), without.plus(cost(after)), tree.limit(), tree.chats());
            pass(row(LedgerTopology.SPEND_BY_ROOT, List.of(root)), next);
            pass(status(root), next.exhausted() ? status(next) : null);
            return next;
        });
        if (before != null) {
            change(rootChatId, before, ChatSpend::minus);
        }
        change(rootChatId, after, ChatSpend::plus);
        Stream.of(Optional.ofNullable(before), Optional.of(after))
                .flatMap(Optional::stream)
                .map(message -> chat(rootChatId, message))
                .filter(chats::containsKey)
                .forEach(chat -> pass(chat, chats.get(chat)));
        AccountChange.between(before, after).forEach(this::passDay);
    }

    private void passDay(AccountChange change) {
        List<String> ids = List.of(change.at().accountId(), change.at().day().toString());
        days.computeIfPresent(row(LedgerTopology.ACCOUNT_SPEND, ids), (day, range) -> range.widenedBy(change.change()));
    }

    private void change(String rootChatId, Message message, BiFunction<ChatSpend, Pricing, ChatSpend> operation) {
        chats.computeIfPresent(
                chat(rootChatId, message),
                (subject, chat) -> operation.apply(chat, message.pricing()).determined());
    }

    private Subject chat(String rootChatId, Message message) {
        return row(
                LedgerTopology.SPEND_BY_CHAT,
                List.of(rootChatId, message.attribution().chatId()));
    }

    private static Long cost(Message message) {
        return message.pricing().costMicros();
    }

    private void pass(Subject subject, Object value) {
        if (found.containsKey(subject)) {
            passed.computeIfAbsent(subject, any -> new HashSet<>()).add(value);
        }
    }

    /** The records that were set aside and not replayed since, by reason. */
    private Map<RejectReason, Long> outstanding() {
        Map<RecordId, RejectReason> outstanding = new HashMap<>(setAside);
        outstanding.keySet().removeAll(replayed);
        return count(outstanding);
    }

    private static Map<RejectReason, Long> count(Map<RecordId, RejectReason> records) {
        Map<RejectReason, Long> counts = new EnumMap<>(RejectReason.class);
        records.values().forEach(reason -> counts.merge(reason, 1L, Long::sum));
        return counts;
    }

    // ---- the comparison ----

    /** All differences there are now: some are of facts that came in after those that are folded here. */
    private Map<Subject, Difference> look(Map<String, Integer> rows) throws UnreadableStateException {
        Map<Subject, Difference> differences = new HashMap<>();
        for (LedgerStore<?, ?> store : LedgerTopology.STORES) {
            Map<Subject, Object> expected = expected(store);
            rows.put(store.name(), expected.size());
            for (int partition = 0; partition < ledger.partitions(); partition++) {
                int here = partition;
                ledger.state().read(store, partition, row -> {
                    Subject subject = new Subject(store.name(), row.ids(), here);
                    compare(subject, expected.remove(subject), row.value(), differences);
                });
            }
            expected.forEach((subject, wanted) -> compare(subject, wanted, null, differences));
        }
        compare(expectedLetters(), letters, differences);
        compare(expectedStatuses(), actualStatuses(), differences);
        startFrom(differences);
        return differences;
    }

    /** Of what differed until now: what still does. */
    private Map<Subject, Difference> lookAgain() throws UnreadableStateException {
        Map<Subject, Object> expected = expected(found.keySet());
        Map<Subject, Object> actual = new HashMap<>(letters);
        actual.putAll(actualStatuses());
        Map<Subject, Difference> differences = new HashMap<>();
        for (Subject subject : found.keySet()) {
            if (subject.partition != NOWHERE) {
                actual.put(subject, actualRow(subject));
            }
            compare(subject, expected.get(subject), actual.get(subject), differences);
        }
        startFrom(differences);
        return differences;
    }

    private Object actualRow(Subject subject) throws UnreadableStateException {
        LedgerStore<?, ?> store = LedgerTopology.STORES.stream()
                .filter(candidate -> candidate.name().equals(subject.store))
                .findFirst()
                .orElseThrow();
        return ledger.state()
                .find(store, subject.partition, store.key(subject.ids))
                .orElse(null);
    }

    private Map<Subject, Object> actualStatuses() {
        return statuses.values().stream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Whence the spend of what differs is followed from fact to fact. */
    private void startFrom(Map<Subject, Difference> differences) {
        trees.clear();
        chats.clear();
        days.clear();
        Map<String, TreeSpend> all = fold.trees();
        differences.forEach((subject, difference) -> {
            String first = subject.ids.get(0);
            if (all.containsKey(first)) {
                trees.put(first, all.get(first));
            }
            if (difference.expected instanceof ChatSpend chat) {
                chats.put(subject, chat);
            }
            if (subject.store.equals(LedgerTopology.ACCOUNT_SPEND.name())) {
                days.put(subject, TotalsRange.of(sum(difference.expected)));
            }
        });
    }

    /**
     * Drops those differences that the facts that have come since explain: the ledger may have folded any of them when it was
     * looked at. What is expected of the others is what they come to now.
     *
     * @return those of the others that facts have touched, so that nothing can be said of them yet
     */
    private Set<Subject> dropWhatFactsExplain() {
        Map<Subject, Object> expected = expected(found.keySet());
        Map<Subject, Difference> standing = new HashMap<>();
        Set<Subject> touched = new HashSet<>();
        found.forEach((subject, difference) -> {
            Object wanted = expected.get(subject);
            Set<Object> values = passed.getOrDefault(subject, Set.of());
            TotalsRange range = days.get(subject);
            if (Objects.equals(wanted, difference.actual) || contains(values, difference.actual)) {
                return;
            }
            if (range != null
                    && range.moved()
                    && isTotals(difference.actual)
                    && range.contains(sum(difference.actual))) {
                daysInMotion++;
                return;
            }
            standing.put(subject, new Difference(wanted, difference.actual));
            if (!values.isEmpty() || range != null && range.moved() || !Objects.equals(wanted, difference.expected)) {
                touched.add(subject);
            }
        });
        found = standing;
        return touched;
    }

    /** Of a day that nothing is left of there is no row. */
    private static boolean isTotals(Object value) {
        return value == null || value instanceof Totals;
    }

    private static Totals sum(Object value) {
        return value instanceof Totals totals ? totals : Totals.ZERO;
    }

    private static boolean contains(Set<Object> values, Object value) {
        return values.stream().anyMatch(passed -> Objects.equals(passed, value));
    }

    private static void compare(
            Map<Subject, ?> expected, Map<Subject, ?> actual, Map<Subject, Difference> differences) {
        Set<Subject> subjects = new HashSet<>(expected.keySet());
        subjects.addAll(actual.keySet());
        subjects.forEach(subject -> compare(subject, expected.get(subject), actual.get(subject), differences));
    }

    private static void compare(Subject subject, Object expected, Object actual, Map<Subject, Difference> differences) {
        if (!Objects.equals(expected, actual)) {
            differences.put(subject, new Difference(expected, actual));
        }
    }

    private Map<Subject, Object> expected(Set<Subject> subjects) {
        Map<Subject, Object> expected = new HashMap<>(expectedLetters());
        expected.putAll(expectedStatuses());
        for (LedgerStore<?, ?> store : LedgerTopology.STORES) {
            if (subjects.stream().anyMatch(subject -> subject.store.equals(store.name()))) {
                expected.putAll(expected(store));
            }
        }
        return expected;
    }

    private Map<Subject, Object> expected(LedgerStore<?, ?> store) {
        Map<Subject, Object> expected = new HashMap<>();
        ExpectedRows.of(fold, store).forEach((ids, value) -> expected.put(row(store, ids), value));
        return expected;
    }

    private Map<Subject, Object> expectedLetters() {
        Map<Subject, Object> expected = new HashMap<>();
        rejected.forEach((record, why) -> expected.put(letter(record, why.reason), Set.of(why.kept.content())));
        fold.deadLetters()
                .forEach((record, reason) -> expected.put(letter(record.id(), reason), Set.of(record.content())));
        return expected;
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

    private static Subject status(String name) {
        return new Subject("tree-status", List.of(name), NOWHERE);
    }

    /** The row of these ids in the partition that they belong to. */
    private Subject row(LedgerStore<?, ?> store, List<String> ids) {
        int home = Partitions.of(ids.get(0).getBytes(StandardCharsets.UTF_8), ledger.partitions());
        return new Subject(store.name(), ids, home);
    }

    // ---- in words ----

    private static String inWords(Subject subject, Difference difference) {
        if (difference.expected == null) {
            String where = subject.partition == NOWHERE ? "" : " in partition " + subject.partition;
            return subject + " is there" + where + " and should not be: " + difference.actual;
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
