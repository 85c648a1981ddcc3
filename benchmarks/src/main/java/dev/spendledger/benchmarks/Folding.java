package dev.spendledger.benchmarks;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Prices messages at a steady rate, for the ledger to fold while something else is measured. Stops when closed. */
final class Folding implements AutoCloseable {
    private static final long PERIOD_MS = 20;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final Facts facts;
    private final int rate;
    private final int trees;
    private final int first;
    private final long startNanos = System.nanoTime();
    private final Future<?> sending;
    private volatile int sent;

    /**
     * @param rate messages a second
     * @param trees among how many; each has a chat below its root
     * @param first the number of the first message: those before it are there already
     */
    Folding(Facts facts, int rate, int trees, int first) {
        this.facts = facts;
        this.rate = rate;
        this.trees = trees;
        this.first = first;
        this.sending = thread.scheduleWithFixedDelay(this::sendWhatIsDue, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    private void sendWhatIsDue() {
        int due = (int) ((System.nanoTime() - startNanos) * rate / TimeUnit.SECONDS.toNanos(1));
        if (due > sent) {
            facts.messages(first + sent, first + due, trees, trees);
            sent = due;
        }
    }

    /** How many messages were acknowledged so far. */
    int sent() {
        return sent;
    }

    /** How many a second. */
    double perSecond() {
        return sent * (double) TimeUnit.SECONDS.toNanos(1) / (System.nanoTime() - startNanos);
    }

    /**
     * Ends it; returns once all that was sent is acknowledged.
     *
     * @throws IllegalStateException if something was not
     */
    @Override
    public void close() throws InterruptedException {
        thread.shutdown();
        thread.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        if (sending.isDone() && !sending.isCancelled()) {
            try {
                sending.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("The messages came to an end", e.getCause());
            }
        }
    }
}
