package dev.spendledger.streams.topology;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.spendledger.streams.domain.AccountDay;
import dev.spendledger.streams.domain.Totals;
import java.time.LocalDate;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.streams.errors.InvalidStateStoreException;

/**
 * What the accounts of one partition that were asked for last have spent on each day of their period. Bounded. Made anew each
 * time the partition is opened, for the same reason as {@link RecentRows}, and written and read as those are.
 */
public final class RecentAccounts {
    private final Days days;
    private final Cache<String, Spent> accounts;

    /** Reads what an account has spent on each of the days from one on. */
    @FunctionalInterface
    interface Days {
        Map<LocalDate, Totals> of(String accountId, LocalDate first);
    }

    /**
     * @param first the first day that is kept
     * @param days those from then on on which something was spent
     */
    private record Spent(LocalDate first, NavigableMap<LocalDate, Totals> days) {
        Totals until(LocalDate next) {
            Totals sum = Totals.ZERO;
            for (Totals day : days.headMap(next, false).values()) {
                sum = sum.and(day);
            }
            return sum;
        }
    }

    /** @param most how many days of accounts are kept, all together */
    RecentAccounts(Days days, long most) {
        this.days = days;
        this.accounts = Caffeine.newBuilder()
                .maximumWeight(most)
                .weigher((String account, Spent spent) -> 1 + spent.days.size())
                .executor(Runnable::run)
                .build();
    }

    /**
     * What an account has spent from one day until before another, which may have to be read from the store.
     *
     * @throws InvalidStateStoreException if the partition is not open any more
     */
    public Totals spent(String accountId, LocalDate first, LocalDate next) {
        // Of another period than the one before: its days are read anew. A write that comes meanwhile waits.
        return accounts.asMap()
                .compute(
                        accountId,
                        (account, held) -> held != null && held.first.equals(first) ? held : read(account, first))
                .until(next);
    }

    private Spent read(String accountId, LocalDate first) {
        return new Spent(first, new ConcurrentSkipListMap<>(days.of(accountId, first)));
    }

    /** The same if it is in memory; empty = it is not. Reads no store. */
    public Optional<Totals> ifHeld(String accountId, LocalDate first, LocalDate next) {
        return Optional.ofNullable(accounts.getIfPresent(accountId))
                .filter(held -> held.first.equals(first))
                .map(held -> held.until(next));
    }

    /** Nobody knows what the store has of an account. By the thread that folds the partition. */
    void forget(String accountId) {
        accounts.invalidate(accountId);
    }

    /** By the thread that folds the partition, behind writing it to the store. */
    void put(AccountDay at, Totals totals) {
        accounts.asMap().compute(at.accountId(), (account, held) -> {
            if (held != null && !at.day().isBefore(held.first)) {
                held.days.put(at.day(), totals);
            }
            return held;
        });
    }
}
