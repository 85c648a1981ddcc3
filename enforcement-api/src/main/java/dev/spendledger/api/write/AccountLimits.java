package dev.spendledger.api.write;

import dev.spendledger.api.query.AccountLimitsView;
import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.Membership;
import dev.spendledger.streams.domain.PeriodLimit;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.intake.RecordId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;

/**
 * Sets and removes account-period limits and the groups of accounts. Answers once this instance judges by what was written; it
 * stands whether or not that can be awaited.
 */
public final class AccountLimits {
    private static final long POLL_MS = 5;

    private final Vertx vertx;
    private final AccountLimitsView view;
    private final EventWriter writer;
    private final Duration deadline;

    /**
     * @param deadline how long to wait for what was written to be in force
     */
    public AccountLimits(Vertx vertx, AccountLimitsView view, EventWriter writer, Duration deadline) {
        this.vertx = vertx;
        this.view = view;
        this.writer = writer;
        this.deadline = deadline;
    }

    public Future<Void> set(PeriodLimitKey key, PeriodLimit limit) {
        AccountLimitSet event = AccountLimitSet.newBuilder()
                .setSpendLimitMicros(limit.micros())
                .setPeriod(
                        limit.period() == null
                                ? null
                                : dev.spendledger.events.Period.valueOf(
                                        limit.period().name()))
                .setSetAt(limit.setAt())
                .build();
        return write(Topic.ACCOUNT_LIMITS, key.toString(), event);
    }

    /** Also right where none is set. */
    public Future<Void> remove(PeriodLimitKey key) {
        return write(Topic.ACCOUNT_LIMITS, key.toString(), null);
    }

    public Future<Void> setGroups(String accountId, Membership membership) {
        return write(Topic.ACCOUNT_GROUPS, accountId, new AccountGroups(membership.groupIds(), membership.setAt()));
    }

    private Future<Void> write(Topic topic, String key, SpecificRecord event) {
        return writer.write(topic, key, event)
                .compose(written -> awaitRead(
                        new RecordId(written.topic(), written.partition(), written.offset()),
                        System.nanoTime() + deadline.toNanos()));
    }

    private Future<Void> awaitRead(RecordId record, long endNanos) {
        return view.hasRead(record) || System.nanoTime() - endNanos >= 0
                ? Future.succeededFuture()
                : vertx.timer(POLL_MS, TimeUnit.MILLISECONDS).compose(waited -> awaitRead(record, endNanos));
    }
}
