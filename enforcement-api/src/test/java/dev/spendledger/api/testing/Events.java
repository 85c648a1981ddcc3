package dev.spendledger.api.testing;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A chat service that writes events straight to Kafka, rightly or wrongly, and reads what the ledger writes. */
public final class Events implements AutoCloseable {
    private static final TopicNames NAMES = new TopicNames("");
    private static final EventSerde SERDE = new EventSerde(new BundledRegistry());

    private final TestLedger ledger;
    private final KafkaProducer<byte[], byte[]> producer;

    public Events(TestLedger ledger) {
        this.ledger = ledger;
        Map<String, Object> settings = ledger.clientSettings();
        settings.put("acks", "all");
        // Compressed, a record may be far larger than what a broker lets into a topic.
        settings.put("compression.type", "lz4");
        settings.put("max.request.size", 64 << 20);
        settings.put("buffer.memory", 128 << 20);
        this.producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    public static ChatCreated chat(String chatId, String parentChatId, Long limitMicros) {
        return new ChatCreated(chatId, parentChatId, null, "a-1", limitMicros, Instant.now());
    }

    public static MessagePriced message(String messageId, String chatId, String rootHint, long costMicros) {
        return new MessagePriced(messageId, chatId, rootHint, "a-1", 0, costMicros, null, null, null, Instant.now());
    }

    public static ChatLimitSet limit(String rootChatId, Long micros) {
        return new ChatLimitSet(rootChatId, micros, null, Instant.now());
    }

    /** An event as it stands in its topic. */
    public static byte[] bytes(Topic topic, SpecificRecord event) {
        return SERDE.serializer().serialize(NAMES.of(topic), event);
    }

    /** Sends an event under a key, to the partition that the key belongs to. */
    public void send(Topic topic, String key, SpecificRecord event) {
        send(topic, null, key, event);
    }

    /** Sends an event to a partition; null = the one that the key belongs to. */
    public void send(Topic topic, Integer partition, String key, SpecificRecord event) {
        sendBytes(topic, partition, key.getBytes(StandardCharsets.UTF_8), bytes(topic, event));
    }

    public void sendBytes(Topic topic, Integer partition, byte[] key, byte[] value) {
        send(new ProducerRecord<>(NAMES.of(topic), partition, key, value));
    }

    /** Sends whatever it is, and says where it has been written. */
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
        return producer.send(record);
    }

    /** Waits until the broker has acknowledged all that was sent. */
    public void flush() {
        producer.flush();
    }

    /** Everything committed in a topic, from its beginning to its present end. */
    public List<ConsumerRecord<byte[], byte[]>> readAll(Topic topic) {
        return readAll(NAMES.of(topic));
    }

    /** The same of a topic with a name that is not the usual one. */
    public List<ConsumerRecord<byte[], byte[]>> readAll(String topic) {
        Map<String, Object> settings = ledger.clientSettings();
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, ledger.partitions())
                    .mapToObj(partition -> new TopicPartition(topic, partition))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return records;
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
