package dev.spendledger.benchmarks;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes trees, chats and messages straight to Kafka, each known by its number. All ids are UUIDs: 36 characters that share
 * nothing, as those of a chat service do. Messages are keyed by their root if nothing else is said, and name a model and tokens.
 */
final class Facts implements AutoCloseable {
    /** Never reached. */
    private static final long LIMIT_MICROS = 1_000_000_000_000L;

    private static final long COST_MICROS = 12_345;
    private static final long INPUT_TOKENS = 3_000;
    private static final long OUTPUT_TOKENS = 500;
    private static final String MODEL = "a-model-of-2026";
    private static final int ACCOUNTS = 100;
    private static final TopicNames NAMES = new TopicNames("");

    private final KafkaProducer<String, SpecificRecord> producer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    Facts(String bootstrapServers) {
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.LINGER_MS_CONFIG,
                        5),
                new StringSerializer(),
                new EventSerde(new BundledRegistry()).serializer());
    }

    /** The id of a tree's root. */
    static String rootId(int tree) {
        return id("root", tree);
    }

    /** The id of a chat below a root. */
    static String chatId(int chat) {
        return id("chat", chat);
    }

    /** The id of whatever else has a number. */
    static String id(String kind, int number) {
        return UUID.nameUUIDFromBytes((kind + number).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    private static String account(int tree) {
        return id("account", tree % ACCOUNTS);
    }

    /** Creates trees, a root each with a limit: those with the numbers {@code from} to {@code to - 1}. */
    void trees(int from, int to) {
        for (int tree = from; tree < to; tree++) {
            send(
                    Topic.CHATS,
                    rootId(tree),
                    new ChatCreated(rootId(tree), null, null, account(tree), LIMIT_MICROS, Instant.now()));
        }
        awaitAll();
    }

    /**
     * Creates chats below roots, one tree after the other in turn.
     *
     * @param trees among how many
     */
    void chats(int from, int to, int trees) {
        for (int chat = from; chat < to; chat++) {
            int tree = chat % trees;
            String id = id("chat", chat);
            send(Topic.CHATS, id, new ChatCreated(id, rootId(tree), rootId(tree), account(tree), null, Instant.now()));
        }
        awaitAll();
    }

    /**
     * Prices messages of the chats below roots, one chat after the other in turn.
     *
     * @param trees among how many
     * @param chats how many of them there are
     */
    void messages(int from, int to, int trees, int chats) {
        messages(from, to, trees, chats, Keyed.HOME);
    }

    /** The same, keyed by something else. */
    void messages(int from, int to, int trees, int chats, Keyed keyed) {
        for (int message = from; message < to; message++) {
            int chat = message % chats;
            int tree = chat % trees;
            String root = rootId(tree);
            String child = id("chat", chat);
            send(
                    Topic.PRICED_MESSAGES,
                    keyed.isRouted() ? child : root,
                    new MessagePriced(
                            id("message", message),
                            child,
                            keyed.isRouted() ? null : root,
                            account(tree),
                            0,
                            COST_MICROS,
                            MODEL,
                            INPUT_TOKENS,
                            OUTPUT_TOKENS,
                            Instant.now()));
        }
        awaitAll();
    }

    /** Creates one tree by the id of its root, with a limit; not waited for. */
    void root(String root) {
        send(Topic.CHATS, root, new ChatCreated(root, null, null, account(0), LIMIT_MICROS, Instant.now()));
    }

    /** Creates one chat below another; not waited for. */
    void chat(String chat, String parent, String root) {
        send(Topic.CHATS, chat, new ChatCreated(chat, parent, root, account(0), null, Instant.now()));
    }

    /** Prices one message; not waited for. */
    void message(String message, String chat, String root, long costMicros) {
        send(
                Topic.PRICED_MESSAGES,
                root,
                new MessagePriced(
                        message,
                        chat,
                        root,
                        account(0),
                        0,
                        costMicros,
                        MODEL,
                        INPUT_TOKENS,
                        OUTPUT_TOKENS,
                        Instant.now()));
    }

    private void send(Topic topic, String key, SpecificRecord event) {
        producer.send(new ProducerRecord<>(NAMES.of(topic), key, event), (place, failed) -> {
            if (failed != null) {
                failure.compareAndSet(null, failed);
            }
        });
    }

    /**
     * Waits until Kafka has acknowledged all.
     *
     * @throws IllegalStateException if it has not
     */
    void awaitAll() {
        producer.flush();
        if (failure.get() != null) {
            throw new IllegalStateException("A fact was not acknowledged", failure.get());
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
