package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.schemas.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What is committed in the topics of a drill. */
final class DrillLog implements AutoCloseable {
    private static final Duration READ_WITHIN = Duration.ofMinutes(2);
    private static final String APPLICATION_ID = "spend-ledger";

    private final Map<String, Object> settings;
    private final Admin admin;

    DrillLog(String bootstrapServers) {
        settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        admin = Admin.create(settings);
    }

    /** All of some topics; of each partition in the order of the log. */
    List<ConsumerRecord<byte[], byte[]>> readAll(Topic... topics) {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = List.of(topics).stream()
                    .flatMap(topic -> partitions(topic).stream())
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            long startNanos = System.nanoTime();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(READ_WITHIN);
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    /** How much the ledger has read and committed, all topics together. */
    long read() throws Exception {
        return readByPartition().values().stream()
                .mapToLong(OffsetAndMetadata::offset)
                .sum();
    }

    /** How much of ledger-routing, records and the marks of transactions, the ledger has written and not read so far. */
    long routedUnderWay() throws Exception {
        List<TopicPartition> partitions = partitions(Topic.LEDGER_ROUTING);
        Map<TopicPartition, OffsetAndMetadata> read = readByPartition();
        Map<TopicPartition, ListOffsetsResultInfo> ends = admin.listOffsets(
                        partitions.stream().collect(Collectors.toMap(partition -> partition, p -> OffsetSpec.latest())))
                .all()
                .get();
        return partitions.stream()
                .mapToLong(partition -> ends.get(partition).offset()
                        - (read.containsKey(partition) ? read.get(partition).offset() : 0))
                .sum();
    }

    private Map<TopicPartition, OffsetAndMetadata> readByPartition() throws Exception {
        return admin.listConsumerGroupOffsets(APPLICATION_ID)
                .partitionsToOffsetAndMetadata()
                .get();
    }

    private static List<TopicPartition> partitions(Topic topic) {
        return IntStream.range(0, DrillStack.PARTITIONS)
                .mapToObj(partition -> new TopicPartition(DrillFacts.NAMES.of(topic), partition))
                .toList();
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }
}
