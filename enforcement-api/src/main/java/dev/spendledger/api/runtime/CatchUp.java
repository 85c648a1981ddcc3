package dev.spendledger.api.runtime;

import dev.spendledger.api.http.Health;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out when the ledger, all its instances together, has caught up: it has committed all facts that were there at the
 * first look, and then all that had been routed at the look before. The second, because what the last facts gave rise to is
 * still on its way when they are read. Reached once, it stays reached.
 */
final class CatchUp implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CatchUp.class);
    private static final Duration PEEK = Duration.ofMillis(200);
    private static final long END_WITHIN_SECONDS = 5;

    private final Consumer<?, ?> consumer;
    private final Callable<Map<TopicPartition, OffsetAndMetadata>> committed;
    private final Set<TopicPartition> facts;
    private final Set<TopicPartition> routing;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ledger-catch-up");
        thread.setDaemon(true);
        return thread;
    });
    /** How far each partition is read; what was deleted or is no record counts as read. */
    private final Map<TopicPartition, Long> readTo = new HashMap<>();

    private Map<TopicPartition, Long> factEnds = Map.of();
    private Optional<Map<TopicPartition, Long>> routingEnds = Optional.empty();
    private volatile String found = "not looked yet";
    private volatile boolean reached;

    /**
     * @param consumer reads committed records only, belongs to no group, and is this object's alone from now on
     * @param committed the offsets that the ledger has committed
     * @param facts the partitions of the topics of facts that the ledger reads
     * @param routing the partitions of {@code ledger-routing}
     */
    CatchUp(
            Consumer<?, ?> consumer,
            Callable<Map<TopicPartition, OffsetAndMetadata>> committed,
            Set<TopicPartition> facts,
            Set<TopicPartition> routing) {
        this.consumer = consumer;
        this.committed = committed;
        this.facts = facts;
        this.routing = routing;
    }

    /** Looks at once and then again and again, until it is reached. */
    void start(Duration period) {
        timer.scheduleWithFixedDelay(this::lookSafely, 0, period.toMillis(), TimeUnit.MILLISECONDS);
    }

    Health.Check check() {
        return new Health.Check("caught_up", reached, found);
    }

    private void lookSafely() {
        try {
            look();
        } catch (InterruptedException | InterruptException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            // Thrown on, it would end the timer. Until the next look the instance is what it was.
            log.warn("Looking how far the ledger has read failed; it is tried again. cause={}", e.getMessage());
        }
    }

    /** Does nothing but set what {@link #check} says. */
    void look() throws Exception {
        if (factEnds.isEmpty()) {
            lookFirst();
        }
        advance(committed.call());
        long factsLeft = left(factEnds);
        if (factsLeft > 0) {
            found = factsLeft + " records left of those that were there at the start";
        } else if (routingEnds.isPresent() && left(routingEnds.get()) == 0) {
            reach();
        } else {
            routingEnds = Optional.of(consumer.endOffsets(routing));
            found = left(routingEnds.get()) + " routed records left";
        }
    }

    private void lookFirst() {
        readTo.putAll(consumer.beginningOffsets(facts));
        readTo.putAll(consumer.beginningOffsets(routing));
        factEnds = consumer.endOffsets(facts);
    }

    private void advance(Map<TopicPartition, OffsetAndMetadata> committed) {
        Map<TopicPartition, Long> ends = new HashMap<>(factEnds);
        routingEnds.ifPresent(ends::putAll);
        Set<TopicPartition> standing = new HashSet<>();
        ends.forEach((partition, end) -> {
            long before = readTo.get(partition);
            OffsetAndMetadata offset = committed.get(partition);
            if (offset != null && offset.offset() > before) {
                readTo.put(partition, offset.offset());
            } else if (before < end) {
                standing.add(partition);
            }
        });
        skipWhatIsNoRecord(standing);
    }

    /** The ledger commits no offset behind what a transaction leaves at the end of a partition, if no record follows. */
    private void skipWhatIsNoRecord(Set<TopicPartition> standing) {
        if (standing.isEmpty()) {
            return;
        }
        consumer.assign(standing);
        standing.forEach(partition -> consumer.seek(partition, readTo.get(partition)));
        ConsumerRecords<?, ?> records = consumer.poll(PEEK);
        standing.stream()
                .filter(partition -> records.records(partition).isEmpty())
                .forEach(partition -> readTo.put(partition, consumer.position(partition)));
    }

    private long left(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - readTo.get(end.getKey())))
                .sum();
    }

    private void reach() {
        found = "the ledger has caught up";
        reached = true;
        log.info("The ledger has caught up with what was there at the start.");
        timer.shutdown();
    }

    @Override
    public void close() throws InterruptedException {
        timer.shutdownNow();
        // The consumer is the timer thread's as long as that runs.
        timer.awaitTermination(END_WITHIN_SECONDS, TimeUnit.SECONDS);
        // It has nothing to hand over, and would wait for the answer to its last fetch.
        consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
}
