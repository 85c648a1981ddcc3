package dev.spendledger.api.query;

import dev.spendledger.schemas.RegistryUnavailableException;
import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.Membership;
import dev.spendledger.streams.domain.PeriodLimit;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.intake.LatestFactReader;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this instance knows of the account-period limits and of the groups of accounts: all of them, in memory. One thread
 * writes, and any may read.
 */
public final class AccountLimitsView {
    private final LatestFactReader reader;
    private final Map<PeriodLimitKey, PeriodLimit> limits = new ConcurrentHashMap<>();
    private final Map<String, Membership> groups = new ConcurrentHashMap<>();
    /** Records that only a lost schema registry can tell, by topic and key: they are tried again. */
    private final Map<String, Map<ByteBuffer, Source>> unread = new ConcurrentHashMap<>();
    /** By topic and partition, the offset up to which all is taken in. */
    private final Map<String, Map<Integer, Long>> readTo = new ConcurrentHashMap<>();

    private volatile boolean loaded;

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
        this.reader = reader;
    }

    private static <K, V> void put(Map<K, V> map, K key, Optional<V> value) {
        map.compute(key, (same, before) -> value.orElse(null));
    }

    /** Takes in a record of {@code account-limits} or {@code account-groups}, the records of a key in their order. */
    public void apply(Source source) {
        Map<ByteBuffer, Source> unreadOfTopic =
                unread.computeIfAbsent(source.topic(), topic -> new ConcurrentHashMap<>());
        if (source.key() != null) {
            unreadOfTopic.remove(ByteBuffer.wrap(source.key()));
        }
        try {
            reader.read(source, receiver);
        } catch (RegistryUnavailableException e) {
            unreadOfTopic.put(ByteBuffer.wrap(source.key()), source);
        } catch (RejectedRecordException e) {
            forget(source);
        }
    }

    /**
     * What a key said before its last record was a bad one is gone: compaction has deleted it, or will, and every instance must
     * come to the same. A record that is no last one of a key (it has none, or is in the partition of another) says nothing.
     */
    private void forget(Source source) {
        try {
            reader.read(source.asTombstone(), receiver);
        } catch (RejectedRecordException e) {
            return;
        }
    }

    /** Tries again what could not be read for want of the schema registry. May wait for it. */
    public void retryUnread() {
        unread.values().forEach(ofTopic -> List.copyOf(ofTopic.values()).forEach(this::apply));
    }

    /** All before this offset of a partition is taken in. */
    public void onReadTo(String topic, int partition, long offset) {
        readTo.computeIfAbsent(topic, same -> new ConcurrentHashMap<>()).put(partition, offset);
    }

    /** Whether a record has been taken in. */
    public boolean hasRead(RecordId record) {
        return readTo.getOrDefault(record.topic(), Map.of()).getOrDefault(record.partition(), 0L) > record.offset();
    }

    /** All that was there at the start is taken in: what it says from now on counts. */
    public void onLoaded() {
        loaded = true;
    }

    /** Whether what it says counts. */
    public boolean isLoaded() {
        return loaded;
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
