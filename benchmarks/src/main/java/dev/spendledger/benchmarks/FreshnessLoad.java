package dev.spendledger.benchmarks;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends priced messages at a fixed rate, each to the tree that has rested longest, and after each asks for a check again and
 * again until it shows the new sum.
 */
final class FreshnessLoad implements AutoCloseable {
    /** A limit that is never reached: without one, a check shows no sum. */
    private static final long LIMIT_MICROS = 1_000_000_000_000L;

    private static final int TREES = 100;
    /** How many messages may be watched at once; each is watched by a thread that keeps asking. */
    private static final int WATCHERS = 4;

    private static final Duration SEEN_WITHIN = Duration.ofSeconds(20);
    private static final Pattern SPENT = Pattern.compile("\"spent_micros\":(\\d+)");
    private static final TopicNames NAMES = new TopicNames("");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService watchers = Executors.newFixedThreadPool(WATCHERS);
    private final KafkaProducer<String, SpecificRecord> producer;
    private final URI url;
    private final boolean routed;
    private long sent;

    /**
     * @param routed whether messages are keyed by their chat, which is a child; else by their root
     */
    FreshnessLoad(URI url, String bootstrapServers, boolean routed) {
        this.url = url;
        this.routed = routed;
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "linger.ms", "0"),
                new StringSerializer(),
                new EventSerde(new BundledRegistry()).serializer());
    }

    /** Creates the trees, each a root with one child, and waits until a check of each child shows its limit. */
    void prepare() throws InterruptedException, ExecutionException, IOException, TimeoutException {
        for (int tree = 0; tree < TREES; tree++) {
            send(Topic.CHATS, root(tree), new ChatCreated(root(tree), null, null, "a", LIMIT_MICROS, Instant.now()));
            send(Topic.CHATS, child(tree), new ChatCreated(child(tree), root(tree), null, "a", null, Instant.now()));
        }
        for (int tree = 0; tree < TREES; tree++) {
            awaitSpent(tree, 0);
        }
    }

    /**
     * One run.
     *
     * @param rate messages a second
     * @return the times from acknowledgement to sight, in microseconds
     */
    Histogram run(int rate, Duration duration)
            throws InterruptedException, ExecutionException, IOException, TimeoutException {
        Histogram histogram = new ConcurrentHistogram(3);
        List<Future<?>> watches = new ArrayList<>();
        long startNanos = System.nanoTime();
        long count = rate * duration.toSeconds();
        for (long i = 0; i < count; i++) {
            sleepUntil(startNanos + TimeUnit.SECONDS.toNanos(1) * i / rate);
            long number = sent++;
            watches.add(watchers.submit(() -> {
                histogram.recordValue(sendAndWatch(number));
                return null;
            }));
        }
        for (Future<?> watch : watches) {
            watch.get();
        }
        return histogram;
    }

    private long sendAndWatch(long number)
            throws InterruptedException, ExecutionException, IOException, TimeoutException {
        int tree = (int) (number % TREES);
        MessagePriced message = new MessagePriced(
                "m-" + number, child(tree), routed ? null : root(tree), "a", 0, 1L, null, null, null, Instant.now());
        send(Topic.PRICED_MESSAGES, routed ? child(tree) : root(tree), message);
        long acknowledgedNanos = System.nanoTime();
        awaitSpent(tree, number / TREES + 1);
        return TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - acknowledgedNanos);
    }

    private void send(Topic topic, String key, SpecificRecord event) throws InterruptedException, ExecutionException {
        producer.send(new ProducerRecord<>(NAMES.of(topic), key, event)).get();
    }

    private void awaitSpent(int tree, long micros) throws IOException, InterruptedException, TimeoutException {
        HttpRequest check = HttpRequest.newBuilder(url.resolve("/v1/chats/" + child(tree) + "/check"))
                .POST(BodyPublishers.noBody())
                .build();
        long endNanos = System.nanoTime() + SEEN_WITHIN.toNanos();
        while (spent(http.send(check, BodyHandlers.ofString()).body()) < micros) {
            if (System.nanoTime() - endNanos > 0) {
                throw new TimeoutException(
                        "No check of " + child(tree) + " has shown " + micros + " micros within " + SEEN_WITHIN);
            }
        }
    }

    /** The sum that a reply shows; -1 if it shows none. */
    private static long spent(String reply) {
        Matcher matcher = SPENT.matcher(reply);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
    }

    private static void sleepUntil(long nanos) {
        long left;
        while ((left = nanos - System.nanoTime()) > 0) {
            LockSupport.parkNanos(left);
        }
    }

    private static String root(int tree) {
        return "root-" + tree;
    }

    private static String child(int tree) {
        return "child-" + tree;
    }

    @Override
    public void close() {
        watchers.shutdownNow();
        producer.close();
        // The JDK's HTTP client of Java 17 ends with its last reference.
    }
}
