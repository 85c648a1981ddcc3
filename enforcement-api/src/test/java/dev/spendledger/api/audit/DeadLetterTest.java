package dev.spendledger.api.audit;

import static dev.spendledger.api.audit.Letters.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.testing.Events;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.RecordId;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A dead letter, read back, and which are meant by a filter. */
class DeadLetterTest {
    private static final byte[] MESSAGE = Events.bytes(Topic.PRICED_MESSAGES, Events.message("m-1", "c-2", "c-1", -5));
    private static final RecordId SOURCE = new RecordId("priced-messages", 3, 7);
    private static final Instant APPENDED = Instant.ofEpochMilli(1_790_000_000_123L);

    // ---- reading ----

    @Test
    void shouldReadWhereFromWhyAndWhat() {
        // When
        DeadLetter letter = Letters.letter(
                "priced-messages-3@7",
                "out_of_range",
                "c-1",
                MESSAGE,
                Map.of("trace", "t-1", "ledger.replayed.from", "priced-messages-3@2"));

        // Then
        assertThat(letter.id()).isEqualTo(new DeadLetter.Id(SOURCE, RejectReason.OUT_OF_RANGE));
        assertThat(letter.detail()).isEqualTo("what is wrong");
        assertThat(letter.appendTime()).isEqualTo(APPENDED);
        assertThat(letter.key()).isEqualTo(utf8("c-1"));
        assertThat(letter.value()).isEqualTo(MESSAGE);
        assertThat(letter.headers().stream().map(Header::key)).containsExactly("trace");
        assertThat(letter.replayedFrom()).contains("priced-messages-3@2");
        assertThat(letter.event()).containsInstanceOf(MessagePriced.class);
    }

    @ParameterizedTest
    @EnumSource
    void shouldKnowEveryReason(RejectReason reason) {
        assertThat(Letters.letter("chats-0@0", reason.code(), "c-1", null, Map.of())
                        .id()
                        .reason())
                .isEqualTo(reason);
    }

    @Test
    void shouldReadARecordWithoutKeyValueOrEvent() {
        // When
        DeadLetter nothing = Letters.letter("chats-0@0", "null_key", null, null, Map.of());
        DeadLetter rubbish = Letters.letter("chats-0@0", "unreadable", "c-1", new byte[] {1, 2}, Map.of());

        // Then
        assertThat(nothing.key()).isNull();
        assertThat(nothing.value()).isNull();
        assertThat(nothing.event()).isEmpty();
        assertThat(rubbish.event()).isEmpty();
        assertThat(rubbish.replayedFrom()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "ledger.reason,",
        "ledger.reason, no_such_reason",
        "ledger.original.timestamp,",
        "ledger.original.timestamp, yesterday",
        "__streams.errors.topic,",
        "__streams.errors.partition, -1",
        "__streams.errors.offset, many"
    })
    void shouldNotTakeForADeadLetterWhatDoesNotSayWhereFromAndWhy(String header, String value) {
        // Given
        Headers headers = Letters.headers("chats-0@0", "unreadable").remove(header);
        if (value != null) {
            headers.add(header, utf8(value));
        }

        // When
        var letter = DeadLetter.parse(Letters.record(0, 0, headers, "c-1", null), Letters.EVENTS.deserializer());

        // Then
        assertThat(letter).isEmpty();
    }

    // ---- choosing ----

    @Test
    void shouldLetAllPassThatNothingIsSaidOf() {
        assertThat(DeadLetterFilter.ALL.test(Letters.letter("chats-0@0", "null_key", null, null, Map.of())))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "OUT_OF_RANGE, true",
        "NULL_KEY, false",
    })
    void shouldChooseByReason(RejectReason reason, boolean chosen) {
        assertThat(filter(Set.of(reason), Set.of(), Set.of(), null, null, null)).isEqualTo(chosen);
    }

    @Test
    void shouldChooseByTopicAndByRecord() {
        assertThat(filter(Set.of(), Set.of("priced-messages", "chats"), Set.of(), null, null, null))
                .isTrue();
        assertThat(filter(Set.of(), Set.of("chats"), Set.of(), null, null, null))
                .isFalse();
        assertThat(filter(Set.of(), Set.of(), Set.of(SOURCE), null, null, null)).isTrue();
        assertThat(filter(Set.of(), Set.of(), Set.of(new RecordId("priced-messages", 3, 8)), null, null, null))
                .isFalse();
    }

    @Test
    void shouldChooseByAppendTimeWithTheStartAndWithoutTheEnd() {
        assertThat(filter(Set.of(), Set.of(), Set.of(), APPENDED, null, null)).isTrue();
        assertThat(filter(Set.of(), Set.of(), Set.of(), APPENDED.plusMillis(1), null, null))
                .isFalse();
        assertThat(filter(Set.of(), Set.of(), Set.of(), null, APPENDED, null)).isFalse();
        assertThat(filter(Set.of(), Set.of(), Set.of(), null, APPENDED.plusMillis(1), null))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"a key, true", "c-2, true", "c-1, true", "m-1, false", "c, false"})
    void shouldChooseByKeyChatOrRoot(String id, boolean chosen) {
        assertThat(filter(Set.of(), Set.of(), Set.of(), null, null, id)).isEqualTo(chosen);
    }

    @Test
    void shouldChooseOnlyWhatAllPartsLetPass() {
        assertThat(filter(Set.of(RejectReason.OUT_OF_RANGE), Set.of("chats"), Set.of(), null, null, "c-1"))
                .isFalse();
    }

    private static boolean filter(
            Set<RejectReason> reasons,
            Set<String> topics,
            Set<RecordId> records,
            Instant since,
            Instant until,
            String chatId) {
        return new DeadLetterFilter(reasons, topics, records, since, until, chatId)
                .test(Letters.letter("priced-messages-3@7", "out_of_range", "a key", MESSAGE, Map.of()));
    }
}
