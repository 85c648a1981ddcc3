package dev.spendledger.api.runtime;

import dev.spendledger.api.http.Health;
import dev.spendledger.api.query.Peers;
import dev.spendledger.api.query.Placement;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.RowRange;
import dev.spendledger.streams.topology.LedgerTopology;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Calls the owners of other partitions until they answer in time, before this instance is ready. Its first calls open
 * connections and run code that is not compiled yet: they take longer than a check may wait, and it would be answered without
 * a reading.
 */
final class PeersWarmUp implements AutoCloseable {
    /** So many answers in a row, of each. */
    private static final int ANSWERS = 100;

    private static final long PERIOD_MS = 5;
    /** Where one does not answer, that must not keep this instance from being asked what it can tell. */
    private static final Duration GIVEN_UP_AFTER = Duration.ofSeconds(15);

    private final Placement placement;
    private final Peers peers;
    private final int partitions;
    private final Map<URI, AtomicInteger> answersInARow = new ConcurrentHashMap<>();
    private final Set<URI> asked = ConcurrentHashMap.newKeySet();
    private final long startNanos = System.nanoTime();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ledger-peers-warm-up");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean done;

    PeersWarmUp(Placement placement, Peers peers, int partitions) {
        this.placement = placement;
        this.peers = peers;
        this.partitions = partitions;
    }

    /** To be called once the streams have been started. */
    void start() {
        timer.scheduleWithFixedDelay(this::call, PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    Health.Check check() {
        return new Health.Check(
                "peers", done, done ? "the other instances answer" : "the other instances do not answer yet");
    }

    private void call() {
        boolean allKnown = true;
        boolean allAnswer = true;
        for (int partition = 0; partition < partitions; partition++) {
            URI owner = placement
                    .of(LedgerTopology.SPEND_BY_ROOT, partition)
                    .owner()
                    .orElse(null);
            allKnown &= owner != null;
            if (owner != null && !owner.equals(placement.self())) {
                allAnswer &= isAnswering(owner, partition);
            }
        }
        if (allKnown && allAnswer || System.nanoTime() - startNanos > GIVEN_UP_AFTER.toNanos()) {
            done = true;
            timer.shutdown();
        }
    }

    private boolean isAnswering(URI owner, int partition) {
        AtomicInteger inARow = answersInARow.computeIfAbsent(owner, any -> new AtomicInteger());
        // One call at a time: more would only wait for each other.
        if (inARow.get() < ANSWERS && asked.add(owner)) {
            peers.rows(owner, LedgerTopology.SPEND_BY_ROOT, partition, RowRange.from(new byte[0], 1))
                    .onComplete(any -> asked.remove(owner))
                    .onSuccess(reading -> {
                        if (reading instanceof Reading.Answered) {
                            inARow.incrementAndGet();
                        } else {
                            inARow.set(0);
                        }
                    });
        }
        return inARow.get() >= ANSWERS;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
