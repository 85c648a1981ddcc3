package dev.spendledger.api.query;

import java.util.Optional;

/**
 * What became of asking a partition for something.
 *
 * @param <T> what was asked for
 */
public sealed interface Reading<T> {

    /**
     * The partition answered.
     *
     * @param value what it has; empty = it has no such row
     * @param servedBy who answered
     * @param freshness how far the partition has come
     */
    record Answered<T>(Optional<T> value, ServedBy servedBy, Freshness freshness) implements Reading<T> {}

    /**
     * Nobody could answer for the partition.
     *
     * @param reason why
     */
    record Unavailable<T>(DegradedReason reason) implements Reading<T> {}
}
