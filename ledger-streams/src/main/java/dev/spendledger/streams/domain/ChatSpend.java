package dev.spendledger.streams.domain;

/**
 * A member of a tree and its own spend.
 *
 * @param parentChatId its parent; null = it is the root
 * @param accountId the account it belongs to
 * @param totals the sum over its own messages
 */
public record ChatSpend(String parentChatId, String accountId, Totals totals) {

    /** A member at its beginning. */
    public static ChatSpend joined(String parentChatId, String accountId) {
        return new ChatSpend(parentChatId, accountId, Totals.ZERO);
    }

    public ChatSpend withTotals(Totals newTotals) {
        return new ChatSpend(parentChatId, accountId, newTotals);
    }
}
