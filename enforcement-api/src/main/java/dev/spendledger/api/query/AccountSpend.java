package dev.spendledger.api.query;

import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.Totals;

/**
 * What an account has spent in a period, and what it is held to.
 *
 * @param span the days that are summed
 * @param totals the sum over the messages that are charged to the account on those days
 */
public record AccountSpend(String accountId, AccountLimit limit, Period.Span span, Totals totals) {

    /** Whether it has spent its limit: reaching it counts. */
    public boolean exhausted() {
        return limit.inForce()
                .filter(inForce -> totals.spentMicros() >= inForce.micros())
                .isPresent();
    }
}
