package dev.spendledger.api.decision;

import dev.spendledger.api.query.AccountSpend;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.domain.TreeSpend;
import java.time.Instant;
import java.util.Optional;

/**
 * A limit held against the spend it is about.
 *
 * @param name which limit
 * @param spentMicros the spend, in micros; at most what can be shown
 * @param overflow whether the spend is more than can be shown
 * @param limitMicros the limit, in micros
 * @param passedPercent the greatest threshold of the limit that the spend has passed; {@link Thresholds#NONE_PASSED} = none
 * @param inPeriod what is said of a period besides; empty = it is about a lifetime
 */
public record Scope(
        String name,
        long spentMicros,
        boolean overflow,
        long limitMicros,
        int passedPercent,
        Optional<InPeriod> inPeriod) {
    /** The limit on the lifetime spend of a tree. */
    public static final String CHAT_LIFETIME = "chat_lifetime";
    /** The limit on the spend of an account in a period. */
    public static final String ACCOUNT_PERIOD = "account_period";

    /**
     * What belongs to a limit on a period.
     *
     * @param resetsAt when the spend starts from zero again
     * @param limitSource for whom the limit was set
     */
    public record InPeriod(Period period, Instant resetsAt, PeriodLimitKey.Kind limitSource) {}

    /** The scope of a tree; empty if it has no limit to be held to. */
    public static Optional<Scope> of(TreeSpend tree, Thresholds thresholds) {
        return tree.effectiveLimitMicros()
                .map(limitMicros -> new Scope(
                        CHAT_LIFETIME,
                        tree.totals().spentMicros(),
                        tree.totals().overflow(),
                        limitMicros,
                        thresholds.passed(tree.totals().spentMicros(), limitMicros),
                        Optional.empty()));
    }

    /** The scope of an account; empty if it has no limit to be held to. */
    public static Optional<Scope> of(AccountSpend account, Thresholds thresholds) {
        return account.limit()
                .inForce()
                .map(inForce -> new Scope(
                        ACCOUNT_PERIOD,
                        account.totals().spentMicros(),
                        account.totals().overflow(),
                        inForce.micros(),
                        thresholds.passed(account.totals().spentMicros(), inForce.micros()),
                        Optional.of(new InPeriod(
                                account.limit().period(), account.span().resetsAt(), inForce.source()))));
    }

    /** What is left of the limit, in micros; never below 0. */
    public long remainingMicros() {
        return Math.max(0, limitMicros - spentMicros);
    }
}
