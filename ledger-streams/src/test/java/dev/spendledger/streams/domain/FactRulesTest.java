package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule at both sides of its boundary. A row without a reason is a fact that must be taken. */
@Tag("P15")
class FactRulesTest {
    private static final Instant AT = Instant.parse("2026-11-23T12:00:00Z");
    private static final String LONGEST = "x".repeat(128);
    private static final String TOO_LONG = "x".repeat(129);

    @ParameterizedTest(name = "{0}")
    @MethodSource("chats")
    void shouldJudgeAChat(String what, ChatFact chat, RejectReason reason, String named) {
        // When
        Optional<Rejection> rejection = FactRules.check(chat);

        // Then
        assertRejection(rejection, reason, named);
    }

    static Stream<Arguments> chats() {
        return Stream.of(
                taken("a root", chat("c-1", null, "a-1", null)),
                taken("a root with the least limit", chat("c-1", null, "a-1", 1L)),
                taken("a root with the greatest limit", chat("c-1", null, "a-1", Ranges.MAX_MICROS)),
                taken("a child", chat("c-2", "c-1", "a-1", null)),
                taken("the longest ids", chat(LONGEST, "p" + LONGEST.substring(1), LONGEST, null)),
                rejected("an empty id", chat("", null, "a-1", null), RejectReason.OUT_OF_RANGE, "chat_id"),
                rejected("too long an id", chat(TOO_LONG, null, "a-1", null), RejectReason.OUT_OF_RANGE, "chat_id"),
                rejected("a line feed", chat("c\n1", null, "a-1", null), RejectReason.OUT_OF_RANGE, "chat_id"),
                rejected("an empty parent", chat("c-2", "", "a-1", null), RejectReason.OUT_OF_RANGE, "parent_chat_id"),
                rejected(
                        "too long a parent",
                        chat("c-2", TOO_LONG, "a-1", null),
                        RejectReason.OUT_OF_RANGE,
                        "parent_chat_id"),
                rejected("an empty account", chat("c-1", null, "", null), RejectReason.OUT_OF_RANGE, "account_id"),
                rejected(
                        "too long an account",
                        chat("c-1", null, TOO_LONG, null),
                        RejectReason.OUT_OF_RANGE,
                        "account_id"),
                rejected("limit 0", chat("c-1", null, "a-1", 0L), RejectReason.OUT_OF_RANGE, "spend_limit_micros"),
                rejected(
                        "a negative limit",
                        chat("c-1", null, "a-1", -1L),
                        RejectReason.OUT_OF_RANGE,
                        "spend_limit_micros"),
                rejected(
                        "too great a limit",
                        chat("c-1", null, "a-1", Ranges.MAX_MICROS + 1),
                        RejectReason.OUT_OF_RANGE,
                        "spend_limit_micros"),
                rejected("its own parent", chat("c-1", "c-1", "a-1", null), RejectReason.SELF_PARENT, "parent_chat_id"),
                rejected(
                        "its own parent, with a limit",
                        chat("c-1", "c-1", "a-1", 1L),
                        RejectReason.SELF_PARENT,
                        "parent_chat_id"),
                rejected(
                        "a limit on a child",
                        chat("c-2", "c-1", "a-1", 1L),
                        RejectReason.LIMIT_ON_CHILD,
                        "spend_limit_micros"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("limits")
    void shouldJudgeALimit(String what, LimitFact limit, RejectReason reason, String named) {
        // When
        Optional<Rejection> rejection = FactRules.check(limit);

        // Then
        assertRejection(rejection, reason, named);
    }

    static Stream<Arguments> limits() {
        return Stream.of(
                taken("no limit", limit("c-1", null)),
                taken("the least", limit("c-1", 1L)),
                taken("the greatest", limit("c-1", Ranges.MAX_MICROS)),
                taken("the longest id", limit(LONGEST, 1L)),
                rejected("limit 0", limit("c-1", 0L), RejectReason.OUT_OF_RANGE, "spend_limit_micros"),
                rejected("negative", limit("c-1", Long.MIN_VALUE), RejectReason.OUT_OF_RANGE, "spend_limit_micros"),
                rejected(
                        "too great",
                        limit("c-1", Ranges.MAX_MICROS + 1),
                        RejectReason.OUT_OF_RANGE,
                        "spend_limit_micros"),
                rejected("an empty id", limit("", 1L), RejectReason.OUT_OF_RANGE, "root_chat_id"),
                rejected("too long an id", limit(TOO_LONG, 1L), RejectReason.OUT_OF_RANGE, "root_chat_id"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("messages")
    void shouldJudgeAMessage(String what, MessageFact message, RejectReason reason, String named) {
        // When
        Optional<Rejection> rejection = FactRules.check(message, AT);

        // Then
        assertRejection(rejection, reason, named);
    }

    static Stream<Arguments> messages() {
        Instant latest = AT.plus(Duration.ofHours(24));
        return Stream.of(
                taken("the least of everything", message("m", "c", "a", 0, AT, 0L, "m", 0L, 0L)),
                taken("unpriced, nothing said", message("m", "c", "a", 0, AT, null, null, null, null)),
                taken(
                        "the greatest of everything",
                        message(
                                LONGEST,
                                LONGEST,
                                LONGEST,
                                Integer.MAX_VALUE,
                                latest,
                                1_000_000_000_000L,
                                LONGEST,
                                Ranges.MAX_TOKENS,
                                Ranges.MAX_TOKENS)),
                taken("priced long ago", message("m", "c", "a", 0, Instant.EPOCH, 1L, null, null, null)),
                taken(
                        "priced before time was counted",
                        message("m", "c", "a", 0, Instant.ofEpochMilli(Long.MIN_VALUE), 1L, null, null, null)),
                rejected("an empty id", message("").build(), RejectReason.OUT_OF_RANGE, "message_id"),
                rejected("too long an id", message(TOO_LONG).build(), RejectReason.OUT_OF_RANGE, "message_id"),
                rejected("an empty chat", message("m").chat("").build(), RejectReason.OUT_OF_RANGE, "chat_id"),
                rejected("too long a chat", message("m").chat(TOO_LONG).build(), RejectReason.OUT_OF_RANGE, "chat_id"),
                rejected("an empty account", message("m").account("").build(), RejectReason.OUT_OF_RANGE, "account_id"),
                rejected("an empty model", message("m").model("").build(), RejectReason.OUT_OF_RANGE, "model"),
                rejected("too long a model", message("m").model(TOO_LONG).build(), RejectReason.OUT_OF_RANGE, "model"),
                rejected(
                        "a negative revision",
                        message("m").revision(-1).build(),
                        RejectReason.OUT_OF_RANGE,
                        "revision"),
                rejected("a negative cost", message("m").cost(-1L).build(), RejectReason.OUT_OF_RANGE, "cost_micros"),
                rejected(
                        "too great a cost",
                        message("m").cost(1_000_000_000_001L).build(),
                        RejectReason.OUT_OF_RANGE,
                        "cost_micros"),
                rejected(
                        "negative tokens in",
                        message("m").tokens(-1L, 0L).build(),
                        RejectReason.OUT_OF_RANGE,
                        "input_tokens"),
                rejected(
                        "too many tokens in",
                        message("m").tokens(Ranges.MAX_TOKENS + 1, 0L).build(),
                        RejectReason.OUT_OF_RANGE,
                        "input_tokens"),
                rejected(
                        "negative tokens out",
                        message("m").tokens(0L, -1L).build(),
                        RejectReason.OUT_OF_RANGE,
                        "output_tokens"),
                rejected(
                        "too many tokens out",
                        message("m").tokens(0L, Ranges.MAX_TOKENS + 1).build(),
                        RejectReason.OUT_OF_RANGE,
                        "output_tokens"),
                rejected(
                        "priced a millisecond more than 24 hours ahead",
                        message("m").pricedAt(latest.plusMillis(1)).build(),
                        RejectReason.PRICED_AT_AHEAD,
                        "priced_at"),
                rejected(
                        "priced at the end of time",
                        message("m")
                                .pricedAt(Instant.ofEpochMilli(Long.MAX_VALUE))
                                .build(),
                        RejectReason.PRICED_AT_AHEAD,
                        "priced_at"));
    }

    @ParameterizedTest
    @CsvSource({"-86400001, true", "-86400000, false", "0, false", "86400000, false", "86400001, true"})
    void shouldFindATimeOddThatIsMoreThan24HoursFromItsAppend(long millis, boolean odd) {
        assertThat(FactRules.isOddTime(AT.plusMillis(millis), AT)).isEqualTo(odd);
    }

    @Test
    void shouldNameTheFirstThingThatIsWrongWhenSeveralAre() {
        // When
        Optional<Rejection> rejection =
                FactRules.check(message("").chat("").cost(-1L).build(), AT);

        // Then
        assertRejection(rejection, RejectReason.OUT_OF_RANGE, "message_id");
    }

    private static void assertRejection(Optional<Rejection> rejection, RejectReason reason, String named) {
        if (reason == null) {
            assertThat(rejection).isEmpty();
        } else {
            assertThat(rejection).hasValueSatisfying(found -> {
                assertThat(found.reason()).isEqualTo(reason);
                assertThat(found.detail()).startsWith(named);
            });
        }
    }

    private static Arguments taken(String what, Object fact) {
        return Arguments.of(what, fact, null, null);
    }

    private static Arguments rejected(String what, Object fact, RejectReason reason, String named) {
        return Arguments.of(what, fact, reason, named);
    }

    private static ChatFact chat(String chatId, String parentChatId, String accountId, Long limitMicros) {
        return new ChatFact(chatId, parentChatId, accountId, limitMicros, AT);
    }

    private static LimitFact limit(String rootChatId, Long micros) {
        return new LimitFact(rootChatId, new Limit(micros, 0));
    }

    private static MessageFact message(
            String messageId,
            String chatId,
            String accountId,
            int revision,
            Instant pricedAt,
            Long costMicros,
            String model,
            Long inputTokens,
            Long outputTokens) {
        return MessageFact.of(
                messageId, chatId, accountId, revision, pricedAt, costMicros, model, inputTokens, outputTokens);
    }

    private static MessageBuilder message(String messageId) {
        return new MessageBuilder(messageId);
    }

    /** A message that is right but for what a test sets. */
    private static final class MessageBuilder {
        private final String messageId;
        private String chatId = "c-1";
        private String accountId = "a-1";
        private int revision;
        private Instant pricedAt = AT;
        private Long costMicros = 1L;
        private String model;
        private Long inputTokens;
        private Long outputTokens;

        MessageBuilder(String messageId) {
            this.messageId = messageId;
        }

        MessageBuilder chat(String id) {
            chatId = id;
            return this;
        }

        MessageBuilder account(String id) {
            accountId = id;
            return this;
        }

        MessageBuilder revision(int number) {
            revision = number;
            return this;
        }

        MessageBuilder pricedAt(Instant time) {
            pricedAt = time;
            return this;
        }

        MessageBuilder cost(Long micros) {
            costMicros = micros;
            return this;
        }

        MessageBuilder model(String name) {
            model = name;
            return this;
        }

        MessageBuilder tokens(Long input, Long output) {
            inputTokens = input;
            outputTokens = output;
            return this;
        }

        MessageFact build() {
            return message(
                    messageId, chatId, accountId, revision, pricedAt, costMicros, model, inputTokens, outputTokens);
        }
    }
}
