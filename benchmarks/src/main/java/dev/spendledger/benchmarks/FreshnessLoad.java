package dev.spendledger.benchmarks;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends priced messages at a fixed rate, whatever becomes of those before, spread over trees. Some of them, 100 to 199 a second
 * where there are so many, are of trees that get no others, so that a sum tells which of them is in it: these are watched.
 */
final class FreshnessLoad implements AutoCloseable {
    /** A limit that is never reached: without one, a check shows no sum. */
    private static final long LIMIT_MICROS = 1_000_000_000_000L;

    private static final int TREES = 1_000;
    /** The first of these. */
    private static final int WATCHED_TREES = 100;

    private static final int ACCOUNTS = 100;

    private static final int WATCHED_PER_SECOND = 100;
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    /** What is due within it is sent together: to be woken for each message would cost more than to send it. */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final TopicNames NAMES = new TopicNames("");

    private final SightWatcher watcher;
    private final KafkaProducer<String, SpecificRecord> producer;
    /** By the watched trees, in micros, a message each. */
    private final long[] spent = new long[WATCHED_TREES];

    private long sent;
    private long watched;

    /**
     * One run.
     *
     * @param times from acknowledgement to sight, in microseconds
     * @param producedPerSecond how many messages a second were really acknowledged
     */
    record Run(Histogram times, double producedPerSecond) {}

    FreshnessLoad(URI url, String bootstrapServers) {
        this.watcher = new SightWatcher(url);
        this.producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers, ProducerConfig.ACKS_CONFIG, "all"),
                new StringSerializer(),
                new EventSerde(new BundledRegistry()).serializer());
    }

    /** Creates the trees, each a root with one child, and waits until a check of each child shows its limit. */
    void prepare() throws InterruptedException, ExecutionException {
        List<CompletableFuture<Long>> created = new ArrayList<>();
        for (int tree = 0; tree < TREES; tree++) {
            created.add(send(
                    Topic.CHATS,
                    root(tree),
                    new ChatCreated(root(tree), null, null, account(tree), LIMIT_MICROS, Instant.now())));
            created.add(send(
                    Topic.CHATS,
                    child(tree),
                    new ChatCreated(child(tree), root(tree), null, account(tree), null, Instant.now())));
        }
        await(created);
        for (int tree = 0; tree < TREES; tree++) {
            // One by one: to ask for all of them would keep the ledger from creating them.
            watcher.seen(child(tree), 0, System.nanoTime()).get();
        }
    }

    /**
     * One run. It ends once all messages are acknowledged and those that are watched are seen.
     *
     * @param rate messages a second
     */
    Run run(int rate, Duration duration, Keyed keyed) throws InterruptedException, ExecutionException {
        Histogram times = new ConcurrentHistogram(3);
        List<CompletableFuture<?>> all = new ArrayList<>();
        int watchedEach = Math.max(1, rate / WATCHED_PER_SECOND);
        long count = rate * duration.toSeconds();
        long startNanos = System.nanoTime();
        for (long i = 0; i < count; i++) {
            parkUntil(startNanos + NANOS_PER_SECOND * i / rate);
            all.add(i % watchedEach == 0 ? sendWatched(keyed, times) : sendUnwatched(keyed));
        }
        parkUntil(startNanos + duration.toNanos());
        producer.flush();
        double seconds = (System.nanoTime() - startNanos) / (double) NANOS_PER_SECOND;
        await(all);
        return new Run(times, count / seconds);
    }

    private CompletableFuture<?> sendWatched(Keyed keyed, Histogram times) {
        int tree = (int) (watched++ % WATCHED_TREES);
        long sum = ++spent[tree];
        return send(tree, keyed)
                .thenCompose(acknowledgedNanos -> watcher.seen(child(tree), sum, acknowledgedNanos)
                        .thenAccept(seenNanos ->
                                times.recordValue(TimeUnit.NANOSECONDS.toMicros(seenNanos - acknowledgedNanos))));
    }

    private CompletableFuture<?> sendUnwatched(Keyed keyed) {
        return send(WATCHED_TREES + (int) (sent % (TREES - WATCHED_TREES)), keyed);
    }

    private CompletableFuture<Long> send(int tree, Keyed keyed) {
        boolean routed = keyed.isRouted();
        MessagePriced message = new MessagePriced(
                "m-" + sent++,
                child(tree),
                routed ? null : root(tree),
                account(tree),
                0,
                1L,
                null,
                null,
                null,
                Instant.now());
        return send(Topic.PRICED_MESSAGES, routed ? child(tree) : root(tree), message);
    }

    /** When the producer has heard that the event is acknowledged, as {@link System#nanoTime()}. */
    private CompletableFuture<Long> send(Topic topic, String key, SpecificRecord event) {
        CompletableFuture<Long> acknowledged = new CompletableFuture<>();
        producer.send(new ProducerRecord<>(NAMES.of(topic), key, event), (place, failure) -> {
            if (failure == null) {
                acknowledged.complete(System.nanoTime());
            } else {
                acknowledged.completeExceptionally(failure);
            }
        });
        return acknowledged;
    }

    private static void await(List<? extends CompletableFuture<?>> all)
            throws InterruptedException, ExecutionException {
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
    }

    private static void parkUntil(long nanos) {
        long left;
        while ((left = nanos - System.nanoTime()) > 0) {
            LockSupport.parkNanos(Math.max(TICK_NANOS, left));
        }
    }

    private static String root(int tree) {
        return "root-" + tree;
    }

    private static String child(int tree) {
        return "child-" + tree;
    }

    private static String account(int tree) {
        return "account-" + tree % ACCOUNTS;
    }

    @Override
    public void close() {
        try (watcher) {
            producer.close();
        }
    }
}
