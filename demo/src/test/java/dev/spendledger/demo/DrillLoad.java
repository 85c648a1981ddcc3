package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes the facts of a drill at a steady pace, whatever happens to the broker: what is not acknowledged is sent again until
 * it is. Remembers where each acknowledged record lies.
 */
final class DrillLoad implements AutoCloseable {
    /** At most this many a second; what a busy machine leaves of it. */
    private static final int FACTS_PER_SECOND = 1_000;

    private static final int BATCH = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final DrillFacts facts;
    private final Random random;
    private final KafkaProducer<byte[], byte[]> producer;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final Map<Place, ProducerRecord<byte[], byte[]>> acknowledged = new ConcurrentHashMap<>();
    private ScheduledFuture<?> sending;

    /** Where a record lies in the log. */
    record Place(String topic, int partition, long offset) {}

    DrillLoad(String bootstrapServers, DrillFacts facts, long seed) {
        this.facts = facts;
        this.random = new Random(seed);
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        true,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        5_000,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        (int) PATIENCE.toMillis(),
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        PATIENCE.toMillis()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    void start() {
        long periodMs = BATCH * 1_000 / FACTS_PER_SECOND;
        sending = thread.scheduleWithFixedDelay(() -> send(facts.next(BATCH)), 0, periodMs, TimeUnit.MILLISECONDS);
    }

    /** Returns once so many more facts are acknowledged, from some to this many. */
    void awaitSomeOf(int most) {
        awaitMore(1 + random.nextInt(most));
    }

    void awaitMore(int count) {
        int target = acknowledged.size() + count;
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
            assertThat(sending.isDone())
                    .as("the load has ended by itself: %s", sending)
                    .isFalse();
            return acknowledged.size() >= target;
        });
    }

    /** Stops writing; returns once all that was written is acknowledged. */
    void pause() throws Exception {
        if (!sending.cancel(false)) {
            join(sending); // It has failed: say of what.
        }
        join(thread.submit(() -> {}));
    }

    /** Writes what chats were used and not created. Only while nothing else is written. */
    void createTheRest() throws Exception {
        join(thread.submit(() -> send(facts.rest())));
    }

    private static void join(Future<?> future) throws Exception {
        future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Each record that the broker has acknowledged, by where it lies. */
    Map<Place, ProducerRecord<byte[], byte[]>> acknowledged() {
        return acknowledged;
    }

    private void send(List<ProducerRecord<byte[], byte[]>> batch) {
        List<ProducerRecord<byte[], byte[]>> toSend = batch;
        while (!toSend.isEmpty()) {
            toSend = unacknowledgedOf(toSend);
        }
    }

    private List<ProducerRecord<byte[], byte[]>> unacknowledgedOf(List<ProducerRecord<byte[], byte[]>> batch) {
        List<Future<RecordMetadata>> sent = batch.stream().map(producer::send).toList();
        List<ProducerRecord<byte[], byte[]>> failed = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            try {
                RecordMetadata place = sent.get(i).get();
                acknowledged.put(new Place(place.topic(), place.partition(), place.offset()), batch.get(i));
            } catch (ExecutionException e) {
                System.out.println("drill: not acknowledged, sent again: " + e.getCause());
                failed.add(batch.get(i));
            } catch (InterruptedException e) {
                throw new IllegalStateException("The load was stopped before its end", e);
            }
        }
        return failed;
    }

    @Override
    public void close() throws InterruptedException {
        thread.shutdownNow();
        producer.close(Duration.ZERO);
        thread.awaitTermination(10, TimeUnit.SECONDS);
    }
}
