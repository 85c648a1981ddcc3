package dev.spendledger.api.runtime;

import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.Progress;
import dev.spendledger.streams.topology.LedgerStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows how far each partition that this instance has of the trees, or of the accounts, has come, from what its consumers say of
 * themselves: a strict read alone proves nothing, a process cut off from the broker goes on answering for ever. Looks every
 * {@value #PERIOD_MS} ms, so that no request has to.
 *
 * <p>A partition has caught up when all is folded up to the ends of its input topics, as of when the broker was asked for
 * them: a thread that hangs within a record grows stale.
 */
final class FreshnessMonitor implements Progress, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FreshnessMonitor.class);
    private static final long PERIOD_MS = 50;

    private final FoldClients clients;
    private final InputEnds ends;
    /** Of each partition what it is folded from. */
    private final List<List<TopicPartition>> inputs;

    private final List<LedgerStore<?, ?>> stores;
    private final CopyProgress copies;
    private final Duration staleAfter;
    private final Duration sessionTimeout;
    private final Clock clock;
    private final AtomicReferenceArray<Instant> caughtUpAt;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ledger-freshness");
        thread.setDaemon(true);
        return thread;
    });
    private final List<CommittedProgress> committed;
    /** 1 where a partition has been restored since it was last looked at. */
    private final AtomicIntegerArray restored;

    private volatile boolean inTouch;

    /**
     * @param clients of these streams
     * @param ends of what they read
     * @param sourceTopics the names of the topics that a partition is folded from
     * @param stores those that it is folded into
     * @param copies how far the copies have come
     * @param partitions how many partitions they have
     * @param staleAfter how far behind its input an owner may be
     * @param sessionTimeout how long ago the last heartbeat of the consumer group may be
     */
    FreshnessMonitor(
            FoldClients clients,
            InputEnds ends,
            Set<String> sourceTopics,
            List<LedgerStore<?, ?>> stores,
            CopyProgress copies,
            int partitions,
            Duration staleAfter,
            Duration sessionTimeout,
            Clock clock) {
        this.clients = clients;
        this.ends = ends;
        this.inputs = IntStream.range(0, partitions)
                .mapToObj(partition -> sourceTopics.stream()
                        .map(topic -> new TopicPartition(topic, partition))
                        .toList())
                .toList();
        this.staleAfter = staleAfter;
        this.sessionTimeout = sessionTimeout;
        this.clock = clock;
        this.stores = List.copyOf(stores);
        this.copies = copies;
        this.caughtUpAt = new AtomicReferenceArray<>(partitions);
        this.restored = new AtomicIntegerArray(partitions);
        this.committed =
                Stream.generate(CommittedProgress::new).limit(partitions).toList();
        timer.scheduleWithFixedDelay(this::lookSafely, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public Freshness ofOwner(int partition) {
        Instant now = clock.instant();
        // What it had as a copy it has as the owner, too.
        Instant asOf = Optional.ofNullable(caughtUpAt.get(partition))
                .or(() -> copies.asOf(partition))
                .orElse(Instant.EPOCH);
        Duration lag = Duration.between(asOf, now);
        Optional<DegradedReason> doubt = !inTouch
                ? Optional.of(DegradedReason.STALE_OWNER)
                : lag.compareTo(staleAfter) > 0 ? Optional.of(DegradedReason.CATCHING_UP) : Optional.empty();
        return new Freshness(asOf, Math.max(0, lag.toMillis()), doubt);
    }

    @Override
    public Freshness ofCopy(int partition, DegradedReason reason) {
        return Freshness.at(copies.asOf(partition).orElse(Instant.EPOCH), clock.instant(), Optional.empty())
                .withoutOwner(staleAfter, reason);
    }

    @Override
    public Optional<Instant> committedAsOf(int partition) {
        return committed.get(partition).asOf();
    }

    @Override
    public boolean owns(int partition) {
        return isAssigned(partition) && isOpen(partition);
    }

    /** The fold names one of its stores. */
    private boolean isOpen(int partition) {
        for (LedgerStore<?, ?> store : stores) { // No stream: every check asks.
            if (clients.isOpen(store, partition)) {
                return true;
            }
        }
        return false;
    }

    /**
     * A store of a partition is being restored: what it was before says nothing of it now.
     *
     * @param offset from where in its changelog
     */
    void onRestoreStart(String store, int partition, long offset) {
        if (stores.stream().anyMatch(ours -> ours.name().equals(store))) {
            caughtUpAt.set(partition, null);
            if (restored.getAndSet(partition, 1) == 0) { // The first of its stores.
                handOver(partition);
            }
            copies.onRestoreStart(store, partition, offset);
        }
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
        double heartbeatAgeSeconds = clients.heartbeatAgeSeconds();
        inTouch = heartbeatAgeSeconds * 1_000 <= sessionTimeout.toMillis();
        for (int partition = 0; partition < caughtUpAt.length(); partition++) {
            if (restored.getAndSet(partition, 0) == 1) {
                forget(partition);
            } else if (!owns(partition)) {
                handOver(partition);
                forget(partition);
            } else if (inTouch) {
                int folded = partition;
                ends.foldedAsOf(inputs.get(partition)).ifPresent(at -> {
                    caughtUpAt.set(folded, at);
                    committed.get(folded).onFolded(at, clients.folded(inputs.get(folded)), clients::areCommitted);
                });
            }
        }
    }

    private void forget(int partition) {
        caughtUpAt.set(partition, null);
        committed.get(partition).forget();
    }

    /** What this instance had of a partition as its owner it may keep as a copy. */
    private void handOver(int partition) {
        committed.get(partition).asOf().ifPresent(asOf -> copies.onGivenUp(partition, asOf));
    }

    /** Of the topics of a partition a consumer has all or none. */
    private boolean isAssigned(int partition) {
        for (TopicPartition input : inputs.get(partition)) {
            if (clients.isAssigned(input)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
