package dev.spendledger.api.query;

import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.Membership;
import dev.spendledger.streams.domain.PeriodLimit;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.intake.LatestFactReader;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import dev.spendledger.streams.topology.Warnings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What this instance knows of the account-period limits and of the groups of accounts: all of them, in memory. One thread
 * writes, and any may read.
 */
public final class AccountLimitsView extends View implements Warnings.AccountLimits {
    /** Who is further behind is told that anybody may be concerned. */
    private static final int CHANGES_MOST = 10_000;

    private static final int NOTHING_HEARD = 0;

    private final LatestFactReader reader;
    private final Map<PeriodLimitKey, PeriodLimit> limits = new ConcurrentHashMap<>();
    private final Map<String, Membership> groups = new ConcurrentHashMap<>();
    /** The accounts whose own limit or groups have changed, by the version that this made. */
    private final ConcurrentNavigableMap<Long, String> changedAccounts = new ConcurrentSkipListMap<>();
    /** The versions up to which it is not known any more, or cannot be, who is concerned. */
    private volatile long forgottenTo = 1;

    private volatile long version = 1;

    private final LatestFactReader.Receiver receiver = new LatestFactReader.Receiver() {
        @Override
        public void onLimit(PeriodLimitKey key, Optional<PeriodLimit> limit) {
            put(limits, key, limit);
            if (key.kind() == PeriodLimitKey.Kind.ACCOUNT) {
                onChanged(key.id());
            } else {
                onAnyChanged();
            }
        }

        @Override
        public void onGroups(String accountId, Optional<Membership> membership) {
            put(groups, accountId, membership);
            onChanged(accountId);
        }
    };

    public AccountLimitsView(LatestFactReader reader) {
        super(Topic.ACCOUNT_LIMITS, Topic.ACCOUNT_GROUPS);
        this.reader = reader;
    }

    private static <K, V> void put(Map<K, V> map, K key, Optional<V> value) {
        map.compute(key, (same, before) -> value.orElse(null));
    }

    private void onChanged(String accountId) {
        changedAccounts.put(version + 1, accountId);
        version++;
        forgottenTo = Math.max(forgottenTo, version - CHANGES_MOST);
        changedAccounts.headMap(forgottenTo, true).clear();
    }

    private void onAnyChanged() {
        // In this order: who reads in between is told it twice, and not never.
        forgottenTo = version + 1;
        version++;
        changedAccounts.clear();
    }

    @Override
    protected void read(Source source) throws RejectedRecordException {
        reader.read(source, receiver);
    }

    @Override
    public Optional<AccountLimit> of(String accountId) {
        return isLoaded() ? Optional.of(limitOf(accountId)) : Optional.empty();
    }

    @Override
    public Warnings.Changes changesSince(long heardOf) {
        if (!isLoaded()) {
            return new Warnings.Changes(heardOf, false, List.of());
        }
        long now = version;
        // Asked behind the version: what is forgotten meanwhile is found missing here, or heard of the next time.
        Set<String> accountIds =
                Set.copyOf(changedAccounts.subMap(heardOf, false, now, true).values());
        return heardOf < forgottenTo
                ? new Warnings.Changes(now, true, heardOf == NOTHING_HEARD ? withLimitsOfTheirOwn() : List.of())
                : new Warnings.Changes(now, false, accountIds);
    }

    /** What was set while nobody owned their partition may have come down to what they had spent. */
    private List<String> withLimitsOfTheirOwn() {
        return limits.keySet().stream()
                .filter(key -> key.kind() == PeriodLimitKey.Kind.ACCOUNT)
                .map(PeriodLimitKey::id)
                .toList();
    }

    /** What an account is held to. */
    public AccountLimit limitOf(String accountId) {
        List<String> groupIds = groups(accountId).map(Membership::groupIds).orElse(List.of());
        return AccountLimit.of(accountId, groupIds, this::limit);
    }

    /** The limit that is set for somebody; empty = none. */
    public Optional<PeriodLimit> limit(PeriodLimitKey key) {
        return Optional.ofNullable(limits.get(key));
    }

    /** The groups of an account; empty = nobody has said. */
    public Optional<Membership> groups(String accountId) {
        return Optional.ofNullable(groups.get(accountId));
    }
}
