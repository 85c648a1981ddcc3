package dev.spendledger.streams.domain;

import dev.spendledger.streams.domain.PeriodLimitKey.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What an account is held to.
 *
 * @param period the period, the same for all accounts
 * @param inForce the limit on its spend in one; empty = none
 */
public record AccountLimit(Period period, Optional<InForce> inForce) {

    /**
     * A limit in force.
     *
     * @param micros the limit, in micros
     * @param source for whom it was set
     */
    public record InForce(long micros, Kind source) {}

    /**
     * Its own limit, else the smallest of its groups, else the default, else none.
     *
     * @param groupIds the groups that the account belongs to
     * @param limits finds the limit that is set for somebody
     */
    public static AccountLimit of(
            String accountId, List<String> groupIds, Function<PeriodLimitKey, Optional<PeriodLimit>> limits) {
        Optional<PeriodLimit> byDefault = limits.apply(PeriodLimitKey.DEFAULT);
        Optional<InForce> inForce = limits.apply(PeriodLimitKey.ofAccount(accountId))
                .map(limit -> new InForce(limit.micros(), Kind.ACCOUNT))
                .or(() -> groupIds.stream()
                        .flatMap(groupId -> limits.apply(PeriodLimitKey.ofGroup(groupId)).stream())
                        .min(Comparator.comparingLong(PeriodLimit::micros))
                        .map(limit -> new InForce(limit.micros(), Kind.GROUP)))
                .or(() -> byDefault.map(limit -> new InForce(limit.micros(), Kind.DEFAULT)));
        return new AccountLimit(byDefault.map(PeriodLimit::period).orElse(Period.UNSET), inForce);
    }
}
