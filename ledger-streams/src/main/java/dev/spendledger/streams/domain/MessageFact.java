package dev.spendledger.streams.domain;

import java.time.Instant;

/**
 * A billed call has a price, or has none yet.
 *
 * @param messageId the billed call
 * @param attribution whom and when the call is charged to
 * @param pricing what it cost
 */
public record MessageFact(String messageId, Attribution attribution, Pricing pricing) {

    /** The chat that made the call. */
    public String chatId() {
        return attribution.chatId();
    }

    /**
     * @param revision which price of the message this is, from 0
     * @param pricedAt when the call was made
     * @param costMicros what it cost, 0 to {@link Ranges#MAX_COST_MICROS}; null = unpriced
     * @param model the model called; null = not said
     * @param inputTokens tokens sent; null = not said
     * @param outputTokens tokens received; null = not said
     */
    public static MessageFact of(
            String messageId,
            String chatId,
            String accountId,
            int revision,
            Instant pricedAt,
            Long costMicros,
            String model,
            Long inputTokens,
            Long outputTokens) {
        return new MessageFact(
                messageId,
                new Attribution(revision, pricedAt, chatId, accountId),
                new Pricing(revision, costMicros, model, inputTokens, outputTokens));
    }
}
