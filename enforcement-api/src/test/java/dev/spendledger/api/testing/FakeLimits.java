package dev.spendledger.api.testing;

import dev.spendledger.api.query.AccountLimitsView;
import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.Period;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.intake.LatestFactReader;
import dev.spendledger.streams.intake.Source;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** The limits of accounts as an instance has read them, without a broker: a view that takes in what a test tells it. */
public final class FakeLimits {
    private static final TopicNames NAMES = new TopicNames("");
    private static final EventSerde SERDE = new EventSerde(new BundledRegistry());
    /** When every limit was set. */
    public static final Instant SET_AT = Instant.parse("2026-11-23T12:00:00.123Z");

    private final AccountLimitsView view = new AccountLimitsView(new LatestFactReader(NAMES, 1, SERDE));

    public FakeLimits() {
        this(true);
    }

    /**
     * @param loaded whether the view has read what was there at the start
     */
    public FakeLimits(boolean loaded) {
        if (loaded) {
            view.onLoaded();
        }
    }

    public AccountLimitsView view() {
        return view;
    }

    public FakeLimits byDefault(long micros, Period period) {
        return apply(Topic.ACCOUNT_LIMITS, "default", new AccountLimitSet(micros, period, null, SET_AT));
    }

    public FakeLimits ofAccount(String accountId, long micros) {
        return apply(Topic.ACCOUNT_LIMITS, "account:" + accountId, new AccountLimitSet(micros, null, null, SET_AT));
    }

    public FakeLimits ofGroup(String groupId, long micros) {
        return apply(Topic.ACCOUNT_LIMITS, "group:" + groupId, new AccountLimitSet(micros, null, null, SET_AT));
    }

    public FakeLimits groups(String accountId, String... groupIds) {
        return apply(Topic.ACCOUNT_GROUPS, accountId, new AccountGroups(List.of(groupIds), SET_AT));
    }

    public FakeLimits apply(Topic topic, String key, SpecificRecord event) {
        return apply(topic, key, event == null ? null : SERDE.serializer().serialize("any", event));
    }

    public FakeLimits apply(Topic topic, String key, byte[] value) {
        byte[] keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
        view.apply(new Source(NAMES.of(topic), 0, 0, SET_AT, keyBytes, value, new RecordHeaders()));
        return this;
    }
}
