package dev.spendledger.api.audit;

import static dev.spendledger.api.audit.Letters.letter;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spendledger.api.testing.Events;
import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.events.Period;
import dev.spendledger.schemas.Topic;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How dead letters are shown. */
class DeadLetterFormatTest {
    private static final Instant LATE = Instant.parse("2026-11-24T01:02:03.004Z");

    static Stream<Arguments> events() {
        return Stream.of(
                Arguments.of(Topic.CHATS, Events.chat("c-1", "c-0", null), "chat c-1"),
                Arguments.of(Topic.PRICED_MESSAGES, Events.message("m-1", "c-1", null, 5), "message m-1 of chat c-1"),
                Arguments.of(Topic.CHAT_LIMITS, Events.limit("c-1", 5L), "limit of chat c-1"),
                Arguments.of(Topic.ACCOUNT_GROUPS, new AccountGroups(List.of("g-1"), LATE), "AccountGroups"),
                Arguments.of(Topic.CHAT_FREEZES, new ChatFreezeSet("c-1", "why", "ops", LATE), "ChatFreezeSet"));
    }

    @ParameterizedTest
    @MethodSource("events")
    void shouldSayOnOneLineWhatItIsAndWhatIsWrong(Topic topic, SpecificRecord event, String summary) {
        // When
        String line = DeadLetterFormat.line(
                letter("chats-3@7", "wrong_partition", "c-1", Events.bytes(topic, event), Map.of()), 1);

        // Then
        assertThat(line)
                .isEqualTo("wrong_partition chats-3@7 2026-09-21T14:13:20.123Z key \"c-1\" (" + summary
                        + "): what is wrong");
    }

    @Test
    void shouldSayHowOftenItStandsThereAndWhereItWasReplayedFrom() {
        // When
        String line = DeadLetterFormat.line(
                letter("chats-3@7", "null_key", null, null, Map.of("ledger.replayed.from", "chats-2@1")), 3);

        // Then
        assertThat(line)
                .isEqualTo("null_key chats-3@7 2026-09-21T14:13:20.123Z without a key: what is wrong;"
                        + " replayed from chats-2@1; stands there 3 times");
    }

    /** The bytes are anybody's, and a terminal obeys some of them. */
    @Test
    void shouldShowNothingThatATerminalWouldObeyAndNoLineWithoutEnd() {
        // When
        String line = DeadLetterFormat.line(
                letter("chats-3@7", "unreadable", "a\n\u001b[2J\u202e" + "x".repeat(1_000_000), null, Map.of()), 1);

        // Then
        assertThat(line)
                .contains("\"a\\u000a\\u001b[2J\\u202exxx")
                .contains("x...\"")
                .hasSizeLessThan(500);
        assertThat(line.chars()).allMatch(character -> character >= ' ' && character < 127);
    }

    @Test
    void shouldWriteAllOfItAsOneLineOfJson() {
        // Given
        MessagePriced message = new MessagePriced("m-\u00e9\n\"", "c-1", null, "a-1", 2, null, "model", 7L, null, LATE);

        // When
        String line = DeadLetterFormat.json(
                letter(
                        "eu.priced-messages-3@7",
                        "out_of_range",
                        "c-1",
                        Events.bytes(Topic.PRICED_MESSAGES, message),
                        Map.of("trace", "t-1", "ledger.replayed.from", "chats-2@1")),
                3);

        // Then
        assertThat(line.chars()).allMatch(character -> character >= ' ' && character < 127);
        JsonNode json = json(line);
        assertThat((Iterable<String>) json::fieldNames)
                .containsExactly(
                        "reason",
                        "detail",
                        "topic",
                        "partition",
                        "offset",
                        "append_time",
                        "times",
                        "replayed_from",
                        "key",
                        "value",
                        "headers",
                        "event_type",
                        "event");
        assertThat(json.get("topic").asText()).isEqualTo("eu.priced-messages");
        assertThat(json.get("partition").asInt()).isEqualTo(3);
        assertThat(json.get("offset").asLong()).isEqualTo(7);
        assertThat(json.get("append_time").asText()).isEqualTo("2026-09-21T14:13:20.123Z");
        assertThat(json.get("times").asInt()).isEqualTo(3);
        assertThat(json.get("replayed_from").asText()).isEqualTo("chats-2@1");
        assertThat(json.get("key").asText()).isEqualTo("Yy0x");
        assertThat(json.get("headers")).isEqualTo(json("[{\"name\": \"trace\", \"value\": \"dC0x\"}]"));
        assertThat(json.get("event_type").asText()).isEqualTo("MessagePriced");
        assertThat(json.get("event"))
                .isEqualTo(
                        json(
                                "{\"message_id\": \"m-\u00e9\\n\\\"\", \"chat_id\": \"c-1\", \"root_chat_id\": null,"
                                        + " \"account_id\": \"a-1\", \"revision\": 2, \"cost_micros\": null, \"model\": \"model\","
                                        + " \"input_tokens\": 7, \"output_tokens\": null, \"priced_at\": \"2026-11-24T01:02:03.004Z\"}"));
    }

    @Test
    void shouldWriteNullForWhatThereIsNot() {
        // When
        JsonNode json = json(DeadLetterFormat.json(letter("chats-3@7", "null_key", null, null, Map.of()), 1));

        // Then
        assertThat(Stream.of("key", "value", "event_type", "event", "replayed_from"))
                .allMatch(field -> json.get(field).isNull());
        assertThat(json.get("headers")).isEmpty();
    }

    /** Every type that a field of an event has. */
    @Test
    void shouldWriteEnumsAndArraysOfEventsAsJson() {
        // When
        JsonNode limit = event(Topic.ACCOUNT_LIMITS, new AccountLimitSet(5L, Period.WEEK, null, LATE));
        JsonNode groups = event(Topic.ACCOUNT_GROUPS, new AccountGroups(List.of("g-1", "g\u0000-2"), LATE));

        // Then
        assertThat(limit.get("period").asText()).isEqualTo("WEEK");
        assertThat((Iterable<JsonNode>)
                        () -> (Iterator<JsonNode>) groups.get("group_ids").elements())
                .extracting(JsonNode::asText)
                .containsExactly("g-1", "g\u0000-2");
    }

    private static JsonNode event(Topic topic, SpecificRecord event) {
        return json(DeadLetterFormat.json(
                        letter("chats-3@7", "unreadable", "c-1", Events.bytes(topic, event), Map.of()), 1))
                .get("event");
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("No JSON: " + text, e);
        }
    }
}
