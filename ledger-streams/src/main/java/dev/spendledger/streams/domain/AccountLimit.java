package dev.spendledger.streams.domain;

import dev.spendledger.streams.domain.PeriodLimitKey.Kind;
import java.time.Instant;
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
     * @param setBy who set it, for people; null = not said
     * @param setAt when, by the producer's clock; decides nothing
     */
    public record InForce(long micros, Kind source, String setBy, Instant setAt) {
        private static InForce of(PeriodLimit limit, Kind source) {
            return new InForce(limit.micros(), source, limit.setBy(), limit.setAt());
        }
    }

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
                .map(limit -> InForce.of(limit, Kind.ACCOUNT))
                .or(() -> groupIds.stream()
                        .flatMap(groupId -> limits.apply(PeriodLimitKey.ofGroup(groupId)).stream())
                        .min(Comparator.comparingLong(PeriodLimit::micros))
                        .map(limit -> InForce.of(limit, Kind.GROUP)))
                .or(() -> byDefault.map(limit -> InForce.of(limit, Kind.DEFAULT)));
        return new AccountLimit(byDefault.map(PeriodLimit::period).orElse(Period.UNSET), inForce);
    }

    /** Names the limit in force: whoever it is set for, the same amount set again is the same; empty = there is none. */
    public Optional<String> inForceId() {
        return inForce.map(
                limit -> String.join(":", period.code(), limit.source().code(), Long.toString(limit.micros())));
    }
}
