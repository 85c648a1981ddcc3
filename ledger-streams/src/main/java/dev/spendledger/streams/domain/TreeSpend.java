package dev.spendledger.streams.domain;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The spend of a tree.
 *
 * @param accountId the account of its root chat
 * @param totals the sum over the messages of all its chats
 * @param limit the limit in force
 * @param chats how many chats it has, the root included
 * @param pace how fast it grows
 * @param warnedPercent the greatest threshold of the limit in force that was warned of; {@link Thresholds#NONE_PASSED} = none
 */
public record TreeSpend(String accountId, Totals totals, Limit limit, long chats, Pace pace, int warnedPercent) {

    /** A tree of which only what the facts determine is known. */
    public TreeSpend(String accountId, Totals totals, Limit limit, long chats) {
        this(accountId, totals, limit, chats, Pace.NONE, Thresholds.NONE_PASSED);
    }

    /** A tree at its beginning: its root chat, and nothing spent. */
    public static TreeSpend opened(ChatFact root) {
        return new TreeSpend(root.accountId(), Totals.ZERO, Limit.asCreated(root), 1);
    }

    /** The same, opened by a fact that was appended to the log at this time. */
    public static TreeSpend opened(ChatFact root, Instant at) {
        TreeSpend tree = opened(root);
        return new TreeSpend(
                tree.accountId,
                tree.totals,
                tree.limit,
                tree.chats,
                Pace.NONE.plus(at, BigInteger.ZERO, 1),
                tree.warnedPercent);
    }

    /** @param at when the fact that has changed them was appended to the log */
    public TreeSpend withTotals(Totals newTotals, Instant at) {
        return new TreeSpend(
                accountId,
                newTotals,
                limit,
                chats,
                pace.plus(at, newTotals.sumMicros().subtract(totals.sumMicros()), 0),
                warnedPercent);
    }

    /** @param at when the fact of the chat was appended to the log */
    public TreeSpend withOneMoreChat(Instant at) {
        return new TreeSpend(accountId, totals, limit, chats + 1, pace.plus(at, BigInteger.ZERO, 1), warnedPercent);
    }

    /**
     * The tree after a limit was set; equal to this one if a later limit is in force already. Of the same amount set again
     * nobody need be warned again.
     */
    public TreeSpend withLimit(Limit newLimit) {
        Limit later = limit.orLater(newLimit);
        int warned = Objects.equals(later.micros(), limit.micros()) ? warnedPercent : Thresholds.NONE_PASSED;
        return later == limit ? this : new TreeSpend(accountId, totals, later, chats, pace, warned);
    }

    /** The tree once the thresholds that it has passed were warned of; this one if they were. */
    public TreeSpend warned(Thresholds thresholds) {
        int passed = passed(thresholds);
        return passed <= warnedPercent ? this : new TreeSpend(accountId, totals, limit, chats, pace, passed);
    }

    /** The greatest threshold of the limit in force that the spend has passed; {@link Thresholds#NONE_PASSED} = none. */
    public int passed(Thresholds thresholds) {
        return effectiveLimitMicros()
                .map(limitMicros -> thresholds.passed(totals.spentMicros(), limitMicros))
                .orElse(Thresholds.NONE_PASSED);
    }

    /** What the facts determine of it. */
    public TreeSpend determined() {
        return new TreeSpend(accountId, totals, limit, chats);
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
