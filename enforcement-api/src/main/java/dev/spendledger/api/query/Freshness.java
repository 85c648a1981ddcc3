package dev.spendledger.api.query;

import java.time.Instant;
import java.util.Optional;

/**
 * How far a partition of the ledger has come.
 *
 * @param asOf the time up to which every event is included, as far as this instance has heard from the broker
 * @param lagMs how long ago that is, in milliseconds
 * @param doubt why the owner's word does not count in full; empty = it is fresh
 */
public record Freshness(Instant asOf, long lagMs, Optional<DegradedReason> doubt) {}
