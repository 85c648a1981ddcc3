package dev.spendledger.benchmarks;

import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** Waits for what takes a while. */
final class Wait {
    /** A million trees are folded and restored in minutes; what takes longer than this never ends. */
    static final Duration PATIENCE = Duration.ofMinutes(60);

    private static final long POLL_MS = 50;

    private Wait() {}

    /** Something that may come true. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws InterruptedException;
    }

    /**
     * @param what it is that is waited for
     * @param ends of the instances that have to bring it about
     * @throws TimeoutException if it does not come within {@link #PATIENCE}
     */
    static void until(String what, Ends ends, Condition condition) throws InterruptedException, TimeoutException {
        long endNanos = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            ends.requireNone();
            if (System.nanoTime() - endNanos > 0) {
                throw new TimeoutException("Not within " + PATIENCE.toMinutes() + " minutes: " + what);
            }
            Thread.sleep(POLL_MS);
        }
    }
}
