package dev.spendledger.streams.domain;

import java.time.Instant;

/**
 * A tree is frozen: every check of a chat of it is rejected.
 *
 * @param reason why, for people, 1 to {@link Ranges#MAX_REASON_LENGTH} characters; null = not said
 * @param setBy who froze it, for people; null = not said
 * @param setAt when, by the producer's clock; decides nothing
 */
public record Freeze(String reason, String setBy, Instant setAt) {}
