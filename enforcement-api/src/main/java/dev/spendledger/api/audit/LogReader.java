package dev.spendledger.api.audit;

import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.intake.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the committed records of the topics of facts, all of their partitions side by side, in the order of (append time,
 * topic, partition, offset), and within a partition always in the order of its offsets. Goes on where it stopped. Holds a few
 * thousand records at most. Not thread-safe.
 */
public final class LogReader {
    private static final Duration POLL = Duration.ofMillis(100);
    /** A Kafka that is lost is waited for by the consumer without end. */
    private static final Duration SILENCE_MAX = Duration.ofSeconds(60);
    /** A partition with more than this in hand waits for the others. */
    private static final int BUFFERED_MAX = 2_000;

    private final Consumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Queue<Source>> buffers = new HashMap<>();
    private final Map<TopicPartition, Long> positions = new HashMap<>();

    /** Part of the log has been deleted, so that nobody can say any more what it comes to. */
    public static final class IncompleteLogException extends Exception {
        private static final long serialVersionUID = 1L;

        IncompleteLogException(TopicPartition partition, long beginning) {
            super("The log is not whole: " + partition + " begins at offset " + beginning
                    + ". What was deleted from it can be neither verified nor replayed.");
        }
    }

    /**
     * @param consumer of committed records, in no group
     * @param topics topics of facts
     * @param partitions how many partitions each of them has
     */
    public LogReader(Consumer<byte[], byte[]> consumer, TopicNames names, List<Topic> topics, int partitions) {
        this.consumer = consumer;
        this.partitions = topics.stream()
                .map(names::of)
                .flatMap(topic ->
                        IntStream.range(0, partitions).mapToObj(partition -> new TopicPartition(topic, partition)))
                .toList();
        consumer.assign(this.partitions);
        this.partitions.forEach(partition -> {
            buffers.put(partition, new ArrayDeque<>());
            positions.put(partition, 0L);
        });
        consumer.seekToBeginning(this.partitions);
    }

    /** Takes the records, one by one. */
    public interface Visitor {
        void visit(Source source);
    }

    /** The present ends of all partitions: the offsets of their next records. */
    public Map<TopicPartition, Long> ends() {
        return consumer.endOffsets(partitions);
    }

    /** How many offsets lie between here and these ends. */
    public long distance(Map<TopicPartition, Long> ends) {
        return partitions.stream()
                .mapToLong(partition -> Math.max(0, ends.get(partition) - positions.get(partition)))
                .sum();
    }

    /**
     * Fails if the log does not begin at its beginning.
     *
     * @throws IncompleteLogException if records have been deleted from it
     */
    public void requireWhole() throws IncompleteLogException {
        for (Map.Entry<TopicPartition, Long> beginning :
                consumer.beginningOffsets(partitions).entrySet()) {
            if (beginning.getValue() > 0) {
                throw new IncompleteLogException(beginning.getKey(), beginning.getValue());
            }
        }
    }

    /**
     * Reads on to these ends.
     *
     * @throws KafkaException if Kafka cannot be read, or is silent for a minute
     */
    public void readTo(Map<TopicPartition, Long> ends, Visitor visitor) {
        PriorityQueue<TopicPartition> next = new PriorityQueue<>(Comparator.comparing((TopicPartition partition) ->
                        buffers.get(partition).element().appendTime())
                .thenComparing(TopicPartition::topic)
                .thenComparing(TopicPartition::partition));
        partitions.forEach(partition -> offer(next, partition, ends));
        while (!next.isEmpty()) {
            TopicPartition partition = next.remove();
            Source source = buffers.get(partition).remove();
            positions.put(partition, source.offset() + 1);
            visitor.visit(source);
            offer(next, partition, ends);
        }
    }

    /** Puts a partition in its place among the others, if it has a record before its end. */
    private void offer(PriorityQueue<TopicPartition> next, TopicPartition partition, Map<TopicPartition, Long> ends) {
        Queue<Source> buffer = buffers.get(partition);
        long end = ends.get(partition);
        fill(partition, end);
        if (!buffer.isEmpty() && buffer.element().offset() < end) {
            next.add(partition);
        } else {
            positions.merge(partition, end, Math::max); // The end may lie behind the marker of a transaction.
        }
    }

    /** Polls until a partition has a record in hand, or has none before its end. */
    private void fill(TopicPartition partition, long end) {
        long silentUntil = System.nanoTime() + SILENCE_MAX.toNanos();
        while (buffers.get(partition).isEmpty() && consumer.position(partition) < end) {
            consumer.resume(partitions);
            consumer.pause(partitions.stream()
                    .filter(other -> buffers.get(other).size() > BUFFERED_MAX)
                    .toList());
            boolean heard = false;
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                buffers.get(new TopicPartition(record.topic(), record.partition()))
                        .add(source(record));
                heard = true;
            }
            if (heard) {
                silentUntil = System.nanoTime() + SILENCE_MAX.toNanos();
            } else if (System.nanoTime() - silentUntil > 0) {
                throw new KafkaException("Kafka has sent nothing of " + partition + " for " + SILENCE_MAX.toSeconds()
                        + " s, and it has records up to offset " + end + ".");
            }
        }
    }

    private static Source source(ConsumerRecord<byte[], byte[]> record) {
        return new Source(
                record.topic(),
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(Math.max(0, record.timestamp())),
                record.key(),
                record.value(),
                record.headers());
    }
}
