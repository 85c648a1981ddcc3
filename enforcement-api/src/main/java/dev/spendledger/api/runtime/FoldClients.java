package dev.spendledger.api.runtime;

import dev.spendledger.streams.topology.LedgerObserver;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Makes the clients of Kafka Streams, and has them tell how far the fold is. Each consumer tells after every poll how many
 * records it has left: their metrics do not, they have no lag of a partition of which no record has been fetched yet, be
 * there a thousand or none. What was handed to the fold lies there for a while before it is folded: so the fold tells, too.
 * And each producer tells up to where its transactions have gone through.
 */
final class FoldClients implements KafkaClientSupplier, LedgerObserver {
    private static final long NOTHING = -1;

    private final List<TellingConsumer> consumers = new CopyOnWriteArrayList<>();
    private final Map<TopicPartition, Long> folded = new ConcurrentHashMap<>();
    /** Of each partition the offset behind the last record whose changes are committed. */
    private final Map<TopicPartition, Long> committed = new ConcurrentHashMap<>();

    private final Clock clock;

    FoldClients(Clock clock) {
        this.clock = clock;
    }

    /** Whether a consumer of this instance has a partition, and has heard of its end. */
    boolean isAssigned(TopicPartition partition) {
        for (TellingConsumer consumer : consumers) {
            if (consumer.polls.containsKey(partition)) {
                return true;
            }
        }
        return false;
    }

    /**
     * When all of a partition was last folded, as far as its consumer had then heard from the broker; empty = it is not just
     * now, or the partition is no consumer's of this instance.
     */
    Optional<Instant> readToItsEndAt(TopicPartition partition) {
        return consumers.stream()
                .flatMap(consumer -> Stream.ofNullable(consumer.polls.get(partition)))
                .filter(poll -> poll.left() == 0 && folded.getOrDefault(partition, NOTHING) >= poll.lastHanded())
                .map(Poll::at)
                .max(Comparator.naturalOrder());
    }

    /** The offset last folded of each of these partitions; none where nothing was since it was assigned or read anew. */
    Map<TopicPartition, Long> folded(List<TopicPartition> partitions) {
        Map<TopicPartition, Long> offsets = new HashMap<>(folded);
        offsets.keySet().retainAll(partitions);
        return offsets;
    }

    /** Whether the changes by all records up to these are committed. */
    boolean areCommitted(Map<TopicPartition, Long> offsets) {
        return offsets.entrySet().stream()
                .allMatch(offset -> committed.getOrDefault(offset.getKey(), NOTHING) > offset.getValue());
    }

    /**
     * How long ago the group has last heard from the worst of the consumers: each is a member of its own.
     *
     * @return in seconds; NaN = there is no consumer, or none has been heard of yet
     */
    double heartbeatAgeSeconds() {
        double oldest = Double.NaN;
        for (TellingConsumer consumer : consumers) {
            double age = consumer.heartbeatAgeSeconds();
            oldest = Double.isNaN(oldest) || age > oldest ? age : oldest;
        }
        return oldest;
    }

    @Override
    public void onFolded(String topic, int partition, long offset) {
        folded.put(new TopicPartition(topic, partition), offset);
    }

    /**
     * What a partition's last poll came to.
     *
     * @param at when it was
     * @param left how many records are left to be handed to the fold
     * @param lastHanded the offset of the last record that was, since it was assigned or read anew; {@link #NOTHING} = none
     */
    private record Poll(Instant at, long left, long lastHanded) {}

    private final class TellingConsumer extends KafkaConsumer<byte[], byte[]> {
        /** Replaced as a whole by the thread that polls. */
        private volatile Map<TopicPartition, Poll> polls = Map.of();

        private final Map<TopicPartition, Long> lastHanded = new HashMap<>();
        private Instant polledAt = Instant.EPOCH;

        private final Metric heartbeatAge;

        TellingConsumer(Map<String, Object> config) {
            super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            heartbeatAge = metrics().values().stream()
                    .filter(metric -> metric.metricName().name().equals("last-heartbeat-seconds-ago"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("The consumer does not tell of its heartbeats"));
        }

        /** NaN = there was none yet. */
        double heartbeatAgeSeconds() {
            double age = ((Number) heartbeatAge.metricValue()).doubleValue();
            return age < 0 ? Double.NaN : age;
        }

        @Override
        public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            // What this poll hands over may have been fetched by the one before; so what is known is as old as that.
            Instant knownAt = polledAt;
            polledAt = clock.instant();
            ConsumerRecords<byte[], byte[]> records = super.poll(timeout);
            records.partitions().forEach(partition -> {
                List<ConsumerRecord<byte[], byte[]>> handed = records.records(partition);
                lastHanded.put(partition, handed.get(handed.size() - 1).offset());
            });
            Map<TopicPartition, Poll> found = new HashMap<>();
            for (TopicPartition partition : assignment()) {
                // Where it has not heard yet, this has it ask the broker, and does not wait for the answer.
                currentLag(partition)
                        .ifPresent(left -> found.put(
                                partition, new Poll(knownAt, left, lastHanded.getOrDefault(partition, NOTHING))));
            }
            lastHanded.keySet().retainAll(assignment());
            polls = found;
            return records;
        }

        @Override
        public void seek(TopicPartition partition, long offset) {
            forget(partition);
            super.seek(partition, offset);
        }

        @Override
        public void seek(TopicPartition partition, OffsetAndMetadata offset) {
            forget(partition);
            super.seek(partition, offset);
        }

        /** It is read anew from some place: what was folded before that may be folded again. */
        private void forget(TopicPartition partition) {
            lastHanded.remove(partition);
            folded.remove(partition);
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

    /** Its transactions are one at a time, and all calls are by one thread. */
    private final class TellingProducer extends KafkaProducer<byte[], byte[]> {
        private final Map<TopicPartition, Long> sent = new HashMap<>();

        TellingProducer(Map<String, Object> config) {
            super(config, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public void beginTransaction() {
            sent.clear();
            super.beginTransaction();
        }

        @Override
        public void sendOffsetsToTransaction(
                Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
            super.sendOffsetsToTransaction(offsets, group);
            offsets.forEach((partition, offset) -> sent.put(partition, offset.offset()));
        }

        @Override
        public void commitTransaction() {
            super.commitTransaction();
            committed.putAll(sent);
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
        return new TellingProducer(config);
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
        return Admin.create(config);
    }
}
