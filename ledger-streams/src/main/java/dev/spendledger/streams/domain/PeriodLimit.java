package dev.spendledger.streams.domain;

import java.time.Instant;

/**
 * An account-period limit as it was set.
 *
 * @param micros the limit, 1 to {@link Ranges#MAX_MICROS}
 * @param period the period that all account-period limits are about; of the default limit only, else null
 * @param setBy who set it, for people; null = not said
 * @param setAt when, by the producer's clock; decides nothing
 */
public record PeriodLimit(long micros, Period period, String setBy, Instant setAt) {}
