package dev.spendledger.streams.intake;

import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.schemas.RegistryUnavailableException;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.Freeze;
import dev.spendledger.streams.domain.Membership;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.PeriodLimit;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.RejectReason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;

/**
 * Reads the facts of the compacted topics: account-period limits, the groups of accounts, and freezes of trees. Of each key
 * the last record counts, and a tombstone says that there is none. Thread-safe if its serde is.
 */
public final class LatestFactReader {
    private final TopicNames names;
    private final int partitions;
    private final Deserializer<SpecificRecord> events;

    /**
     * @param names the names of the topics
     * @param partitions how many partitions the topics have
     * @param events the serde of the event records
     */
    public LatestFactReader(TopicNames names, int partitions, Serde<SpecificRecord> events) {
        this.names = names;
        this.partitions = partitions;
        this.events = events.deserializer();
    }

    /** Takes the fact that a record states. Whoever reads some of the topics only has no use for the other kinds. */
    public interface Receiver {
        /** The limit that is set for somebody from now on; empty = none. */
        default void onLimit(PeriodLimitKey key, Optional<PeriodLimit> limit) {}

        /** The groups of an account from now on; empty = none. */
        default void onGroups(String accountId, Optional<Membership> groups) {}

        /** The freeze of a tree from now on; empty = it is not frozen. */
        default void onFreeze(String rootChatId, Optional<Freeze> freeze) {}
    }

    /**
     * Hands the fact of a record to its receiver.
     *
     * @throws RejectedRecordException if the record states none
     * @throws RegistryUnavailableException if only the schema registry can tell what it states, and does not answer
     */
    public void read(Source source, Receiver receiver) throws RejectedRecordException {
        FactReader.requireSize(source);
        FactReader.requireKey(source);
        String key = new String(source.key(), StandardCharsets.UTF_8);
        if (source.topic().equals(names.of(Topic.ACCOUNT_LIMITS))) {
            PeriodLimitKey limitKey =
                    PeriodLimitKey.parse(key).orElseThrow(() -> badKey(source, "default, account:<id> or group:<id>"));
            FactReader.requireItsPartition(source, partitions);
            receiver.onLimit(limitKey, limit(source, limitKey));
        } else if (source.topic().equals(names.of(Topic.ACCOUNT_GROUPS))) {
            requireId(source, key, "the id of an account");
            FactReader.requireItsPartition(source, partitions);
            receiver.onGroups(key, groups(source));
        } else if (source.topic().equals(names.of(Topic.CHAT_FREEZES))) {
            requireId(source, key, "the id of a root chat");
            FactReader.requireItsPartition(source, partitions);
            receiver.onFreeze(key, freeze(source, key));
        } else {
            throw new IllegalStateException(
                    "Of the topic " + source.topic() + " it is not the last of a key that counts");
        }
    }

    private static void requireId(Source source, String key, String wanted) throws RejectedRecordException {
        if (!Ranges.isId(key)) {
            throw badKey(source, wanted);
        }
    }

    private static RejectedRecordException badKey(Source source, String wanted) {
        return new RejectedRecordException(
                source,
                RejectReason.KEY_MISMATCH,
                "the record key is \"" + new String(source.key(), StandardCharsets.UTF_8) + "\" and must be " + wanted);
    }

    private Optional<PeriodLimit> limit(Source source, PeriodLimitKey key) throws RejectedRecordException {
        if (source.value() == null) {
            return Optional.empty();
        }
        AccountLimitSet event = FactReader.decode(events, source, AccountLimitSet.class);
        if (!Ranges.isLimit(event.getSpendLimitMicros())) {
            throw outOfRange(
                    source,
                    "spend_limit_micros is " + event.getSpendLimitMicros() + " and must be 1 to " + Ranges.MAX_MICROS);
        }
        return Optional.of(new PeriodLimit(
                event.getSpendLimitMicros(), period(source, key, event), event.getSetBy(), event.getSetAt()));
    }

    private static Period period(Source source, PeriodLimitKey key, AccountLimitSet event)
            throws RejectedRecordException {
        dev.spendledger.events.Period period = event.getPeriod();
        if (!key.equals(PeriodLimitKey.DEFAULT)) {
            if (period != null) {
                throw outOfRange(source, "period is only for the key default: it is the same for all accounts");
            }
            return null;
        }
        if (period == null) {
            return Period.UNSET;
        }
        return switch (period) {
            case DAY -> Period.DAY;
            case WEEK -> Period.WEEK;
            case MONTH -> Period.MONTH;
            case UNKNOWN -> throw outOfRange(source, "period must be DAY, WEEK or MONTH");
        };
    }

    private Optional<Membership> groups(Source source) throws RejectedRecordException {
        if (source.value() == null) {
            return Optional.empty();
        }
        AccountGroups event = FactReader.decode(events, source, AccountGroups.class);
        List<String> groupIds = event.getGroupIds();
        if (groupIds.size() > Ranges.MAX_GROUPS) {
            throw outOfRange(
                    source, "group_ids has " + groupIds.size() + " groups and must have at most " + Ranges.MAX_GROUPS);
        }
        if (!groupIds.stream().allMatch(Ranges::isId)) {
            throw outOfRange(
                    source,
                    "each of group_ids must have 1 to " + Ranges.MAX_ID_LENGTH
                            + " characters, none of them a control character");
        }
        return Optional.of(new Membership(List.copyOf(groupIds), event.getSetAt()));
    }

    private Optional<Freeze> freeze(Source source, String key) throws RejectedRecordException {
        if (source.value() == null) {
            return Optional.empty();
        }
        ChatFreezeSet event = FactReader.decode(events, source, ChatFreezeSet.class);
        if (!event.getRootChatId().equals(key)) {
            throw badKey(source, "the root_chat_id, \"" + event.getRootChatId() + "\"");
        }
        if (event.getReason() != null && !Ranges.isReason(event.getReason())) {
            throw outOfRange(
                    source,
                    "reason must have 1 to " + Ranges.MAX_REASON_LENGTH
                            + " characters, none of them a control character");
        }
        return Optional.of(new Freeze(event.getReason(), event.getSetBy(), event.getSetAt()));
    }

    private static RejectedRecordException outOfRange(Source source, String detail) {
        return new RejectedRecordException(source, RejectReason.OUT_OF_RANGE, detail);
    }
}
