package dev.spendledger.api.runtime;

import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the inputs of the fold end. Asks the broker every {@value #PERIOD_MS} ms: whatever was acknowledged before it was
 * asked stands before these ends. What a consumer has heard is no such word, its last answer may be of any age.
 *
 * <p>Of what the ledger writes itself the end is where the committed records end: its transactions are never all done. Of
 * the facts it is the very end: what stands behind a transaction that a producer leaves open is acknowledged, and not folded.
 */
final class InputEnds implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(InputEnds.class);
    private static final long PERIOD_MS = 100;
    private static final int ANSWERED_WITHIN_MS = 2_000;

    private final Admin admin;
    private final FoldClients clients;
    private final Set<String> writtenByLedger;
    private final Clock clock;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ledger-input-ends");
        thread.setDaemon(true);
        return thread;
    });
    private final ToldEnds told = new ToldEnds();

    /**
     * @param clients whose inputs are asked for
     * @param writtenByLedger the names of the topics that the ledger writes itself
     */
    InputEnds(Admin admin, FoldClients clients, Set<String> writtenByLedger, Clock clock) {
        this.admin = admin;
        this.clients = clients;
        this.writtenByLedger = Set.copyOf(writtenByLedger);
        this.clock = clock;
        timer.scheduleWithFixedDelay(this::lookSafely, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    /**
     * The time up to which all that was acknowledged of these partitions is folded; empty = it is longer ago than what is
     * known of their ends.
     */
    Optional<Instant> foldedAsOf(List<TopicPartition> partitions) {
        return told.foldedAsOf(partitions, clients::isFoldedUpTo);
    }

    private void lookSafely() {
        try {
            look();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            log.warn("Asking where the inputs end failed; it is tried again.", e);
        }
    }

    private void look() throws InterruptedException {
        Map<Boolean, List<TopicPartition>> assigned = clients.assigned().stream()
                .collect(Collectors.partitioningBy(partition -> writtenByLedger.contains(partition.topic())));
        Instant askedAt = clock.instant();
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ANSWERED_WITHIN_MS);
        ListOffsetsResult committed = ask(assigned.get(true), IsolationLevel.READ_COMMITTED);
        ListOffsetsResult written = ask(assigned.get(false), IsolationLevel.READ_UNCOMMITTED);
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (TopicPartition partition : assigned.get(true)) {
            end(committed, partition, deadlineNanos).ifPresent(end -> offsets.put(partition, end));
        }
        for (TopicPartition partition : assigned.get(false)) {
            end(written, partition, deadlineNanos).ifPresent(end -> offsets.put(partition, end));
        }
        told.add(askedAt, offsets);
    }

    private ListOffsetsResult ask(List<TopicPartition> partitions, IsolationLevel isolation) {
        return admin.listOffsets(
                partitions.stream().collect(Collectors.toMap(Function.identity(), any -> OffsetSpec.latest())),
                new ListOffsetsOptions(isolation).timeoutMs(ANSWERED_WITHIN_MS));
    }

    /** Empty = the broker that leads the partition does not answer; what it was said of another counts all the same. */
    private static Optional<Long> end(ListOffsetsResult asked, TopicPartition partition, long deadlineNanos)
            throws InterruptedException {
        try {
            long left = Math.max(0, deadlineNanos - System.nanoTime());
            return Optional.of(asked.partitionResult(partition)
                    .get(left, TimeUnit.NANOSECONDS)
                    .offset());
        } catch (ExecutionException | TimeoutException e) {
            log.debug("The broker does not say where an input ends. partition={}", partition, e);
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
