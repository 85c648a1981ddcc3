package dev.spendledger.api.runtime;

import java.time.Duration;
import java.util.Map;
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
 * Deletes from {@code ledger-routing} what the ledger has read and committed. The topic has no retention by age, which after
 * a long stop would delete what nobody has read yet. Every instance does it for all partitions: deleting twice is harmless.
 */
final class RoutingTrimmer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RoutingTrimmer.class);

    private final Admin admin;
    private final String groupId;
    private final String routingTopic;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ledger-routing-trimmer");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param groupId the consumer group whose committed offsets count
     * @param period how often to look
     */
    RoutingTrimmer(Admin admin, String groupId, String routingTopic, Duration period) {
        this.admin = admin;
        this.groupId = groupId;
        this.routingTopic = routingTopic;
        timer.scheduleWithFixedDelay(this::trimSafely, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void trimSafely() {
        try {
            trim();
        } catch (ExecutionException | RuntimeException e) {
            // Thrown on, it would end the timer. What is not deleted now is deleted next time.
            log.warn(
                    "Deleting read records failed; it is tried again. topic={} cause={}", routingTopic, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void trim() throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(groupId)
                .partitionsToOffsetAndMetadata()
                .get();
        Map<TopicPartition, RecordsToDelete> read = committed.entrySet().stream()
                .filter(entry -> entry.getKey().topic().equals(routingTopic) && entry.getValue() != null)
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
