package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.embedded.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clients of the fold against a real broker, with the settings that Kafka Streams gives its consumers. */
class FoldClientsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final String GROUP = "group";
    private static final TopicPartition READ_ANEW = new TopicPartition("facts", 0);
    private static final TopicPartition READ_ON = new TopicPartition("facts", 1);
    private static final List<Long> OFFSETS =
            IntStream.range(0, 10).mapToObj(Long::valueOf).toList();

    @TempDir
    Path dir;

    /**
     * As after a crash: the group is being rebalanced, a partition is read anew from a place that is to be validated, and
     * another one has just come of which nothing was ever committed.
     */
    @Test
    void shouldHandOverEachRecordWhateverIsKnownOfOtherPartitions() throws Exception {
        // Given
        try (EmbeddedKafka kafka = EmbeddedKafka.start(dir.resolve("kafka"))) {
            createTopics(kafka);
            try (Consumer<byte[], byte[]> consumer = new FoldClients().getConsumer(settings(kafka));
                    Consumer<byte[], byte[]> other = new KafkaConsumer<>(
                            settings(kafka), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
                consumer.subscribe(List.of("facts"));
                await().atMost(PATIENCE).pollInSameThread().until(() -> {
                    add(consumer.poll(SHORT), records);
                    return offsets(records, READ_ANEW).size() > 1
                            && !offsets(records, READ_ON).isEmpty();
                });
                consumer.pause(List.of(READ_ON));
                other.subscribe(List.of("others"));
                await().atMost(PATIENCE).pollInSameThread().until(() -> {
                    add(consumer.poll(SHORT), records);
                    other.poll(SHORT);
                    return !other.assignment().isEmpty();
                });
                assertThat(offsets(records, READ_ON)).as("not all yet").hasSizeLessThan(OFFSETS.size());

                consumer.subscribe(List.of("facts", "uncommitted"));
                AtomicBoolean hasNoOffset = new AtomicBoolean();
                await().atMost(PATIENCE).pollInSameThread().until(() -> {
                    other.poll(SHORT);
                    hasNoOffset.set(!pollAsStreamsDoes(consumer, records));
                    return hasNoOffset.get();
                });

                // When: the other one does not join again.
                consumer.enforceRebalance();
                consumer.poll(Duration.ZERO);
                consumer.resume(List.of(READ_ON));
                consumer.seek(READ_ANEW, new OffsetAndMetadata(1, Optional.of(0), ""));

                // Then
                await().atMost(PATIENCE).pollInSameThread().untilAsserted(() -> {
                    pollAsStreamsDoes(consumer, records);
                    assertThat(offsets(records, READ_ON)).containsExactlyElementsOf(OFFSETS);
                });
            }
        }
    }

    /** Goes on behind an offset that is not valid; whether there was none. */
    private static boolean pollAsStreamsDoes(
            Consumer<byte[], byte[]> consumer, List<ConsumerRecord<byte[], byte[]>> records) {
        try {
            add(consumer.poll(SHORT), records);
            return true;
        } catch (InvalidOffsetException e) {
            return false;
        }
    }

    private static void add(ConsumerRecords<byte[], byte[]> polled, List<ConsumerRecord<byte[], byte[]>> records) {
        polled.forEach(records::add);
    }

    private static List<Long> offsets(List<ConsumerRecord<byte[], byte[]>> records, TopicPartition partition) {
        return records.stream()
                .filter(record ->
                        record.topic().equals(partition.topic()) && record.partition() == partition.partition())
                .map(ConsumerRecord::offset)
                .collect(Collectors.toList());
    }

    private static Map<String, Object> settings(EmbeddedKafka kafka) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                List.of(CooperativeStickyAssignor.class.getName()));
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        return settings;
    }

    private static void createTopics(EmbeddedKafka kafka) throws Exception {
        Map<String, Object> broker = Map.of("bootstrap.servers", kafka.bootstrapServers());
        TopicPartition others = new TopicPartition("others", 0);
        try (Admin admin = Admin.create(broker);
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(broker, new ByteArraySerializer(), new ByteArraySerializer())) {
            admin.createTopics(List.of(
                            new NewTopic("facts", 2, (short) 1),
                            new NewTopic("others", 1, (short) 1),
                            new NewTopic("uncommitted", 1, (short) 1)))
                    .all()
                    .get();
            for (TopicPartition partition : List.of(READ_ANEW, READ_ON)) {
                for (int i = 0; i < OFFSETS.size(); i++) {
                    producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), null, new byte[1]))
                            .get();
                }
            }
            admin.alterConsumerGroupOffsets(
                            GROUP,
                            Map.of(
                                    READ_ANEW, new OffsetAndMetadata(0),
                                    READ_ON, new OffsetAndMetadata(0),
                                    others, new OffsetAndMetadata(0)))
                    .all()
                    .get();
        }
    }
}
