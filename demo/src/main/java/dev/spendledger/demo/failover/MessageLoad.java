package dev.spendledger.demo.failover;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A chat service that writes priced messages straight to Kafka at a steady rate, whatever happens to the ledger or to the
 * broker, and remembers what was acknowledged. Every message is keyed by its root, so that its time of append and the time up
 * to which a tree's total holds every event are of one partition.
 */
final class MessageLoad implements AutoCloseable {
    private static final TopicNames NAMES = new TopicNames("");
    private static final String ACCOUNT = "account";
    private static final long COST_MOST = 1_000;
    private static final long PERIOD_MS = 5;
    /** Waiting for the broker, some time of its outage; more are not sent. */
    private static final int UNACKNOWLEDGED_MOST = 200_000;

    private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofMinutes(3);
    private final KafkaProducer<String, SpecificRecord> producer;
    private final List<Tree> trees;
    private final int rate;
    private final SplittableRandom random;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger unacknowledged = new AtomicInteger();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final AtomicLong messages = new AtomicLong();
    private ScheduledFuture<?> sending;
    private long startNanos;
    private long sent;

    /**
     * @param trees what to write to
     * @param rate messages a second
     */
    MessageLoad(String bootstrapServers, List<Tree> trees, int rate, long seed) {
        this.trees = List.copyOf(trees);
        this.rate = rate;
        this.random = new SplittableRandom(seed);
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        true,
                        ProducerConfig.LINGER_MS_CONFIG,
                        5,
                        // An outage of the broker is sat out, and none gets lost in it.
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        5_000,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        (int) ACKNOWLEDGED_WITHIN.toMillis(),
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        ACKNOWLEDGED_WITHIN.toMillis(),
                        ProducerConfig.BUFFER_MEMORY_CONFIG,
                        128L << 20),
                new StringSerializer(),
                new EventSerde(new BundledRegistry()).serializer());
    }

    /** Creates the chats of trees; returns once all are acknowledged. */
    void create(List<Tree> created) throws InterruptedException {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (Tree tree : created) {
            for (String chatId : tree.chatIds()) {
                sent.add(send(Topic.CHATS, chatId, creation(tree, chatId), place -> {}));
            }
        }
        awaitAcknowledged(sent);
    }

    private static ChatCreated creation(Tree tree, String chatId) {
        return chatId.equals(tree.rootId())
                ? new ChatCreated(chatId, null, null, ACCOUNT, tree.limitMicros(), Instant.now())
                : new ChatCreated(chatId, tree.rootId(), null, ACCOUNT, null, Instant.now());
    }

    /** Lets trees reach their limit, each by one message; returns once all are acknowledged. */
    void exhaust(List<Tree> exhausted) throws InterruptedException {
        awaitAcknowledged(
                exhausted.stream().map(tree -> send(tree, tree.limitMicros())).toList());
    }

    private static void awaitAcknowledged(List<Future<RecordMetadata>> sent) throws InterruptedException {
        for (Future<RecordMetadata> each : sent) {
            try {
                each.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("A record was not acknowledged", e.getCause());
            }
        }
    }

    /** Begins to write. */
    void start() {
        startNanos = System.nanoTime();
        sent = 0;
        sending = thread.scheduleWithFixedDelay(this::sendWhatIsDue, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    private void sendWhatIsDue() {
        try {
            trySendWhatIsDue();
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e); // Told at the end; thrown here, it would end the load in silence.
        }
    }

    private void trySendWhatIsDue() {
        long due = (System.nanoTime() - startNanos) * rate / TimeUnit.SECONDS.toNanos(1);
        while (sent < due && unacknowledged.get() < UNACKNOWLEDGED_MOST) {
            send(trees.get(random.nextInt(trees.size())), 1 + random.nextLong(COST_MOST));
            sent++;
        }
    }

    private Future<RecordMetadata> send(Tree tree, long costMicros) {
        long number = messages.incrementAndGet();
        MessagePriced message = new MessagePriced(
                "m-" + number,
                tree.chatIds().get((int) (number % tree.chatIds().size())),
                tree.rootId(),
                ACCOUNT,
                0,
                costMicros,
                null,
                null,
                null,
                Instant.now());
        return send(Topic.PRICED_MESSAGES, tree.rootId(), message, place -> {
            // The time of append: the topic has no other.
            tree.acknowledged().add(place.timestamp(), costMicros);
            acknowledged.incrementAndGet();
        });
    }

    private Future<RecordMetadata> send(
            Topic topic, String key, SpecificRecord event, Consumer<RecordMetadata> onAcknowledged) {
        unacknowledged.incrementAndGet();
        return producer.send(new ProducerRecord<>(NAMES.of(topic), key, event), (place, failed) -> {
            if (failed == null) {
                onAcknowledged.accept(place);
            } else {
                failure.compareAndSet(null, failed);
            }
            unacknowledged.decrementAndGet();
        });
    }

    /**
     * Ends writing; returns once all is acknowledged.
     *
     * @throws IllegalStateException if something was not
     */
    void stop() throws InterruptedException {
        sending.cancel(false);
        try {
            thread.submit(producer::flush).get(); // After the last that was about to be sent.
        } catch (ExecutionException e) {
            throw new IllegalStateException("The end of the messages could not be waited for", e.getCause());
        }
        if (failure.get() != null) {
            throw new IllegalStateException("Not every message was sent and acknowledged", failure.get());
        }
    }

    /** How many messages were acknowledged so far. */
    long acknowledged() {
        return acknowledged.get();
    }

    @Override
    public void close() {
        thread.shutdownNow();
        producer.close(Duration.ZERO);
    }
}
