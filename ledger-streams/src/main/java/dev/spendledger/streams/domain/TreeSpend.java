package dev.spendledger.streams.domain;

import java.util.Optional;

/**
 * The spend of a tree.
 *
 * @param accountId the account of its root chat
 * @param totals the sum over the messages of all its chats
 * @param limit the limit in force
 * @param chats how many chats it has, the root included
 */
public record TreeSpend(String accountId, Totals totals, Limit limit, long chats) {

    /** A tree at its beginning: its root chat, and nothing spent. */
    public static TreeSpend opened(ChatFact root) {
        return new TreeSpend(root.accountId(), Totals.ZERO, new Limit(root.limitMicros(), Limit.AS_CREATED), 1);
    }

    public TreeSpend withTotals(Totals newTotals) {
        return new TreeSpend(accountId, newTotals, limit, chats);
    }

    public TreeSpend withOneMoreChat() {
        return new TreeSpend(accountId, totals, limit, chats + 1);
    }

    /** The tree after a limit was set; equal to this one if a later limit is in force already. */
    public TreeSpend withLimit(Limit newLimit) {
        return new TreeSpend(accountId, totals, limit.orLater(newLimit), chats);
    }

    /**
     * The limit that the tree is held to, in micros: the one in force, or the greatest that can be shown for a tree that
     * has none and has spent more than that; empty = none.
     */
    public Optional<Long> effectiveLimitMicros() {
        return Optional.ofNullable(limit.micros())
                .or(() -> totals.overflow() ? Optional.of(Ranges.MAX_MICROS) : Optional.empty());
    }

    /** Whether the tree has spent its limit: reaching it counts. */
    public boolean exhausted() {
        return effectiveLimitMicros()
                .filter(limitMicros -> totals.spentMicros() >= limitMicros)
                .isPresent();
    }
}
