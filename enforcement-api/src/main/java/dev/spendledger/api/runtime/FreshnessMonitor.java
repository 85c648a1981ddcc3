package dev.spendledger.api.runtime;

import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows how far each partition that this instance has of one sub-topology has come, from what its consumers say of
 * themselves: a strict read alone proves nothing, a process cut off from the broker goes on answering for ever. Looks every
 * {@value #PERIOD_MS} ms, so that no request has to.
 *
 * <p>A partition has caught up when its consumer knows the end of each of its input topics and has read up to it. What was
 * appended in the last few milliseconds may not be known to it yet.
 */
final class FreshnessMonitor implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FreshnessMonitor.class);
    private static final long PERIOD_MS = 50;

    private final KafkaStreams streams;
    private final InputLag inputLag;
    private final Set<String> sourceTopics;
    private final Duration staleAfter;
    private final Duration sessionTimeout;
    private final Clock clock;
    private final AtomicReferenceArray<Instant> caughtUpAt;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ledger-freshness");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean inTouch;

    /**
     * @param inputLag of the consumers of these streams
     * @param sourceTopics the names of the topics that a partition is folded from
     * @param partitions how many partitions they have
     * @param staleAfter how far behind its input an owner may be
     * @param sessionTimeout how long ago the last heartbeat of the consumer group may be
     */
    FreshnessMonitor(
            KafkaStreams streams,
            InputLag inputLag,
            Set<String> sourceTopics,
            int partitions,
            Duration staleAfter,
            Duration sessionTimeout,
            Clock clock) {
        this.streams = streams;
        this.inputLag = inputLag;
        this.sourceTopics = Set.copyOf(sourceTopics);
        this.staleAfter = staleAfter;
        this.sessionTimeout = sessionTimeout;
        this.clock = clock;
        this.caughtUpAt = new AtomicReferenceArray<>(partitions);
        timer.scheduleWithFixedDelay(this::lookSafely, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    /** How far a partition has come; of one that is not this instance's, that it has not. */
    Freshness of(int partition) {
        Instant now = clock.instant();
        Instant asOf = Optional.ofNullable(caughtUpAt.get(partition)).orElse(Instant.EPOCH);
        Duration lag = Duration.between(asOf, now);
        Optional<DegradedReason> doubt = !inTouch
                ? Optional.of(DegradedReason.STALE_OWNER)
                : lag.compareTo(staleAfter) > 0 ? Optional.of(DegradedReason.CATCHING_UP) : Optional.empty();
        return new Freshness(asOf, Math.max(0, lag.toMillis()), doubt);
    }

    /** How far a partition lags, in seconds; NaN if this instance has never caught up with it. */
    double lagSeconds(int partition) {
        Instant asOf = caughtUpAt.get(partition);
        return asOf == null
                ? Double.NaN
                : Duration.between(asOf, clock.instant()).toMillis() / 1_000.0;
    }

    private void lookSafely() {
        try {
            look();
        } catch (RuntimeException e) {
            // The next look may succeed; until then the partitions grow stale, which is what they are.
            log.warn("Reading the lag of the partitions failed.", e);
        }
    }

    private void look() {
        Instant now = clock.instant();
        double heartbeatAgeSeconds = Double.NaN;
        for (Metric metric : streams.metrics().values()) {
            if (metric.metricName().name().equals("last-heartbeat-seconds-ago")) {
                // All threads are one group member each; the worst of them counts.
                heartbeatAgeSeconds =
                        Math.max(Double.isNaN(heartbeatAgeSeconds) ? 0 : heartbeatAgeSeconds, number(metric));
            }
        }
        inTouch = heartbeatAgeSeconds >= 0 && heartbeatAgeSeconds * 1_000 <= sessionTimeout.toMillis();
        Set<Integer> owned = owned();
        for (int partition = 0; partition < caughtUpAt.length(); partition++) {
            if (!owned.contains(partition)) {
                caughtUpAt.set(partition, null);
            } else if (inTouch && isReadToItsEnd(partition)) {
                caughtUpAt.set(partition, now);
            }
        }
    }

    /** Of a topic whose end is not known yet there may be any number of records left. */
    private boolean isReadToItsEnd(int partition) {
        return sourceTopics.stream()
                .allMatch(topic ->
                        inputLag.of(new TopicPartition(topic, partition)).orElse(1) == 0);
    }

    private Set<Integer> owned() {
        return streams.metadataForLocalThreads().stream()
                .flatMap(thread -> thread.activeTasks().stream())
                .filter(task ->
                        task.topicPartitions().stream().anyMatch(partition -> sourceTopics.contains(partition.topic())))
                .map(task -> task.taskId().partition())
                .collect(Collectors.toSet());
    }

    private static double number(Metric metric) {
        return metric.metricValue() instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
