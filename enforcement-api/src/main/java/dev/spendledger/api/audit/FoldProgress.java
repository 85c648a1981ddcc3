package dev.spendledger.api.audit;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** How far a running ledger has come, by the offsets that its consumer group has committed. */
public final class FoldProgress {
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    /** By its chat to its root, with one to spare. */
    private static final int HOPS_OF_A_MESSAGE = 4;
    /** A question goes up by it, and an answer lets the chat below it go on by two records more. */
    private static final int HOPS_OF_A_PARENT = 4;

    private static final Duration PEEK = Duration.ofMillis(200);

    private final Admin admin;
    private final Consumer<?, ?> consumer;
    /** How far each partition is read; what is no record counts as read. */
    private final Map<TopicPartition, Long> readTo = new HashMap<>();

    private final String group;
    private final List<TopicPartition> routing;
    private final List<TopicPartition> accountDeltas;
    private final List<TopicPartition> outputs;

    /**
     * @param consumer of committed records, in no group, and this object's alone
     * @param group the ledger's application id
     * @param routing the partitions of the topic that the ledger talks to itself on
     * @param accountDeltas the partitions of the topic by which the trees tell the accounts
     * @param outputs the partitions that it writes its results to
     */
    public FoldProgress(
            Admin admin,
            Consumer<?, ?> consumer,
            String group,
            List<TopicPartition> routing,
            List<TopicPartition> accountDeltas,
            List<TopicPartition> outputs) {
        this.admin = admin;
        this.consumer = consumer;
        this.group = group;
        this.routing = routing;
        this.accountDeltas = accountDeltas;
        this.outputs = outputs;
    }

    /** The ledger did not come as far as it should have in the time it had. */
    public static final class BehindException extends Exception {
        private static final long serialVersionUID = 1L;

        BehindException(String group, long records) {
            super("The ledger (application id " + group + ") still has " + records
                    + " records to fold and does not get there in time; is an instance running? See --timeout.");
        }
    }

    /**
     * Waits until the ledger has folded everything before these ends, and what follows from it has arrived and can be read:
     * until either nothing at all is under way between its partitions, or what was has gone all the way. What came in
     * since is not waited for, so that this ends however much comes in.
     *
     * @param depth the most parents that a chat of the log has
     * @throws BehindException if that takes longer than the time given
     */
    public void awaitFolded(Map<TopicPartition, Long> ends, int depth, Duration atMost) throws BehindException {
        long deadline = System.nanoTime() + atMost.toNanos();
        awaitCommitted(ends, deadline);
        for (int hop = 0; hop < HOPS_OF_A_MESSAGE + HOPS_OF_A_PARENT * depth; hop++) {
            // First what is read, then the ends: whatever follows from what was read by then lies before these.
            advance(routing);
            Map<TopicPartition, Long> routed = written(routing);
            if (behind(routed) == 0) {
                break;
            }
            awaitCommitted(routed, deadline);
        }
        // Last: nothing follows from a change of an account.
        awaitCommitted(written(accountDeltas), deadline);
        awaitVisible(deadline);
    }

    /** What a transaction wrote is seen a little after its offsets, and only once all that stands before it is done. */
    private void awaitVisible(long deadline) throws BehindException {
        Map<TopicPartition, Long> written = written(outputs);
        while (!consumer.endOffsets(outputs).entrySet().stream()
                .allMatch(visible -> visible.getValue() >= written.get(visible.getKey()))) {
            if (System.nanoTime() - deadline > 0) {
                throw new BehindException(group, 0);
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    /** The ends of what is written by now, in transactions that are still open as well. */
    private Map<TopicPartition, Long> written(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        get(admin.listOffsets(latest).all()).forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    private void awaitCommitted(Map<TopicPartition, Long> ends, long deadline) throws BehindException {
        advance(ends.keySet());
        while (behind(ends) > 0) {
            if (System.nanoTime() - deadline > 0) {
                throw new BehindException(group, behind(ends));
            }
            skipWhatIsNoRecord(ends);
            LockSupport.parkNanos(POLL.toNanos());
            advance(ends.keySet());
        }
    }

    private long behind(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - readTo.getOrDefault(end.getKey(), 0L)))
                .sum();
    }

    private void advance(Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> committed = committed();
        partitions.forEach(partition -> readTo.merge(partition, committed.getOrDefault(partition, 0L), Math::max));
    }

    /** The ledger commits no offset behind what a transaction leaves at the end of a partition, if no record follows. */
    private void skipWhatIsNoRecord(Map<TopicPartition, Long> ends) {
        List<TopicPartition> standing = ends.keySet().stream()
                .filter(partition -> readTo.get(partition) < ends.get(partition))
                .toList();
        consumer.assign(standing);
        consumer.beginningOffsets(standing)
                .forEach((partition, beginning) -> readTo.merge(partition, beginning, Math::max));
        standing.forEach(partition -> consumer.seek(partition, readTo.get(partition)));
        ConsumerRecords<?, ?> records = consumer.poll(PEEK);
        standing.stream()
                .filter(partition -> records.records(partition).isEmpty())
                .forEach(partition -> readTo.put(partition, consumer.position(partition)));
    }

    private Map<TopicPartition, Long> committed() {
        Map<TopicPartition, OffsetAndMetadata> offsets =
                get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        Map<TopicPartition, Long> committed = new HashMap<>();
        offsets.forEach((partition, offset) -> {
            if (offset != null) {
                committed.put(partition, offset.offset());
            }
        });
        return committed;
    }

    private static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get(REQUEST_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("Kafka does not say how far the ledger has come: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("Interrupted while asking how far the ledger has come", e);
        }
    }
}
