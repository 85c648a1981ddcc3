package dev.spendledger.api.runtime;

import dev.spendledger.api.query.Alert;
import dev.spendledger.api.query.AlertHistory;
import dev.spendledger.api.query.AlertPositions;
import dev.spendledger.events.SpendAlert;
import dev.spendledger.schemas.RegistryUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads all partitions of {@code spend-alerts}, in no group. Not for several threads at once. */
final class AlertReader implements AlertHistory.Reader {
    private static final Logger log = LoggerFactory.getLogger(AlertReader.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long COMPLAINTS_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Consumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final String logName;
    private final Deserializer<SpecificRecord> events;
    private AlertPositions readTo;
    /** What was polled last was not all handed over, and has to be polled again. */
    private boolean failed;

    private int unreadable;
    private long complainedNanos = System.nanoTime() - COMPLAINTS_EVERY_NANOS;

    /**
     * @param consumer reads committed records only, belongs to no group, and is this object's alone from now on
     * @param topic the name of {@code spend-alerts}
     * @param logName what the log is named in {@link AlertPositions}
     * @param events reads the records
     */
    AlertReader(
            Consumer<byte[], byte[]> consumer,
            String topic,
            int partitions,
            String logName,
            Deserializer<SpecificRecord> events) {
        this.consumer = consumer;
        this.partitions = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        this.logName = logName;
        this.events = events;
        consumer.assign(this.partitions);
    }

    /** Reads from here on. Of what is deleted, from the oldest that is left. */
    void seek(AlertPositions from) {
        partitions.forEach(partition -> consumer.seek(partition, from.of(partition.partition())));
        readTo = from;
    }

    /**
     * Behind all that is committed now.
     *
     * @throws KafkaException if Kafka does not say where that is
     */
    AlertPositions end() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        return new AlertPositions(logName, partitions.stream().map(ends::get).toList());
    }

    /**
     * {@inheritDoc}
     *
     * @throws KafkaException if Kafka does not let itself be read
     * @throws RegistryUnavailableException if only the schema registry can tell what comes next, and does not answer
     */
    @Override
    public List<Alert> next() {
        if (failed) {
            seek(readTo);
        }
        failed = true;
        List<Alert> alerts = new ArrayList<>();
        AlertPositions upTo = readTo;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            AlertPositions behind = upTo.with(record.partition(), record.offset() + 1);
            try {
                SpendAlert alert = read(record);
                if (alert != null) {
                    alerts.add(new Alert(record.partition(), record.offset(), alert, behind));
                }
            } catch (RegistryUnavailableException e) {
                if (alerts.isEmpty()) {
                    throw e;
                }
                readTo = upTo;
                return alerts;
            }
            upTo = behind;
        }
        // Not only behind records: what ends a transaction has an offset as well, and so had what is deleted.
        readTo = new AlertPositions(
                logName, partitions.stream().map(consumer::position).toList());
        failed = false;
        return alerts;
    }

    /** Null = it is no alert, which no reader has any use for. */
    private SpendAlert read(ConsumerRecord<byte[], byte[]> record) {
        try {
            if (events.deserialize(record.topic(), record.value()) instanceof SpendAlert alert) {
                return alert;
            }
            complain(record, "it is no SpendAlert");
        } catch (RegistryUnavailableException e) {
            throw e;
        } catch (RuntimeException e) { // Whatever the serde throws: the records behind it must not be lost with it.
            complain(record, e.toString());
        }
        return null;
    }

    private void complain(ConsumerRecord<byte[], byte[]> record, String cause) {
        unreadable++;
        if (System.nanoTime() - complainedNanos >= COMPLAINTS_EVERY_NANOS) {
            log.warn(
                    "A record of the alerts cannot be read; it is passed over. topic={} partition={} offset={}"
                            + " so_far={} cause={}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    unreadable,
                    cause);
            complainedNanos = System.nanoTime();
        }
    }

    @Override
    public AlertPositions readTo() {
        return readTo;
    }

    /** Has a call that waits for Kafka end with a {@code WakeupException}; for another thread. */
    void wakeUp() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        // It has nothing to hand over, and would wait for the answer to its last fetch.
        consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
}
