package dev.spendledger.api.query;

import dev.spendledger.events.SpendAlert;

/**
 * A record of {@code spend-alerts}, where somebody has read it.
 *
 * @param what it says
 * @param behind how far its reader had come with it: the partitions come in no promised order, the records of each in theirs
 */
public record Alert(int partition, long offset, SpendAlert what, AlertPositions behind) {
    /** Whether whoever has read up to these positions has read this one. */
    public boolean isBefore(AlertPositions positions) {
        return offset < positions.of(partition);
    }

    /** How far its reader had come before it. */
    AlertPositions before() {
        return behind.with(partition, offset);
    }
}
