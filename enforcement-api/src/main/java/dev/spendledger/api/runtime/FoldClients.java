package dev.spendledger.api.runtime;

import dev.spendledger.streams.topology.LedgerObserver;
import dev.spendledger.streams.topology.LedgerStore;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Makes the clients of Kafka Streams, and has them tell how far the fold is. Each consumer tells after every poll what it has
 * handed over; that lies there for a while before it is folded, so the fold tells, too. And each producer tells up to where
 * its transactions have gone through.
 */
final class FoldClients implements KafkaClientSupplier, LedgerObserver {
    private static final long NOTHING = -1;

    private final List<TellingConsumer> consumers = new CopyOnWriteArrayList<>();
    private final Map<TopicPartition, Long> folded = new ConcurrentHashMap<>();
    private final Set<Open> open = ConcurrentHashMap.newKeySet();
    /** Of each partition the offset behind the last record whose changes are committed. */
    private final Map<TopicPartition, Long> committed = new ConcurrentHashMap<>();

    private record Open(String store, int partition) {}

    /** Whether a partition is ready to be folded here, its stores whole. */
    boolean isOpen(LedgerStore<?, ?> store, int partition) {
        return open.contains(new Open(store.name(), partition));
    }

    @Override
    public void onOpened(LedgerStore<?, ?> store, int partition) {
        open.add(new Open(store.name(), partition));
    }

    @Override
    public void onClosed(LedgerStore<?, ?> store, int partition) {
        open.remove(new Open(store.name(), partition));
    }

    /** Whether a consumer of this instance has a partition. */
    boolean isAssigned(TopicPartition partition) {
        return polled(partition) != null;
    }

    /** The partitions that the consumers of this instance have. */
    Set<TopicPartition> assigned() {
        return consumers.stream()
                .flatMap(consumer -> consumer.polled.keySet().stream())
                .collect(Collectors.toSet());
    }

    /** Whether this instance has folded all records of a partition before an offset; what is no record does not count. */
    boolean isFoldedUpTo(TopicPartition partition, long end) {
        Polled last = polled(partition);
        if (last == null) {
            return false;
        }
        long foldedNow = folded.getOrDefault(partition, NOTHING);
        return last.position() >= end && foldedNow >= last.lastHanded()
                || last.lastHanded() > NOTHING && foldedNow + 1 >= end;
    }

    private Polled polled(TopicPartition partition) {
        for (TellingConsumer consumer : consumers) {
            Polled polled = consumer.polled.get(partition);
            if (polled != null) {
                return polled;
            }
        }
        return null;
    }

    /** The offset last folded of each of these partitions; none where nothing was since it was assigned or read anew. */
    Map<TopicPartition, Long> folded(List<TopicPartition> partitions) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (TopicPartition partition : partitions) {
            Long offset = folded.get(partition);
            if (offset != null) {
                offsets.put(partition, offset);
            }
        }
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
     * What the last poll of a partition came to.
     *
     * @param position the offset that comes next; what is no record is skipped
     * @param lastHanded the offset of the last record handed to the fold, since the partition was assigned or read anew;
     *     {@link #NOTHING} = none
     */
    private record Polled(long position, long lastHanded) {}

    private final class TellingConsumer extends KafkaConsumer<byte[], byte[]> {
        /** Replaced as a whole by the thread that polls. */
        private volatile Map<TopicPartition, Polled> polled = Map.of();

        private final Map<TopicPartition, Long> lastHanded = new HashMap<>();
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
            ConsumerRecords<byte[], byte[]> records = super.poll(timeout);
            records.partitions().forEach(partition -> {
                List<ConsumerRecord<byte[], byte[]>> handed = records.records(partition);
                lastHanded.put(partition, handed.get(handed.size() - 1).offset());
            });
            Map<TopicPartition, Polled> found = new HashMap<>();
            for (TopicPartition partition : assignment()) {
                found.put(
                        partition, new Polled(positionIfKnown(partition), lastHanded.getOrDefault(partition, NOTHING)));
            }
            polled = found;
            return records;
        }

        /**
         * {@link #NOTHING} = not known now. Whatever was thrown here would take the place of the records just polled: the
         * consumer has gone past them, and Kafka Streams goes on behind an offset that is not valid.
         */
        private long positionIfKnown(TopicPartition partition) {
            if (currentLag(partition).isEmpty()) {
                return NOTHING; // As it is before the first fetch: asking would be a request.
            }
            try {
                return position(partition, Duration.ZERO);
            } catch (InvalidOffsetException | TimeoutException e) {
                return NOTHING; // While a position is validated, all are looked at, and another has none yet.
            }
        }

        @Override
        public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
            super.subscribe(topics, forgetting(listener));
        }

        @Override
        public void subscribe(Pattern topics, ConsumerRebalanceListener listener) {
            super.subscribe(topics, forgetting(listener));
        }

        /** What comes back may have to be read again from before where it had been when it went. */
        private ConsumerRebalanceListener forgetting(ConsumerRebalanceListener listener) {
            return new ConsumerRebalanceListener() {
                @Override
                public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                    partitions.forEach(TellingConsumer.this::forget);
                    listener.onPartitionsAssigned(partitions);
                }

                @Override
                public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                    try {
                        listener.onPartitionsRevoked(partitions);
                    } finally {
                        partitions.forEach(TellingConsumer.this::forget);
                    }
                }

                @Override
                public void onPartitionsLost(Collection<TopicPartition> partitions) {
                    try {
                        listener.onPartitionsLost(partitions);
                    } finally {
                        partitions.forEach(TellingConsumer.this::forget);
                    }
                }
            };
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

        @Override
        public void seekToBeginning(Collection<TopicPartition> partitions) {
            partitions.forEach(this::forget);
            super.seekToBeginning(partitions);
        }

        @Override
        public void seekToEnd(Collection<TopicPartition> partitions) {
            partitions.forEach(this::forget);
            super.seekToEnd(partitions);
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
