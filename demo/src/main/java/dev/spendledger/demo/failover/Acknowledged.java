package dev.spendledger.demo.failover;

import java.util.Arrays;

/**
 * What a tree has spent by the messages that the broker has acknowledged, and when it had: the oracle. The messages of a tree
 * are in one partition, so they are acknowledged in the order of its log. Thread-safe.
 */
final class Acknowledged {
    private static final int INITIAL_CAPACITY = 64;

    /** When each message was appended, in milliseconds since 1970, never falling; and the sum from then on. */
    private long[] appendedMs = new long[INITIAL_CAPACITY];

    private long[] sumMicros = new long[INITIAL_CAPACITY];
    private int count;

    /**
     * Takes the next message in.
     *
     * @param appended when the broker appended it, by its own clock; a clock set back does not take back what was known
     */
    synchronized void add(long appended, long costMicros) {
        if (count == appendedMs.length) {
            appendedMs = Arrays.copyOf(appendedMs, 2 * count);
            sumMicros = Arrays.copyOf(sumMicros, 2 * count);
        }
        appendedMs[count] = count == 0 ? appended : Math.max(appended, appendedMs[count - 1]);
        sumMicros[count] = totalMicros() + costMicros;
        count++;
    }

    /** All that was acknowledged. */
    synchronized long totalMicros() {
        return count == 0 ? 0 : sumMicros[count - 1];
    }

    /** The sum of what was appended before a moment; what was appended in its very millisecond is not in it. */
    synchronized long microsBefore(long momentMs) {
        int messages = countBefore(momentMs);
        return messages == 0 ? 0 : sumMicros[messages - 1];
    }

    private int countBefore(long momentMs) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (appendedMs[middle] < momentMs) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * When the first message was appended that a sum does not hold.
     *
     * @throws IllegalArgumentException if the sum holds all
     */
    synchronized long firstMissingMs(long shownMicros) {
        for (int message = 0; message < count; message++) {
            if (sumMicros[message] > shownMicros) {
                return appendedMs[message];
            }
        }
        throw new IllegalArgumentException("The sum " + shownMicros + " lacks nothing of " + totalMicros());
    }
}
