package dev.spendledger.api.query;

import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.Membership;
import dev.spendledger.streams.domain.PeriodLimit;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.intake.LatestFactReader;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this instance knows of the account-period limits and of the groups of accounts: all of them, in memory. One thread
 * writes, and any may read.
 */
public final class AccountLimitsView extends View {
    private final LatestFactReader reader;
    private final Map<PeriodLimitKey, PeriodLimit> limits = new ConcurrentHashMap<>();
    private final Map<String, Membership> groups = new ConcurrentHashMap<>();

    private final LatestFactReader.Receiver receiver = new LatestFactReader.Receiver() {
        @Override
        public void onLimit(PeriodLimitKey key, Optional<PeriodLimit> limit) {
            put(limits, key, limit);
        }

        @Override
        public void onGroups(String accountId, Optional<Membership> membership) {
            put(groups, accountId, membership);
        }
    };

    public AccountLimitsView(LatestFactReader reader) {
        super(Topic.ACCOUNT_LIMITS, Topic.ACCOUNT_GROUPS);
        this.reader = reader;
    }

    private static <K, V> void put(Map<K, V> map, K key, Optional<V> value) {
        map.compute(key, (same, before) -> value.orElse(null));
    }

    @Override
    protected void read(Source source) throws RejectedRecordException {
        reader.read(source, receiver);
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
