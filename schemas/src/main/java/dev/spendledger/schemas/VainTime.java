package dev.spendledger.schemas;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How much time has been spent in vain lately. Ids that nobody knows cost whoever reads them a request each: rubbish that
 * names ever new ones would hold up all that can be read. Thread-safe.
 */
final class VainTime {
    /** What may be spent at once. */
    static final Duration MOST = Duration.ofSeconds(2);
    /** For each part of it, so much time must go by until it may be spent again. */
    private static final long RECOVERY = 10;

    private final LongSupplier nanoTime;
    private long spentNanos;
    private long seenNanos;

    VainTime() {
        this(System::nanoTime);
    }

    VainTime(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.seenNanos = nanoTime.getAsLong();
    }

    synchronized void add(long nanos) {
        recover();
        spentNanos += nanos;
    }

    /** Whether no more may be spent just now. */
    synchronized boolean isSpent() {
        recover();
        return spentNanos >= MOST.toNanos();
    }

    private void recover() {
        long now = nanoTime.getAsLong();
        spentNanos = Math.max(0, spentNanos - (now - seenNanos) / RECOVERY);
        seenNanos = now;
    }
}
