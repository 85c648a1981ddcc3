package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.events.SpendAlert;
import dev.spendledger.events.TreeStatus;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.state.AccountChangeRow;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.Source;
import java.io.File;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The ledger's processors in several partitions, each with a log of every topic, and ledger-routing between them. Which
 * partition reads from which of its topics next is drawn at random; only the order within a topic's partition is kept, as in
 * Kafka. Needs no broker, and so knows no transaction, rebalance or restore.
 *
 * <p>The graph is wired here a second time, as {@link LedgerTopology} has it; that one is tested by {@link LedgerDriver}.
 */
final class PartitionedLedger {
    /** So few that rows are read from the stores as well. */
    private static final long RECENT = 2;

    private static final TopicNames NAMES = new TopicNames("");
    private static final Warnings WARNINGS =
            new Warnings(new Thresholds(List.of(50, 100)), Warnings.AccountLimits.NONE, Clock.systemUTC());

    private final int partitions;
    private final Random order;
    private final List<Partition> all = new ArrayList<>();
    private final RecordingObserver observer = new RecordingObserver();
    private final FactReader factReader;
    private final FactLog log;
    private final List<DeadLetter> deadLetters = new ArrayList<>();
    private final Map<String, TreeStatus> statuses = new HashMap<>();
    private final List<SpendAlert> alerts = new ArrayList<>();
    private final List<Long> routedTimes = new ArrayList<>();
    private Instant now = LedgerDriver.START;

    PartitionedLedger(int partitions, Random order) {
        this.partitions = partitions;
        this.order = order;
        factReader = new FactReader(NAMES, partitions, new EventSerde(new BundledRegistry()));
        log = new FactLog(factReader);
        for (int i = 0; i < partitions; i++) {
            all.add(new Partition(i));
        }
    }

    /** Appends a fact to the partition of its key; nothing is handled yet. */
    void append(Fact fact) {
        append(fact, Partitions.of(fact.key(), partitions));
    }

    /** Appends a fact to any partition, as a producer with another partitioner does; nothing is handled yet. */
    void append(Fact fact, int partition) {
        long offset =
                all.get(partition).append(fact.topic(), fact.key(), fact.value(), fact.headers(), now.toEpochMilli());
        log.append(
                new Source(NAMES.of(fact.topic()), partition, offset, now, fact.key(), fact.value(), fact.headers()));
        now = now.plusMillis(1);
    }

    /** Appends a fact of a story where its producer put it; nothing is handled yet. */
    void append(Story.Told told) {
        append(told.step().fact(), told.partition(partitions));
    }

    /** Appends a fact and handles all there is. */
    void accept(Fact fact) {
        append(fact);
        run();
    }

    /** Handles everything there is, and everything that follows from it. */
    void run() {
        while (step()) {
            // On to the next.
        }
    }

    /** Handles one record. Answers whether there was one. */
    boolean step() {
        List<Runnable> next = new ArrayList<>();
        for (Partition partition : all) {
            partition.logs.forEach((topic, log) -> {
                if (!log.isEmpty()) {
                    next.add(() -> partition.handle(topic, log.remove()));
                }
            });
        }
        if (next.isEmpty()) {
            return false;
        }
        next.get(order.nextInt(next.size())).run();
        return true;
    }

    /** Everything read so far is to be read again, as when the consumer's offsets are set back over a state that is kept. */
    void setBackAllOffsets() {
        all.forEach(Partition::setBackOffsets);
    }

    /** Takes a chat out of its tree, as a bug might. */
    void forgetMember(String rootChatId, String chatId) {
        all.get(Partitions.of(rootChatId, partitions))
                .store(LedgerTopology.SPEND_BY_CHAT)
                .delete(StoreKeys.of(rootChatId, chatId));
    }

    /** Overwrites a row with bytes that are none, or puts one there, as a broken disk or a bug might. */
    void breakRow(int partition, LedgerStore<?, ?> store, Bytes key) {
        LedgerDriver.breakRow(all.get(partition).store(store), key);
    }

    /** Closes the processors of a partition and makes new ones on the same stores, as when it moves to another instance. */
    void restart(int partition) {
        all.get(partition).restart();
    }

    /** Closes a partition, whichever, and opens it again. */
    void restartAny() {
        restart(order.nextInt(partitions));
    }

    /** Every row of every store, by its ids. */
    Map<String, Map<List<String>, Object>> rows() {
        return FactLog.rows(stores());
    }

    LedgerState state() {
        return LedgerState.of(stores());
    }

