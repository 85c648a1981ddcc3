package dev.spendledger.streams.intake;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The name of a place in the log. */
class RecordIdTest {
    @Test
    void shouldReadATopicWithDashesDigitsAndDots() {
        // When
        var position = RecordId.parse("eu-1.chat-limits-3@42");

        // Then
        assertThat(position).contains(new RecordId("eu-1.chat-limits", 3, 42));
    }

    @ParameterizedTest
    @ValueSource(strings = {"chats-0@0", "a-b-c-11@999999999999999999"})
    void shouldWriteWhatItReads(String text) {
        assertThat(RecordId.parse(text).orElseThrow()).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "chats",
                "chats-1",
                "chats@1",
                "-1@1",
                "chats-1@",
                "chats-1@-1",
                "chats-x@1",
                "chats-1@1 ",
                "cha ts-1@1",
                "chats-1@9999999999999999999",
                "chats-9999999999@1"
            })
    void shouldReadNothingElse(String text) {
        assertThat(RecordId.parse(text)).isEmpty();
    }
}
