package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.Thresholds;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What the ledger warns of on {@code spend-alerts}.
 *
 * @param thresholds of each limit
 * @param accountLimits what the accounts are held to; the trees' limits are part of their state
 * @param clock says which period is the present one
 */
public record Warnings(Thresholds thresholds, AccountLimits accountLimits, Clock clock) {
    /** Of nothing. */
    public static final Warnings NONE = new Warnings(Thresholds.NONE, AccountLimits.NONE, Clock.systemUTC());

    /** What accounts are held to, as this instance has read it. Calls come from several threads and must be quick. */
    public interface AccountLimits {
        /** No account has a limit. */
        AccountLimits NONE = new AccountLimits() {
            @Override
            public Optional<AccountLimit> of(String accountId) {
                return Optional.empty();
            }

            @Override
            public Changes changesSince(long version) {
                return new Changes(version, false, List.of());
            }
        };

        /** What an account is held to; empty = it is not known yet. */
        Optional<AccountLimit> of(String accountId);

        /**
         * What has changed since a version.
         *
         * @param version that of the changes heard of last; 0 = none
         */
        Changes changesSince(long version);
    }

    /**
     * @param version the present version
     * @param all whether any account may be concerned
     * @param accountIds whose own limit or groups have changed; behind no version all that have a limit of their own
     */
    public record Changes(long version, boolean all, Collection<String> accountIds) {}
}