    private List<LedgerState.Stores> stores() {
        return all.stream()
                .map(partition -> (LedgerState.Stores) partition::store)
                .toList();
    }

    List<DeadLetter> deadLetters() {
        return deadLetters;
    }

    /** All records of spend-alerts so far, in the order in which they were written. */
    List<SpendAlert> alerts() {
        return alerts;
    }

    /** The latest record of tree-status of each root; a tombstone takes it away. */
    Map<String, TreeStatus> statuses() {
        return statuses;
    }

    RecordingObserver observer() {
        return observer;
    }

    /** The times that the records of ledger-routing were stamped with, in the order they were written. */
    List<Long> routedTimes() {
        return routedTimes;
    }

    /** Checks all of the state, once nothing is under way. */
    void assertBooksBalance() {
        LedgerState state = state();
        state.assertBooksBalance();
        log.assertLedgerHasJustThis(stores(), deadLetters);
        assertThat(observer.parkedMessages()).as("parked messages heard of").isEqualTo(state.parkedMessageRows());
        assertThat(observer.deadLetters)
                .as("dead letters heard of")
                .isEqualTo(deadLetters.stream().map(DeadLetter::reason).toList());
        state.trees().forEach((root, tree) -> {
            assertThat(statuses.containsKey(root))
                    .as("%s is said to be exhausted", root)
                    .isEqualTo(tree.exhausted());
            if (tree.exhausted()) {
                assertThat(statuses.get(root).getSpentMicros())
                        .isEqualTo(tree.totals().spentMicros());
                assertThat(statuses.get(root).getLimitOffset())
                        .isEqualTo(tree.limit().offset());
            }
        });
    }

    /** Checks the stores alone, after records were read twice: their dead letters are there twice. */
    void assertStoresAreAsTheLogSays() {
        state().assertBooksBalance();
        log.assertStoresHaveJustThis(stores());
    }

    private record LogRecord(byte[] key, byte[] value, Headers headers, long time, long offset) {}

    private final class Partition {
        private final int number;
        private final Map<Topic, Queue<LogRecord>> logs = new EnumMap<>(Topic.class);
        private final Map<Topic, List<LogRecord>> handled = new EnumMap<>(Topic.class);
        private final Map<Topic, Long> ends = new EnumMap<>(Topic.class);
        private final List<StateStore> stores = new ArrayList<>();
        private Context<Object, Object> acceptContext;
        private AcceptProcessor accept;
        private ResolveRootProcessor resolveRoot;
        private FoldSpendProcessor foldSpend;
        private Context<Object, Object> accountsContext;
        private AccountSpendProcessor accounts;

        Partition(int number) {
            this.number = number;
            LedgerTopology.SOURCES.forEach(topic -> logs.put(topic, new ArrayDeque<>()));
            logs.put(Topic.ACCOUNT_DELTAS, new ArrayDeque<>());
            Context<Object, Object> owner = new Context<>(number);
            LedgerTopology.STORES.forEach(store -> add(owner, store));
            start();
        }

        private <K, V> void add(Context<?, ?> owner, LedgerStore<K, V> kind) {
            KeyValueStore<K, V> store = kind.builder(Stores.inMemoryKeyValueStore(kind.name()))
                    .withLoggingDisabled()
                    .build();
            store.init(owner.getStateStoreContext(), store);
            stores.add(store);
        }

        private void start() {
            accept = new AcceptProcessor(new EventReader(NAMES, factReader), observer);
            resolveRoot = new ResolveRootProcessor(partitions, RECENT, observer);
            foldSpend = new FoldSpendProcessor(RECENT, WARNINGS.thresholds(), observer);

            acceptContext = context();
            acceptContext.to(LedgerTopology.RESOLVE_ROOT, record -> resolveRoot.process(cast(record)));
            acceptContext.to(LedgerTopology.DEAD_LETTERS_SINK, record -> bury(cast(record)));
            Context<Object, Object> resolveContext = context();
            resolveContext.to(LedgerTopology.FOLD_SPEND, record -> foldSpend.process(cast(record)));
            resolveContext.to(LedgerTopology.ROUTING_SINK, record -> route(cast(record)));
            resolveContext.to(LedgerTopology.DEAD_LETTERS_SINK, record -> bury(cast(record)));
            Context<String, Object> foldContext = context();
            foldContext.to(LedgerTopology.TREE_STATUS_SINK, record -> say(cast(record)));
            foldContext.to(LedgerTopology.SPEND_ALERTS_SINK, record -> alert(cast(record)));
            foldContext.to(LedgerTopology.ACCOUNT_DELTAS_SINK, record -> tellAccount(cast(record)));
            accounts = new AccountSpendProcessor(partitions, RECENT, WARNINGS, observer);
            accountsContext = context();
            accountsContext.to(LedgerTopology.SPEND_ALERTS_SINK, record -> alert(cast(record)));
            accountsContext.to(LedgerTopology.DEAD_LETTERS_SINK, record -> bury(cast(record)));
            accounts.init(accountsContext);

            accept.init(acceptContext);
            resolveRoot.init(resolveContext);
            foldSpend.init(foldContext);
        }

