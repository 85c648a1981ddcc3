package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.events.SpendAlert;
import dev.spendledger.events.TreeStatus;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.RegistryUnavailableException;
import dev.spendledger.schemas.SchemaRegistry;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The whole topology in a TopologyTestDriver, spoken to in facts. As an extension it ends every test by checking that the
 * books balance.
 *
 * <p>The driver is blind to much: it has one task, of partition 0, which handles each record to its end (every routed record
 * included) before the next; it commits after each, hashes no keys, and knows no rebalance, restore or transaction. What
 * happens between partitions is the subject of {@link PartitionedLedgerTest}; the rest needs a broker.
 */
final class LedgerDriver implements AfterEachCallback, AutoCloseable {
    /** When the first record is appended; each one after it a millisecond later. */
    static final Instant START = Instant.parse("2026-11-23T12:00:00Z");

    /** The id of a schema that only a registry knows which is lost. */
    static final byte LOST_SCHEMA_ID = 43;

    static final TopicNames NAMES = new TopicNames("test.");

    private final RecordingObserver observer = new RecordingObserver();
    /** Of its own, so that several can be open at once. */
    private final File stateDir = new File("target/streams/" + UUID.randomUUID());

    private final TopologyTestDriver driver;
    private final Map<Topic, TestInputTopic<byte[], byte[]>> inputs = new HashMap<>();
    private final TestOutputTopic<byte[], byte[]> deadLettersOutput;
    private final TestOutputTopic<String, TreeStatus> statusOutput;
    private final TestOutputTopic<String, SpendAlert> alertsOutput;
    private final List<DeadLetter> deadLetters = new ArrayList<>();
    private final List<TestRecord<String, TreeStatus>> statuses = new ArrayList<>();
    private Instant now = START;

    /** A ledger of one partition. */
    LedgerDriver() {
        this(1, null);
    }

    /**
     * Partition 0 of a ledger of several. What it routes to another partition would come back to it for ever: only good for
     * records that belong here, or that nothing is routed for.
     *
     * @param observer hears beside the driver's own; null = none
     */
    LedgerDriver(int partitions, LedgerObserver observer) {
        // None in memory: tests take rows out of the stores, and put others in.
        this(partitions, observer, Warnings.NONE, 0);
    }

    /** A ledger of one partition that warns. */
    LedgerDriver(Warnings warnings) {
        this(1, null, warnings, 1_000);
    }

