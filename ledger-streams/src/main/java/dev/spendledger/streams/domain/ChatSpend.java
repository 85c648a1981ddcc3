package dev.spendledger.streams.domain;

/**
 * A member of a tree and its own spend.
 *
 * @param parentChatId its parent; null = it is the root
 * @param accountId the account it belongs to
 * @param totals the sum over its own messages
 * @param models the same by model
 */
public record ChatSpend(String parentChatId, String accountId, Totals totals, Models models) {

    /** A member at its beginning. */
    public static ChatSpend joined(String parentChatId, String accountId) {
        return new ChatSpend(parentChatId, accountId, Totals.ZERO, Models.NONE);
    }

    /** The chat with one more message of its own. */
    public ChatSpend plus(Pricing pricing) {
        return new ChatSpend(parentChatId, accountId, totals.plus(pricing.costMicros()), models.plus(pricing));
    }

    /** The chat without a message that was counted in it. */
    public ChatSpend minus(Pricing pricing) {
        return new ChatSpend(parentChatId, accountId, totals.minus(pricing.costMicros()), models.minus(pricing));
    }

    /** What the facts determine of it. */
    public ChatSpend determined() {
        return new ChatSpend(parentChatId, accountId, totals, models.determined());
    }
}
