package dev.spendledger.streams.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What a fact must keep to, whatever else is known; empty = it does. Only what the fact itself makes wrong is rejected here. */
public final class FactRules {
    private FactRules() {}

    public static Optional<Rejection> check(ChatFact chat) {
        return first(
                Stream.of(
                        id("chat_id", chat.chatId()),
                        optionalId("parent_chat_id", chat.parentChatId()),
                        id("account_id", chat.accountId()),
                        optionalLimit(chat.limitMicros()),
                        when(
                                chat.chatId().equals(chat.parentChatId()),
                                RejectReason.SELF_PARENT,
                                () -> "parent_chat_id is the chat itself; a root chat has none"),
                        when(
                                !chat.isRoot() && chat.limitMicros() != null,
                                RejectReason.LIMIT_ON_CHILD,
                                () ->
                                        "spend_limit_micros is only for a chat without a parent: the limit of a tree is its root's")));
    }

    public static Optional<Rejection> check(LimitFact limit) {
        return first(Stream.of(
                id("root_chat_id", limit.rootChatId()),
                optionalLimit(limit.limit().micros())));
    }

    /**
     * @param appendTime when the message was appended to the log
     */
    public static Optional<Rejection> check(MessageFact message, Instant appendTime) {
        Attribution attribution = message.attribution();
        Pricing pricing = message.pricing();
        return first(Stream.of(
                id("message_id", message.messageId()),
                id("chat_id", attribution.chatId()),
                id("account_id", attribution.accountId()),
                optionalId("model", pricing.model()),
                when(
                        pricing.revision() < 0,
                        RejectReason.OUT_OF_RANGE,
                        () -> "revision is " + pricing.revision() + " and must be 0 or more"),
                range("cost_micros", pricing.costMicros(), Ranges::isCost, "0 to " + Ranges.MAX_COST_MICROS),
                range("input_tokens", pricing.inputTokens(), Ranges::isTokens, "0 to " + Ranges.MAX_TOKENS),
                range("output_tokens", pricing.outputTokens(), Ranges::isTokens, "0 to " + Ranges.MAX_TOKENS),
                when(
                        attribution.pricedAt().isAfter(appendTime.plus(Ranges.MAX_PRICED_AHEAD)),
                        RejectReason.PRICED_AT_AHEAD,
                        () -> "priced_at is " + attribution.pricedAt() + ", more than 24 hours ahead of "
                                + appendTime)));
    }

    /**
     * Whether a time that decides nothing looks wrong: more than {@link Ranges#ODD_TIME} away from when the fact was
     * appended. The fact is accepted all the same.
     */
    public static boolean isOddTime(Instant time, Instant appendTime) {
        return Duration.between(time, appendTime).abs().compareTo(Ranges.ODD_TIME) > 0;
    }

    private static Optional<Rejection> first(Stream<Optional<Rejection>> findings) {
        return findings.flatMap(Optional::stream).findFirst();
    }

    private static Optional<Rejection> id(String field, String value) {
        return when(
                !Ranges.isId(value),
                RejectReason.OUT_OF_RANGE,
                () -> field + " must have 1 to " + Ranges.MAX_ID_LENGTH
                        + " characters, none of them a control character");
    }

    private static Optional<Rejection> optionalId(String field, String value) {
        return value == null ? Optional.empty() : id(field, value);
    }

    private static Optional<Rejection> optionalLimit(Long micros) {
        return range("spend_limit_micros", micros, Ranges::isLimit, "1 to " + Ranges.MAX_MICROS);
    }

    private static Optional<Rejection> range(String field, Long value, LongPredicate inRange, String range) {
        return when(
                value != null && !inRange.test(value),
                RejectReason.OUT_OF_RANGE,
                () -> field + " is " + value + " and must be " + range);
    }

    private static Optional<Rejection> when(boolean wrong, RejectReason reason, Supplier<String> detail) {
        return wrong ? Optional.of(new Rejection(reason, detail.get())) : Optional.empty();
    }
}
