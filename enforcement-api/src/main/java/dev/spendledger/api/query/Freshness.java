package dev.spendledger.api.query;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How far a partition of the ledger has come.
 *
 * @param asOf the time up to which every event is included, as far as this instance has heard from the broker
 * @param lagMs how long ago that is, in milliseconds
 * @param doubt why this word does not count in full; empty = it does
 */
public record Freshness(Instant asOf, long lagMs, Optional<DegradedReason> doubt) {

    /** What has come up to some time, seen from now. */
    public static Freshness at(Instant asOf, Instant now, Optional<DegradedReason> doubt) {
        return new Freshness(asOf, Math.max(0, Duration.between(asOf, now).toMillis()), doubt);
    }

    /** Whether anything is known of it. */
    public boolean isKnown() {
        return asOf.isAfter(Instant.EPOCH);
    }

    /** The same, with another doubt. */
    public Freshness withDoubt(Optional<DegradedReason> other) {
        return new Freshness(asOf, lagMs, other);
    }

    /**
     * The same of what is no owner's word: in doubt unless it is as new as an owner's has to be.
     *
     * @param staleAfter how far behind an owner may be
     * @param reason why the owner does not answer
     */
    public Freshness withoutOwner(Duration staleAfter, DegradedReason reason) {
        return withDoubt(lagMs <= staleAfter.toMillis() ? Optional.empty() : Optional.of(reason));
    }
}
