package dev.spendledger.api.write;

import dev.spendledger.api.query.AccountLimitsView;
import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.Membership;
import dev.spendledger.streams.domain.PeriodLimit;
import dev.spendledger.streams.domain.PeriodLimitKey;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * Sets and removes account-period limits and the groups of accounts. Answers once this instance judges by what was written; it
 * stands whether or not that can be awaited.
 */
public final class AccountLimits {
    private final ViewWriter writer;

    /**
     * @param deadline how long to wait for what was written to be in force
     */
    public AccountLimits(Vertx vertx, AccountLimitsView view, EventWriter writer, Duration deadline) {
        this.writer = new ViewWriter(view, writer, new Polling(vertx, deadline));
    }

    public Future<Void> set(PeriodLimitKey key, PeriodLimit limit) {
        AccountLimitSet event = AccountLimitSet.newBuilder()
                .setSpendLimitMicros(limit.micros())
                .setPeriod(
                        limit.period() == null
                                ? null
                                : dev.spendledger.events.Period.valueOf(
                                        limit.period().name()))
                .setSetBy(limit.setBy())
                .setSetAt(limit.setAt())
                .build();
        return writer.write(Topic.ACCOUNT_LIMITS, key.toString(), event);
    }

    /** Also right where none is set. */
    public Future<Void> remove(PeriodLimitKey key) {
        return writer.write(Topic.ACCOUNT_LIMITS, key.toString(), null);
    }

    public Future<Void> setGroups(String accountId, Membership membership) {
        return writer.write(
                Topic.ACCOUNT_GROUPS, accountId, new AccountGroups(membership.groupIds(), membership.setAt()));
    }
}
