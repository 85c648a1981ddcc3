package dev.spendledger.api.audit;

import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.LimitFact;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.LogFold;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a limit on every tree would have done that was never set. Folds the log in its order, as a ledger that knows at once
 * what is appended:
 *
 * <ul>
 *   <li>A tree is stopped by the record that lets its spend reach the limit. That may be the creation of a chat that messages
 *       were waiting for.
 *   <li>A message whose first record is appended while its tree is stopped would not have been sent: it and its revisions are
 *       saved. One that was appended before had been billed, and counts whenever it is folded or re-priced.
 *   <li>A revision that brings the tree below the limit lifts the stop, until the limit is reached again.
 * </ul>
 */
public final class WhatIf implements FactReader.Receiver<Void> {
    private final BigInteger limitMicros;
    private final FactReader facts;
    private final LogFold<Read> fold = new LogFold<>(this::onMessage);
    private final Map<String, Tree> trees = new HashMap<>();
    private Read now;

    /**
     * A tree that would have been stopped.
     *
     * @param at when the ledger would have known for the first time
     * @param record the record of the message that reached the limit then
     * @param messageId that message
     * @param chatId its chat
     * @param spentMicros what the tree had spent then
     * @param lifted how often a revision would have let the tree go on
     * @param spentInTheEndMicros what it has spent in the end
     * @param savedMicros what of that would not have been spent
     */
    public record Stop(
            String rootChatId,
            Instant at,
            RecordId record,
            String messageId,
            String chatId,
            BigInteger spentMicros,
            int lifted,
            BigInteger spentInTheEndMicros,
            BigInteger savedMicros) {}

    /**
     * A record of the log.
     *
     * @param number how many were read before it
     */
    private record Read(long number, RecordId record, Instant appendTime) {}

    /** The moment a tree would first have been stopped. */
    private record FirstStop(Instant at, RecordId record, String messageId, String chatId, BigInteger spentMicros) {}

    private static final class Tree {
        /** Whether it was stopped, from after the record with this number on. */
        private final NavigableMap<Long, Boolean> stoppedAfter = new TreeMap<>();

        private final Set<String> notSent = new HashSet<>();
        private BigInteger spent = BigInteger.ZERO;
        private BigInteger saved = BigInteger.ZERO;
        private boolean everSpent;
        private boolean stopped;
        private int lifted;
        private FirstStop first;

        boolean wasStoppedAt(Read read) {
            Map.Entry<Long, Boolean> before = stoppedAfter.lowerEntry(read.number);
            return before != null && before.getValue();
        }
    }

    public WhatIf(long limitMicros, FactReader facts) {
        this.limitMicros = BigInteger.valueOf(limitMicros);
        this.facts = facts;
    }

    /** Folds one record of the log; records that are no facts change nothing. */
    public void fold(Source source) {
        now = new Read(now == null ? 0 : now.number + 1, source.id(), source.appendTime());
        try {
            facts.read(source, this);
        } catch (RejectedRecordException e) {
            return; // A dead letter, which has spent nothing.
        }
    }

    @Override
    public Void onChat(ChatFact chat, Source source) {
        fold.accept(chat, now);
        return null;
    }

    @Override
    public Void onLimit(LimitFact limit, Source source) {
        return null; // Here every tree has the one limit that is asked for.
    }

    @Override
    public Void onMessage(MessageFact message, Source source) {
        fold.accept(message, now);
        return null;
    }

    private void onMessage(String rootChatId, String messageId, Message before, Message after, Read event) {
        Tree tree = trees.computeIfAbsent(rootChatId, root -> new Tree());
        if (before == null && tree.wasStoppedAt(event)) {
            tree.notSent.add(messageId);
        }
        BigInteger added = cost(after).subtract(cost(before));
        tree.spent = tree.spent.add(added);
        tree.everSpent |= tree.spent.signum() > 0;
        if (tree.notSent.contains(messageId)) {
            tree.saved = tree.saved.add(added);
            return; // With the limit it would not be in the tree at all.
        }
        BigInteger spentWithLimit = tree.spent.subtract(tree.saved);
        boolean stopped = spentWithLimit.compareTo(limitMicros) >= 0;
        if (stopped == tree.stopped) {
            return;
        }
        tree.stopped = stopped;
        tree.stoppedAfter.put(now.number, stopped);
        if (!stopped) {
            tree.lifted++;
        } else if (tree.first == null) {
            tree.first = new FirstStop(
                    now.appendTime, event.record, messageId, after.attribution().chatId(), spentWithLimit);
        }
    }

    private static BigInteger cost(Message message) {
        return message == null || message.pricing().costMicros() == null
                ? BigInteger.ZERO
                : BigInteger.valueOf(message.pricing().costMicros());
    }

    /** The trees that would have been stopped, those that would have saved most first. */
    public List<Stop> stops() {
        return trees.entrySet().stream()
                .filter(entry -> entry.getValue().first != null)
                .map(entry -> stop(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparing(Stop::savedMicros).reversed().thenComparing(Stop::rootChatId))
                .toList();
    }

    private static Stop stop(String rootChatId, Tree tree) {
        return new Stop(
                rootChatId,
                tree.first.at,
                tree.first.record,
                tree.first.messageId,
                tree.first.chatId,
                tree.first.spentMicros,
                tree.lifted,
                tree.spent,
                tree.saved);
    }

    /** How many trees have ever spent anything. */
    public long trees() {
        return trees.values().stream().filter(tree -> tree.everSpent).count();
    }

    /** What the log says of a chat. */
    public Lineage lineage(String chatId) {
        return fold.lineages().getOrDefault(chatId, Lineage.HEARD_OF);
    }
}
