package dev.spendledger.api.runtime;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Makes the clients of Kafka Streams, and has each consumer of the fold tell after every poll how many records it has left.
 * Their metrics do not: they have no lag of a partition of which no record has been fetched yet, be there a thousand or
 * none.
 */
final class InputLag implements KafkaClientSupplier {
    private final List<TellingConsumer> consumers = new CopyOnWriteArrayList<>();

    /**
     * How many records of a partition have not been handed to the fold, as far as its consumer has heard from the broker;
     * empty = it has not heard yet, or the partition is no consumer's of this instance.
     */
    OptionalLong of(TopicPartition partition) {
        return consumers.stream()
                .map(consumer -> consumer.lags.get(partition))
                .filter(lag -> lag != null)
                .mapToLong(Long::longValue)
                .max();
    }

    private final class TellingConsumer extends KafkaConsumer<byte[], byte[]> {
        /** Replaced as a whole by the thread that polls. */
        private volatile Map<TopicPartition, Long> lags = Map.of();

        TellingConsumer(Map<String, Object> config) {
            super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        @Override
        public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            ConsumerRecords<byte[], byte[]> records = super.poll(timeout);
            Map<TopicPartition, Long> found = new HashMap<>();
            for (TopicPartition partition : assignment()) {
                // Where it has not heard yet, this has it ask the broker, and does not wait for the answer.
                currentLag(partition).ifPresent(lag -> found.put(partition, lag));
            }
            lags = found;
            return records;
        }

        @Override
        public void close() {
            consumers.remove(this);
            super.close();
        }

        @Override
        public void close(CloseOptions options) {
            consumers.remove(this);
            super.close(options);
        }
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
        TellingConsumer consumer = new TellingConsumer(config);
        consumers.add(consumer);
        return consumer;
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
        return getRestoreConsumer(config);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
        return Admin.create(config);
    }
}