        private <K, V> Context<K, V> context() {
            Context<K, V> context = new Context<>(number);
            stores.forEach(context::addStateStore);
            return context;
        }

        void restart() {
            accept.close();
            resolveRoot.close();
            foldSpend.close();
            accounts.close();
            start();
        }

        long append(Topic topic, byte[] key, byte[] value, Headers headers, long time) {
            long offset = ends.merge(topic, 1L, Long::sum) - 1;
            logs.get(topic).add(new LogRecord(key, value, headers, time, offset));
            return offset;
        }

        void setBackOffsets() {
            handled.forEach((topic, records) -> {
                if (topic != Topic.ACCOUNT_DELTAS) { // Of these nothing is left once it is read.
                    logs.get(topic).addAll(records);
                }
            });
            handled.clear();
        }

        void handle(Topic topic, LogRecord record) {
            handled.computeIfAbsent(topic, key -> new ArrayList<>()).add(record);
            Record<byte[], byte[]> read = new Record<>(record.key(), record.value(), record.time(), record.headers());
            if (topic == Topic.ACCOUNT_DELTAS) {
                accountsContext.setRecordMetadata(NAMES.of(topic), number, record.offset());
                accounts.process(read);
            } else {
                acceptContext.setRecordMetadata(NAMES.of(topic), number, record.offset());
                accept.process(read);
            }
        }

        @SuppressWarnings("unchecked")
        <K, V> KeyValueStore<K, V> store(LedgerStore<K, V> wanted) {
            return (KeyValueStore<K, V>) stores.stream()
                    .filter(store -> store.name().equals(wanted.name()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void route(Record<String, Object> record) {
        byte[] key = Fact.utf8(record.key());
        byte[] value = LedgerTopology.ROUTING_SERDE.serializer().serialize("any", record.value());
        routedTimes.add(record.timestamp());
        all.get(Partitions.of(key, partitions))
                .append(Topic.LEDGER_ROUTING, key, value, new RecordHeaders(), record.timestamp());
    }

    private void tellAccount(Record<String, AccountChangeRow> record) {
        byte[] key = Fact.utf8(record.key());
        byte[] value = LedgerTopology.ACCOUNT_CHANGE_SERDE.serializer().serialize("any", record.value());
        all.get(Partitions.of(key, partitions))
                .append(Topic.ACCOUNT_DELTAS, key, value, new RecordHeaders(), record.timestamp());
    }

    private void bury(Record<byte[], byte[]> record) {
        deadLetters.add(new DeadLetter(record.key(), record.value(), record.headers(), record.timestamp()));
    }

    private void alert(Record<String, SpendAlert> record) {
        alerts.add(record.value());
    }

    private void say(Record<String, TreeStatus> record) {
        if (record.value() == null) {
            statuses.remove(record.key());
        } else {
            statuses.put(record.key(), record.value());
        }
    }

    /** The types of the graph's edges are known to {@link LedgerTopology} alone. */
    @SuppressWarnings("unchecked")
    private static <K, V> Record<K, V> cast(Record<?, ?> record) {
        return (Record<K, V>) record;
    }

    /** Hands on at once what is forwarded, as Streams does. */
    private static final class Context<K, V> extends MockProcessorContext<K, V> {
        private final Map<String, Consumer<Record<?, ?>>> children = new HashMap<>();

        Context(int partition) {
            super(properties(), new TaskId(0, partition), new File("target"));
            setCurrentSystemTimeMs(LedgerDriver.START.toEpochMilli());
        }

        private static Properties properties() {
            Properties properties = new Properties();
            properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "partitioned");
            properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
            return properties;
        }

        void to(String child, Consumer<Record<?, ?>> handler) {
            children.put(child, handler);
        }

        @Override
        public <KF extends K, VF extends V> void forward(Record<KF, VF> record, String childName) {
            children.get(childName).accept(record);
        }
    }
}
