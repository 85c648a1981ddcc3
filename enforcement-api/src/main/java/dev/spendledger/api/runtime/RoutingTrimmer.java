package dev.spendledger.api.runtime;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes from the topics that the ledger speaks to itself by what it has read and committed. They have no retention by age,
 * which after a long stop would delete what nobody has read yet. Every instance does it for all partitions: deleting twice is
 * harmless.
 */
final class RoutingTrimmer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RoutingTrimmer.class);

    private final Admin admin;
    private final String groupId;
    private final Set<String> topics;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ledger-routing-trimmer");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param groupId the consumer group whose committed offsets count
     * @param topics their names
     * @param period how often to look
     */
    RoutingTrimmer(Admin admin, String groupId, Set<String> topics, Duration period) {
        this.admin = admin;
        this.groupId = groupId;
        this.topics = topics;
        timer.scheduleWithFixedDelay(this::trimSafely, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void trimSafely() {
        try {
            trim();
        } catch (ExecutionException | RuntimeException e) {
            // Thrown on, it would end the timer. What is not deleted now is deleted next time.
            log.warn("Deleting read records failed; it is tried again. topics={} cause={}", topics, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void trim() throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(groupId)
                .partitionsToOffsetAndMetadata()
                .get();
        Map<TopicPartition, RecordsToDelete> read = committed.entrySet().stream()
                .filter(entry -> topics.contains(entry.getKey().topic()) && entry.getValue() != null)
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> RecordsToDelete.beforeOffset(entry.getValue().offset())));
        admin.deleteRecords(read).all().get();
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
