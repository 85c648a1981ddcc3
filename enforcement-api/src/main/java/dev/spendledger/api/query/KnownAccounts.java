package dev.spendledger.api.query;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.Totals;
import java.time.Instant;
import java.util.Optional;

/** What fresh owners have last said to this instance of what accounts have spent in their period. */
public final class KnownAccounts {
    private static final long MOST = 100_000;

    private final Cache<String, Known> seen =
            Caffeine.newBuilder().maximumSize(MOST).build();

    /**
     * What an account has spent.
     *
     * @param span the period
     * @param asOf when it had
     */
    public record Known(Period.Span span, Totals totals, Instant asOf) {}

    /** What a fresh owner has said of an account. */
    public void onFresh(AccountSpend account, Instant asOf) {
        Known known = new Known(account.span(), account.totals(), asOf);
        if (known.equals(seen.getIfPresent(account.accountId()))) {
            return; // As most: many checks come between two looks at how far a partition is.
        }
        // Of two answers that overtake each other the older one is not the last word.
        seen.asMap()
                .merge(account.accountId(), known, (before, now) -> now.asOf().isBefore(before.asOf()) ? before : now);
    }

    /** What was last said of an account in this period. */
    public Optional<Known> find(String accountId, Period.Span span) {
        return Optional.ofNullable(seen.getIfPresent(accountId))
                .filter(known -> known.span().equals(span));
    }
}
