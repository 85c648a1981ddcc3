package dev.spendledger.api.audit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads {@code ledger-dead-letters}, partition after partition, to the ends that it had when this was made: as often as
 * wanted, each time the same, and never more than a poll of it in memory.
 */
public final class DeadLetterReader {
    private static final Duration POLL = Duration.ofMillis(200);
    /** A Kafka that is lost is waited for by the consumer without end. */
    private static final Duration SILENCE_MAX = Duration.ofSeconds(60);

    private final Consumer<byte[], byte[]> consumer;
    private final Deserializer<? extends SpecificRecord> events;
    private final Map<Integer, Long> ends = new TreeMap<>();
    private final String topic;
    private final Duration silenceMax;

    /**
     * @param consumer of committed records, from the beginning where nothing else is said; in no group
     * @param topic the whole name of {@code ledger-dead-letters} in this deployment
     * @param partitions how many it has
     */
    public DeadLetterReader(
            Consumer<byte[], byte[]> consumer,
            String topic,
            int partitions,
            Deserializer<? extends SpecificRecord> events) {
        this(consumer, topic, partitions, events, SILENCE_MAX);
    }

    DeadLetterReader(
            Consumer<byte[], byte[]> consumer,
            String topic,
            int partitions,
            Deserializer<? extends SpecificRecord> events,
            Duration silenceMax) {
        this.consumer = consumer;
        this.silenceMax = silenceMax;
        this.events = events;
        this.topic = topic;
        Collection<TopicPartition> all = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        consumer.endOffsets(all).forEach((partition, end) -> ends.put(partition.partition(), end));
    }

    /**
     * Reads until the end, or until it is not to go on.
     *
     * @param visitor says of each dead letter whether to go on
     * @return how many records of the topic were none of the ledger's
     * @throws org.apache.kafka.common.KafkaException if Kafka cannot be read
     */
    long read(Predicate<DeadLetter> visitor) {
        long strangers = 0;
        for (int partition : ends.keySet()) {
            PartitionReading reading = new PartitionReading(new TopicPartition(topic, partition));
            while (reading.hasMore()) {
                for (ConsumerRecord<byte[], byte[]> record : reading.next()) {
                    Optional<DeadLetter> letter = DeadLetter.parse(record, events);
                    strangers += letter.isEmpty() ? 1 : 0;
                    if (letter.isPresent() && !visitor.test(letter.get())) {
                        return strangers;
                    }
                }
            }
        }
        return strangers;
    }

    /** One partition, from its beginning to the end that counts. */
    private final class PartitionReading {
        private final TopicPartition partition;
        private final long end;
        private long position;
        private long heardNanos = System.nanoTime();

        PartitionReading(TopicPartition partition) {
            this.partition = partition;
            this.end = ends.get(partition.partition());
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
        }

        /** Asks for the position, which also passes the marks of transactions. */
        boolean hasMore() {
            return consumer.position(partition) < end;
        }

        List<ConsumerRecord<byte[], byte[]>> next() {
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            consumer.poll(POLL).forEach(record -> {
                if (record.offset() < end) {
                    records.add(record);
                }
            });
            requireProgress();
            return records;
        }

        private void requireProgress() {
            long now = System.nanoTime();
            long reached = consumer.position(partition);
            if (reached > position) {
                position = reached;
                heardNanos = now;
            } else if (now - heardNanos > silenceMax.toNanos()) {
                throw new TimeoutException("nothing has come from " + partition + " for " + silenceMax.toSeconds()
                        + " s, from offset " + reached);
            }
        }
    }
}
