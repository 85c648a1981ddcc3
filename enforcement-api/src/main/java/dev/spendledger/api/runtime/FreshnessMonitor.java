package dev.spendledger.api.runtime;

import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.streams.KafkaStreams;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows how far each partition that this instance has of one sub-topology has come, from what its consumers say of themselves: a strict read alone
 * proves nothing, a process cut off from the broker goes on answering for ever. Looks every {@value #PERIOD_MS} ms, so that
 * no request has to.
 *
 * <p>A partition has caught up when none of its input topics has a record left that the consumer knows of. What was appended
 * in the last few milliseconds may not be known to it yet. A topic that never had a record has no metric, and no lag.
 */
final class FreshnessMonitor implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FreshnessMonitor.class);
    private static final long PERIOD_MS = 50;

    private final KafkaStreams streams;
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
     * @param sourceTopics the names of the topics that a partition is folded from
     * @param partitions how many partitions they have
     * @param staleAfter how far behind its input an owner may be
     * @param sessionTimeout how long ago the last heartbeat of the consumer group may be
     */
    FreshnessMonitor(
            KafkaStreams streams,
            Set<String> sourceTopics,
            int partitions,
            Duration staleAfter,
            Duration sessionTimeout,
            Clock clock) {
        this.streams = streams;
        // Metrics bear topic names with the dots replaced.
        this.sourceTopics = sourceTopics.stream()
                .flatMap(topic -> Stream.of(topic, topic.replace('.', '_')))
                .collect(Collectors.toSet());
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
        Set<Integer> behind = new HashSet<>();
        double heartbeatAgeSeconds = Double.NaN;
        for (Metric metric : streams.metrics().values()) {
            MetricName name = metric.metricName();
            if (name.name().equals("records-lag")
                    && sourceTopics.contains(name.tags().get("topic"))) {
                if (number(metric) > 0) {
                    behind.add(Integer.parseInt(name.tags().get("partition")));
                }
            } else if (name.name().equals("last-heartbeat-seconds-ago")) {
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
            } else if (inTouch && !behind.contains(partition)) {
                caughtUpAt.set(partition, now);
            }
        }
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
