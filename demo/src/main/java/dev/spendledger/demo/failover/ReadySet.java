package dev.spendledger.demo.failover;

import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Which instances a load balancer would send requests to: those that last said they were ready. In turn. Not thread-safe.
 * Instances are counted from 1.
 */
final class ReadySet {
    private final boolean[] ready;
    private final long[] looksNotReady;
    private int last;

    ReadySet(int instances) {
        this.ready = new boolean[instances];
        this.looksNotReady = new long[instances];
    }

    /** Takes in what a look at an instance has shown. */
    void onLook(int instance, boolean isReady) {
        ready[instance - 1] = isReady;
        if (!isReady) {
            looksNotReady[instance - 1]++;
        }
    }

    /** The next instance whose turn it is; empty = none is ready. */
    OptionalInt next() {
        return nextBut(0);
    }

    /** The same without one of them, which has just failed. */
    OptionalInt nextBut(int failed) {
        for (int tried = 0; tried < ready.length; tried++) {
            last = last % ready.length + 1;
            if (ready[last - 1] && last != failed) {
                return OptionalInt.of(last);
            }
        }
        return OptionalInt.empty();
    }

    /** How many looks have found an instance not ready, or not answering, since the last {@link #forget}. */
    long looksNotReady() {
        return Arrays.stream(looksNotReady).sum();
    }

    /** Forgets the looks before. */
    void forget() {
        Arrays.fill(looksNotReady, 0);
    }
}
