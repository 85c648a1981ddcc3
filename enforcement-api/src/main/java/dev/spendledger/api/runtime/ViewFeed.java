package dev.spendledger.api.runtime;

import dev.spendledger.api.http.Health;
import dev.spendledger.api.query.View;
import dev.spendledger.streams.intake.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads topics into a view of this instance: all partitions, from their beginning, in no group,
 * for ever. A lost broker is waited for, and what the view has by then goes on to count.
 */
final class ViewFeed implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ViewFeed.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long PAUSE_AFTER_FAILURE_MS = 500;
    private static final long RETRY_UNREAD_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long END_WITHIN_MS = 5_000;

    private final Consumer<byte[], byte[]> consumer;
    private final Set<TopicPartition> partitions;
    private final String name;
    private final View view;
    private final Thread thread = new Thread(this::run, "ledger-views");
    private Map<TopicPartition, Long> endsAtStart = Map.of();
    private long unreadTriedNanos = System.nanoTime();
    private volatile boolean closing;

    /**
     * @param consumer reads committed records only, belongs to no group, and is this object's alone from now on
     * @param partitions what to read
     * @param name what it is, for people
     * @param view where to read it
     */
    ViewFeed(Consumer<byte[], byte[]> consumer, Set<TopicPartition> partitions, String name, View view) {
        this.consumer = consumer;
        this.partitions = partitions;
        this.name = name;
        this.view = view;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    Health.Check check() {
        return new Health.Check("views", view.isLoaded(), name + (view.isLoaded() ? " are read" : " are not read yet"));
    }

    private void run() {
        try {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!closing) {
                readSafely();
            }
        } catch (WakeupException | InterruptException e) {
            log.debug("Reading the views has ended.", e);
        } finally {
            // It has nothing to hand over, and would wait for the answer to its last fetch.
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        }
    }

    private void readSafely() {
        try {
            read();
        } catch (WakeupException | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            log.warn("Reading {} failed; it is tried again. cause={}", name, e.getMessage());
            pause();
        }
    }

    private void read() {
        if (endsAtStart.isEmpty()) {
            endsAtStart = consumer.endOffsets(partitions);
        }
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        records.forEach(this::applySafely);
        // Positions, not offsets of records: what is compacted away or is no record counts as read.
        partitions.forEach(partition -> view.onReadTo(partition.topic(), partition.partition(), position(partition)));
        if (!view.isLoaded()
                && endsAtStart.entrySet().stream().allMatch(end -> position(end.getKey()) >= end.getValue())) {
            view.onLoaded();
        }
        if (System.nanoTime() - unreadTriedNanos >= RETRY_UNREAD_EVERY_NANOS) {
            view.retryUnread();
            unreadTriedNanos = System.nanoTime();
        }
    }

    private void applySafely(ConsumerRecord<byte[], byte[]> record) {
        try {
            view.apply(source(record));
        } catch (RuntimeException e) {
            // A bug. The records behind it must not be lost with it.
            log.error(
                    "Taking a record into {} failed; it is passed over. topic={} partition={} offset={}",
                    name,
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e);
        }
    }

    private long position(TopicPartition partition) {
        return consumer.position(partition);
    }

    private static Source source(ConsumerRecord<byte[], byte[]> record) {
        return new Source(
                record.topic(),
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                record.key(),
                record.value(),
                record.headers());
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_AFTER_FAILURE_MS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        consumer.wakeup();
        thread.join(END_WITHIN_MS);
    }
}
