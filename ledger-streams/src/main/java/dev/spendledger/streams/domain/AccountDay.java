package dev.spendledger.streams.domain;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * A UTC day of an account: what its spend is kept by.
 *
 * @param accountId the account
 * @param day the UTC day
 */
public record AccountDay(String accountId, LocalDate day) {

    /** The day that a message is charged to: that of its {@code priced_at}, whenever the message arrives. */
    public static AccountDay of(Attribution attribution) {
        return new AccountDay(attribution.accountId(), utcDay(attribution.pricedAt()));
    }

    /** The UTC day of an instant; it begins at midnight and ends before the next. */
    public static LocalDate utcDay(Instant instant) {
        return LocalDate.ofInstant(instant, ZoneOffset.UTC);
    }
}
