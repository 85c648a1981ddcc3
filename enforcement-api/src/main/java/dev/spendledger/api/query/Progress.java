package dev.spendledger.api.query;

import java.time.Instant;
import java.util.Optional;

/** How far the partitions that this instance has of the trees, or of the accounts, have come. */
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
     * The time up to which all of a partition that this instance owns is folded and committed, so that copies have it or will;
     * empty = it is not known.
     */
    Optional<Instant> committedAsOf(int partition);

    /**
     * Whether a partition is this instance's own, and its stores are whole. Its thread may be taking part in a rebalance, and
     * then allows no strict read of what it keeps all the while; and it may allow one of what is being restored.
     */
    boolean owns(int partition);
}
