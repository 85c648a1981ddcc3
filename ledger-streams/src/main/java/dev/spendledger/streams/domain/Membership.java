package dev.spendledger.streams.domain;

import java.time.Instant;
import java.util.List;

/**
 * The groups that an account belongs to, all of them.
 *
 * @param groupIds at most {@link Ranges#MAX_GROUPS}
 * @param setAt when, by the producer's clock; decides nothing
 */
public record Membership(List<String> groupIds, Instant setAt) {}
