package dev.spendledger.api.query;

import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.Totals;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Reads what an account has spent in the present period. */
public final class AccountQuery {
    private final LedgerReader reader;
    private final AccountLimitsView limits;
    private final KnownAccounts known = new KnownAccounts();
    private final Clock clock;

    public AccountQuery(LedgerReader reader, AccountLimitsView limits, Clock clock) {
        this.reader = reader;
        this.limits = limits;
        this.clock = clock;
    }

    /** The spend of an account; of one that nobody has heard of, nothing. */
    public Future<Reading<AccountSpend>> spend(String accountId) {
        return limits.isLoaded() ? spend(accountId, limits.limitOf(accountId)) : notLoaded();
    }

    /** The same of an account that has a limit; empty = it has none, and nothing was read. */
    public Future<Optional<Reading<AccountSpend>>> spendIfLimited(String accountId) {
        if (!limits.isLoaded()) {
            return notLoaded().map(Optional::of);
        }
        AccountLimit limit = limits.limitOf(accountId);
        return limit.inForce().isPresent()
                ? spend(accountId, limit).map(Optional::of)
                : Future.succeededFuture(Optional.empty());
    }

    /** What an account is held to; empty = it is not known yet. */
    public Optional<AccountLimit> limitOf(String accountId) {
        return limits.isLoaded() ? Optional.of(limits.limitOf(accountId)) : Optional.empty();
    }

    /**
     * The spend of an account, where a fresh owner can say it at once; empty = it has to be asked for. Reads no store.
     *
     * @param limit what it is held to
     */
    public Optional<Reading.Answered<AccountSpend>> spendInMemory(String accountId, AccountLimit limit) {
        Period.Span span = limit.period().at(clock.instant());
        return reader.accountInMemory(accountId, span.first(), span.next())
                .map(answered -> spend(accountId, limit, span, answered));
    }

    private static Reading.Answered<AccountSpend> spend(
            String accountId, AccountLimit limit, Period.Span span, Reading.Answered<Totals> answered) {
        return new Reading.Answered<>(
                answered.value().map(totals -> new AccountSpend(accountId, limit, span, totals)),
                answered.servedBy(),
                answered.freshness());
    }

    private static Future<Reading<AccountSpend>> notLoaded() {
        return Future.succeededFuture(new Reading.Unavailable<>(DegradedReason.STARTING));
    }

    private Future<Reading<AccountSpend>> spend(String accountId, AccountLimit limit) {
        Period.Span span = limit.period().at(clock.instant());
        return reader.account(accountId, span.first(), span.next()).map(reading -> {
            if (reading instanceof Reading.Unavailable<Totals> unavailable) {
                return new Reading.Unavailable<>(unavailable.reason());
            }
            return spend(accountId, limit, span, (Reading.Answered<Totals>) reading);
        });
    }

    /** What a fresh owner has said of an account. */
    public void onFresh(AccountSpend account, Instant asOf) {
        known.onFresh(account, asOf);
    }

    /** What a fresh owner has last said of an account in this period, held to what it is held to now; empty = nothing. */
    public Optional<Reading.Answered<AccountSpend>> known(String accountId) {
        AccountLimit limit = limits.limitOf(accountId);
        Instant now = clock.instant();
        Period.Span span = limit.period().at(now);
        return known.find(accountId, span)
                .map(found -> new Reading.Answered<>(
                        Optional.of(new AccountSpend(accountId, limit, span, found.totals())),
                        ServedBy.STATUS_VIEW,
                        Freshness.at(found.asOf(), now, Optional.empty())));
    }
}
