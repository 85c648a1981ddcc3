package dev.spendledger.api.audit;

import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.streams.intake.RecordId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** A topic of dead letters with two partitions, as a consumer sees it, without a broker. */
final class Letters extends MockConsumer<byte[], byte[]> {
    static final EventSerde EVENTS = new EventSerde(new BundledRegistry());
    private static final String TOPIC = "ledger-dead-letters";
    private static final int PARTITIONS = 2;

    private final List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();
    private final int[] ends = new int[PARTITIONS];

    Letters() {
        super("earliest");
        updateBeginningOffsets(partitions().collect(Collectors.toMap(partition -> partition, partition -> 0L)));
        updateEnds();
    }

    private static Stream<TopicPartition> partitions() {
        return IntStream.range(0, PARTITIONS).mapToObj(partition -> new TopicPartition(TOPIC, partition));
    }

    private void updateEnds() {
        updateEndOffsets(partitions()
                .collect(Collectors.toMap(partition -> partition, partition -> (long) ends[partition.partition()])));
    }

    /** Appends the dead letter of a record. */
    Letters add(int partition, String source, String reason, String key, byte[] value) {
        log.add(record(partition, ends[partition]++, headers(source, reason), key, value));
        updateEnds();
        return this;
    }

    /** Appends the dead letter of a record with the time, in milliseconds, when that was appended to its topic. */
    Letters add(int partition, String source, String reason, String key, byte[] value, long appendedMs) {
        Headers headers = headers(source, reason);
        headers.remove("ledger.original.timestamp").add("ledger.original.timestamp", utf8(Long.toString(appendedMs)));
        log.add(record(partition, ends[partition]++, headers, key, value));
        updateEnds();
        return this;
    }

    /** Appends what is no dead letter. */
    Letters addStranger(int partition) {
        log.add(record(partition, ends[partition]++, new RecordHeaders(), null, null));
        updateEnds();
        return this;
    }

    /** Says that there is more than ever comes. */
    Letters lose(int partition) {
        ends[partition]++;
        updateEnds();
        return this;
    }

    DeadLetterReader reader() {
        return new DeadLetterReader(this, TOPIC, PARTITIONS, EVENTS.deserializer(), Duration.ofMillis(50));
    }

    static DeadLetter letter(String source, String reason, String key, byte[] value, Map<String, String> more) {
        Headers headers = headers(source, reason);
        more.forEach((name, text) -> headers.add(name, utf8(text)));
        return DeadLetter.parse(record(0, 0, headers, key, value), EVENTS.deserializer())
                .orElseThrow();
    }

    static ConsumerRecord<byte[], byte[]> record(
            int partition, long offset, Headers headers, String key, byte[] value) {
        return new ConsumerRecord<>(
                TOPIC,
                partition,
                offset,
                0,
                TimestampType.CREATE_TIME,
                0,
                0,
                key == null ? null : utf8(key),
                value,
                headers,
                Optional.empty());
    }

    static Headers headers(String source, String reason) {
        RecordId position = RecordId.parse(source).orElseThrow();
        return new RecordHeaders()
                .add("__streams.errors.topic", utf8(position.topic()))
                .add("__streams.errors.partition", utf8(Integer.toString(position.partition())))
                .add("__streams.errors.offset", utf8(Long.toString(position.offset())))
                .add("ledger.reason", utf8(reason))
                .add("ledger.detail", utf8("what is wrong"))
                .add("ledger.original.timestamp", utf8("1790000000123"));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A real consumer reads the log again when it is told to; the mock forgets what it has given. */
    @Override
    public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        log.stream()
                .filter(record -> assignment().contains(new TopicPartition(record.topic(), record.partition())))
                .filter(record -> record.offset() >= position(new TopicPartition(record.topic(), record.partition())))
                .forEach(this::addRecord);
        return super.poll(timeout);
    }
}
