package dev.spendledger.streams.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.Freeze;
import dev.spendledger.streams.domain.Membership;
import dev.spendledger.streams.domain.PeriodLimit;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.RejectReason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LatestFactReaderTest {
    private static final int PARTITIONS = 4;
    private static final Instant SET_AT = Instant.parse("2026-11-23T12:00:00.123Z");
    private static final EventSerde SERDE = new EventSerde(new BundledRegistry());
    private static final TopicNames NAMES = new TopicNames("test.");

    private final LatestFactReader reader = new LatestFactReader(NAMES, PARTITIONS, SERDE);
    private final List<String> heard = new ArrayList<>();

    private final LatestFactReader.Receiver receiver = new LatestFactReader.Receiver() {
        @Override
        public void onLimit(PeriodLimitKey key, Optional<PeriodLimit> limit) {
            heard.add(key + " " + limit.map(LatestFactReaderTest::inWords).orElse("none"));
        }

        @Override
        public void onGroups(String accountId, Optional<Membership> groups) {
            heard.add(accountId + " " + groups.map(Membership::groupIds).orElse(null));
        }

        @Override
        public void onFreeze(String rootChatId, Optional<Freeze> freeze) {
            heard.add(rootChatId + " " + freeze.orElse(null));
        }
    };

    private static String inWords(PeriodLimit limit) {
        assertThat(limit.setAt()).isEqualTo(SET_AT);
        return limit.micros() + (limit.period() == null ? "" : " a " + limit.period());
    }

    @ParameterizedTest
    @CsvSource({
        "default, 5, DAY, default 5 a DAY",
        "default, 5, WEEK, default 5 a WEEK",
        "default, 9007199254740991, MONTH, default 9007199254740991 a MONTH",
        "default, 1, , default 1 a MONTH",
        "account:a-1, 5, , account:a-1 5",
        "group:g-1, 5, , group:g-1 5"
    })
    void shouldReadALimit(String key, long micros, dev.spendledger.events.Period period, String words)
            throws RejectedRecordException {
        // When
        reader.read(source(Topic.ACCOUNT_LIMITS, key, limit(micros, period)), receiver);

        // Then
        assertThat(heard).containsExactly(words);
    }

    @Test
    void shouldReadTheGroupsOfAnAccount() throws RejectedRecordException {
        // Given
        List<String> most = Collections.nCopies(Ranges.MAX_GROUPS, "g-1");

        // When
        reader.read(source(Topic.ACCOUNT_GROUPS, "a-1", new AccountGroups(List.of("g-2", "g-1"), SET_AT)), receiver);
        reader.read(source(Topic.ACCOUNT_GROUPS, "a-1", new AccountGroups(List.of(), SET_AT)), receiver);
        reader.read(source(Topic.ACCOUNT_GROUPS, "a-1", new AccountGroups(most, SET_AT)), receiver);

        // Then
        assertThat(heard).containsExactly("a-1 [g-2, g-1]", "a-1 []", "a-1 " + most);
    }

    @ParameterizedTest
    @CsvSource({"c-1, runs in circles, ops", "c-1, ,", "c-1, , 'no id: it is for people\u0007'"})
    void shouldReadAFreeze(String rootChatId, String reason, String setBy) throws RejectedRecordException {
        // When
        reader.read(source(Topic.CHAT_FREEZES, rootChatId, freeze(rootChatId, reason, setBy)), receiver);

        // Then
        assertThat(heard).containsExactly(rootChatId + " " + new Freeze(reason, setBy, SET_AT));
    }

    @Test
    void shouldReadATombstoneAsNone() throws RejectedRecordException {
        // When
        reader.read(source(Topic.ACCOUNT_LIMITS, "default", (byte[]) null), receiver);
        reader.read(source(Topic.ACCOUNT_LIMITS, "group:g-1", (byte[]) null), receiver);
        reader.read(source(Topic.ACCOUNT_GROUPS, "a-1", (byte[]) null), receiver);
        reader.read(source(Topic.CHAT_FREEZES, "c-1", (byte[]) null), receiver);

        // Then
        assertThat(heard).containsExactly("default none", "group:g-1 none", "a-1 null", "c-1 null");
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of(Topic.ACCOUNT_LIMITS, "a-1", limit(5, null), RejectReason.KEY_MISMATCH),
                Arguments.of(Topic.ACCOUNT_LIMITS, "account:", limit(5, null), RejectReason.KEY_MISMATCH),
                Arguments.of(Topic.ACCOUNT_LIMITS, "group:\u0007", limit(5, null), RejectReason.KEY_MISMATCH),
                Arguments.of(Topic.ACCOUNT_LIMITS, "account:a-1", limit(0, null), RejectReason.OUT_OF_RANGE),
                Arguments.of(Topic.ACCOUNT_LIMITS, "account:a-1", limit(-1, null), RejectReason.OUT_OF_RANGE),
                Arguments.of(
                        Topic.ACCOUNT_LIMITS, "default", limit(Ranges.MAX_MICROS + 1, null), RejectReason.OUT_OF_RANGE),
                Arguments.of(
                        Topic.ACCOUNT_LIMITS,
                        "default",
                        limit(5, dev.spendledger.events.Period.UNKNOWN),
                        RejectReason.OUT_OF_RANGE),
                Arguments.of(
                        Topic.ACCOUNT_LIMITS,
                        "account:a-1",
                        limit(5, dev.spendledger.events.Period.DAY),
                        RejectReason.OUT_OF_RANGE),
                Arguments.of(Topic.ACCOUNT_LIMITS, "default", groups("g-1"), RejectReason.UNREADABLE),
                Arguments.of(Topic.ACCOUNT_GROUPS, "a-1", limit(5, null), RejectReason.UNREADABLE),
                Arguments.of(Topic.ACCOUNT_GROUPS, "", groups("g-1"), RejectReason.KEY_MISMATCH),
                Arguments.of(Topic.ACCOUNT_GROUPS, "a\n1", groups("g-1"), RejectReason.KEY_MISMATCH),
                Arguments.of(Topic.ACCOUNT_GROUPS, "a-1", groups("g-1", ""), RejectReason.OUT_OF_RANGE),
                Arguments.of(Topic.ACCOUNT_GROUPS, "a-1", groups("x".repeat(129)), RejectReason.OUT_OF_RANGE),
                Arguments.of(
                        Topic.ACCOUNT_GROUPS,
                        "a-1",
                        new AccountGroups(Collections.nCopies(Ranges.MAX_GROUPS + 1, "g-1"), SET_AT),
                        RejectReason.OUT_OF_RANGE),
                Arguments.of(Topic.CHAT_FREEZES, "c-1", freeze("c-2", null, null), RejectReason.KEY_MISMATCH),
                Arguments.of(Topic.CHAT_FREEZES, "", freeze("", null, null), RejectReason.KEY_MISMATCH),
                Arguments.of(Topic.CHAT_FREEZES, "c\n1", freeze("c\n1", null, null), RejectReason.KEY_MISMATCH),
                Arguments.of(Topic.CHAT_FREEZES, "c-1", freeze("c-1", "", null), RejectReason.OUT_OF_RANGE),
                Arguments.of(
                        Topic.CHAT_FREEZES, "c-1", freeze("c-1", "x".repeat(1_001), null), RejectReason.OUT_OF_RANGE),
                Arguments.of(Topic.CHAT_FREEZES, "c-1", freeze("c-1", "a\u0007b", null), RejectReason.OUT_OF_RANGE),
                Arguments.of(Topic.CHAT_FREEZES, "c-1", groups("g-1"), RejectReason.UNREADABLE));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void shouldSayWhatIsWrongWithARecord(Topic topic, String key, SpecificRecord event, RejectReason reason) {
        assertThat(rejection(source(topic, key, event))).isEqualTo(reason);
        assertThat(heard).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ACCOUNT_LIMITS", "ACCOUNT_GROUPS", "CHAT_FREEZES"})
    void shouldRejectWhatIsNoRecordOfTheTopic(Topic topic) {
        // Given
        byte[] bytes = SERDE.serializer().serialize("any", limit(5, null));
        int elsewhere = (Partitions.of("default", PARTITIONS) + 1) % PARTITIONS;

        // When
        List<RejectReason> reasons = Stream.of(
                        source(topic, "default", new byte[] {1, 2}),
                        source(topic, "default", new byte[] {0, 0, 0, 0, 42, 1}),
                        source(topic, "default", new byte[Ranges.MAX_RECORD_BYTES]),
                        source(topic, null, bytes),
                        new Source(NAMES.of(topic), elsewhere, 7, SET_AT, utf8("default"), bytes, new RecordHeaders()),
                        new Source(NAMES.of(topic), elsewhere, 7, SET_AT, utf8("default"), null, new RecordHeaders()))
                .map(this::rejection)
                .toList();

        // Then
        assertThat(reasons)
                .containsExactly(
                        RejectReason.UNREADABLE,
                        RejectReason.UNKNOWN_SCHEMA,
                        RejectReason.TOO_LARGE,
                        RejectReason.NULL_KEY,
                        RejectReason.WRONG_PARTITION,
                        RejectReason.WRONG_PARTITION);
    }

    private RejectReason rejection(Source source) {
        return catchThrowableOfType(RejectedRecordException.class, () -> reader.read(source, receiver))
                .rejection()
                .reason();
    }

    private static AccountLimitSet limit(long micros, dev.spendledger.events.Period period) {
        return new AccountLimitSet(micros, period, null, SET_AT);
    }

    private static AccountGroups groups(String... ids) {
        return new AccountGroups(List.of(ids), SET_AT);
    }

    private static ChatFreezeSet freeze(String rootChatId, String reason, String setBy) {
        return new ChatFreezeSet(rootChatId, reason, setBy, SET_AT);
    }

    private static Source source(Topic topic, String key, SpecificRecord event) {
        return source(topic, key, SERDE.serializer().serialize("any", event));
    }

    private static Source source(Topic topic, String key, byte[] value) {
        int partition = key == null ? 0 : Partitions.of(key, PARTITIONS);
        return new Source(NAMES.of(topic), partition, 7, SET_AT, utf8(key), value, new RecordHeaders());
    }

    private static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }
}
