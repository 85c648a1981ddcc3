package dev.spendledger.api.query;

/** How far the partitions that this instance has of one sub-topology have come. */
public interface Progress {

    /** How far a partition has come that this instance owns. */
    Freshness ofOwner(int partition);

    /**
     * How far the copy of a partition has come that this instance keeps.
     *
     * @param reason why the owner does not answer
     */
    Freshness ofCopy(int partition, DegradedReason reason);

    /**
     * Whether a partition has been this instance's own without a break since it could last be read strictly. Its thread may
     * be taking part in a rebalance, and then allows no strict read of what it keeps all the while.
     */
    boolean owns(int partition);
}