    private LedgerDriver(int partitions, LedgerObserver observer, Warnings warnings, long recentRows) {
        LedgerObserver both = observer == null ? this.observer : this.observer.and(observer);
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "ledger");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        properties.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, InternalErrorHandler.class.getName());
        properties.put(InternalErrorHandler.DEAD_LETTERS_TOPIC, NAMES.of(Topic.DEAD_LETTERS));
        properties.put(InternalErrorHandler.OBSERVER, both);
        EventSerde events = new EventSerde(new LosableRegistry());
        driver = new TopologyTestDriver(
                LedgerTopology.build(NAMES, partitions, events, warnings, both, recentRows), properties, START);
        for (Topic input : LedgerTopology.INPUTS) {
            inputs.put(
                    input,
                    driver.createInputTopic(NAMES.of(input), new ByteArraySerializer(), new ByteArraySerializer()));
        }
        deadLettersOutput = driver.createOutputTopic(
                NAMES.of(Topic.DEAD_LETTERS), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        alertsOutput =
                driver.createOutputTopic(NAMES.of(Topic.SPEND_ALERTS), new StringDeserializer(), (topic, bytes) ->
                        (SpendAlert) events.deserializer().deserialize(topic, bytes));
        statusOutput = driver.createOutputTopic(NAMES.of(Topic.TREE_STATUS), new StringDeserializer(), (topic, bytes) ->
                (TreeStatus) events.deserializer().deserialize(topic, bytes));
    }

    /** The registry of the jar, which does not answer for one id. */
    private static final class LosableRegistry implements SchemaRegistry {
        private final SchemaRegistry bundled = new BundledRegistry();

        @Override
        public int idOf(String subject, Schema schema) {
            return bundled.idOf(subject, schema);
        }

        @Override
        public Schema byId(int id) {
            if (id == LOST_SCHEMA_ID) {
                throw new RegistryUnavailableException("The schema registry does not answer.", null);
            }
            return bundled.byId(id);
        }
    }

    // ---- what comes in ----

    Fact.ChatBuilder chat(String chatId) {
        return new Fact.ChatBuilder(chatId, this::accept);
    }

    Fact.MessageBuilder message(String messageId, String chatId) {
        return new Fact.MessageBuilder(messageId, chatId, this::accept);
    }

    void limit(String rootChatId, long micros) {
        accept(Fact.limit(rootChatId, micros));
    }

    void noLimit(String rootChatId) {
        accept(Fact.limit(rootChatId, null));
    }

    void rubbish(Topic topic, String key, byte[] value) {
        accept(Fact.raw(topic, Fact.utf8(key), value));
    }

    /** The ledger's word to itself, as nobody but the ledger should send it. */
    void route(String addressee, Object body) {
        rubbish(
                Topic.LEDGER_ROUTING,
                addressee,
                LedgerTopology.ROUTING_SERDE.serializer().serialize("any", body));
    }

    /** Appends a record, and handles it and all that follows from it. */
    void accept(Fact fact) {
        inputs.get(fact.topic()).pipeInput(new TestRecord<>(fact.key(), fact.value(), fact.headers(), now));
        now = now.plusMillis(1);
        deadLettersOutput
                .readRecordsToList()
                .forEach(letter -> deadLetters.add(
                        new DeadLetter(letter.key(), letter.value(), letter.headers(), letter.timestamp())));
        statuses.addAll(statusOutput.readRecordsToList());
    }

    /** Lets time pass, and handles all that comes of it. */
    void passTime(Duration time) {
        driver.advanceWallClockTime(time);
    }

    /** Overwrites a row with bytes that are none, as a broken disk or a bug might. Answers what it held. */
    byte[] breakRow(LedgerStore<?, ?> store, Bytes key) {
        byte[] whole = LedgerStore.bytesOf(store(store)).get(key);
        breakRow(store(store), key);
        return whole;
    }

    static void breakRow(KeyValueStore<?, ?> store, Bytes key) {
        LedgerStore.bytesOf(store).put(key, new byte[] {1, 2, 3});
    }

    /** Puts bytes in the place of a row; null = takes it away. */
    void putRow(LedgerStore<?, ?> store, Bytes key, byte[] value) {
        LedgerStore.bytesOf(store(store)).put(key, value);
    }
    // ---- what comes out ----

    /** The tree of this root; null if there is none. */
    TreeSpend tree(String rootChatId) {
        return store(LedgerTopology.SPEND_BY_ROOT).get(rootChatId);
    }

    /** A member and its own spend; null if it is none. */
    ChatSpend chatSpend(String rootChatId, String chatId) {
        return store(LedgerTopology.SPEND_BY_CHAT).get(StoreKeys.of(rootChatId, chatId));
    }

    long spent(String rootChatId) {
        return tree(rootChatId).totals().spentMicros();
    }

    long spent(String rootChatId, String chatId) {
        return chatSpend(rootChatId, chatId).totals().spentMicros();
    }

    Lineage lineage(String chatId) {
        return store(LedgerTopology.ROOT_BY_CHAT).get(chatId);
    }

    /** What the facts seen of a message come to in one tree; null if none was seen. */
    Message messageOf(String rootChatId, String messageId) {
        return store(LedgerTopology.MESSAGE_REVISIONS).get(StoreKeys.of(rootChatId, messageId));
    }

    /** What an account spent on a day. */
    Totals accountDay(String accountId, LocalDate day) {
        return store(LedgerTopology.ACCOUNT_SPEND)
                .get(StoreKeys.ofDay(accountId, day))
                .totals();
    }

    LedgerState state() {
        return LedgerState.of(List.of(this::store));
    }

    List<DeadLetter> deadLetters() {
        return deadLetters;
    }

    List<RejectReason> deadLetterReasons() {
        return deadLetters.stream().map(DeadLetter::reason).toList();
    }

    /** The only dead letter there is. */
    DeadLetter deadLetter() {
        assertThat(deadLetters).hasSize(1);
        return deadLetters.get(0);
    }

    /** The records of spend-alerts since this was asked last. */
    List<TestRecord<String, SpendAlert>> alerts() {
        return alertsOutput.readRecordsToList();
    }

    /** All records of tree-status so far; a null value is a tombstone. */
    List<TestRecord<String, TreeStatus>> statuses() {
        return statuses;
    }

    /** As {@link #statuses()}, in words: "c-1 100 of 50", or "c-1 within". */
    List<String> statusesInWords() {
        return statuses.stream()
                .map(status -> status.key()
                        + (status.value() == null
                                ? " within"
                                : " " + status.value().getSpentMicros() + " of "
                                        + status.value().getLimitMicros()))
                .toList();
    }

    RecordingObserver observer() {
        return observer;
    }

    private <K, V> KeyValueStore<K, V> store(LedgerStore<K, V> store) {
        return driver.getKeyValueStore(store.name());
    }

    // ---- at the end ----

    /** Checks what holds at every moment, in the stores and in what was said of them. */
    void assertBooksBalance() {
        LedgerState state = state();
        state.assertBooksBalance();
        assertThat(observer.deadLetters).as("dead letters heard of").isEqualTo(deadLetterReasons());
        assertThat(observer.parkedMessages()).as("parked messages heard of").isEqualTo(state.parkedMessageRows());
        Map<String, TreeStatus> latest = new HashMap<>();
        statuses.forEach(status -> latest.put(status.key(), status.value()));
        state.trees().forEach((root, tree) -> {
            TreeStatus status = latest.get(root);
            assertThat(status != null).as("%s is said to be exhausted", root).isEqualTo(tree.exhausted());
            if (status != null) {
                assertThat(status.getSpentMicros()).isEqualTo(tree.totals().spentMicros());
                assertThat(status.getLimitMicros())
                        .isEqualTo(tree.effectiveLimitMicros().orElseThrow());
                assertThat(status.getLimitOffset()).isEqualTo(tree.limit().offset());
            }
        });
    }

    @Override
    public void afterEach(ExtensionContext context) {
        try (this) {
            if (context.getExecutionException().isEmpty()) {
                assertBooksBalance();
            }
        }
    }

    @Override
    public void close() {
        driver.close();
        try {
            Utils.delete(stateDir);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
