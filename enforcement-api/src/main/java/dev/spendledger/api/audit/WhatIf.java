package dev.spendledger.api.audit;

import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.LimitFact;
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
import java.util.Set;

/**
 * What a limit on every tree would have done that was never set: folds the log in its order, and finds the message with which
 * each tree would have reached the limit. What was first heard of after it would not have been sent; what was re-priced after
 * it would have been sent all the same.
 */
public final class WhatIf implements FactReader.Receiver<Void> {
    private final BigInteger limitMicros;
    private final FactReader facts;
    private final LogFold<RecordId> fold = new LogFold<>(this::onMessage);
    private final Map<String, Tree> trees = new HashMap<>();
    private Instant now = Instant.EPOCH;

    /**
     * A tree that would have been stopped.
     *
     * @param at when the ledger would have known
     * @param record the record of the message that reached the limit
     * @param messageId that message
     * @param chatId its chat
     * @param spentMicros what the tree had spent then
     * @param spentInTheEndMicros what it has spent in the end
     * @param savedMicros what of that came later and would not have been spent
     */
    public record Stop(
            String rootChatId,
            Instant at,
            RecordId record,
            String messageId,
            String chatId,
            BigInteger spentMicros,
            BigInteger spentInTheEndMicros,
            BigInteger savedMicros) {}

    private static final class Tree {
        private final Set<String> later = new HashSet<>();
        private BigInteger spent = BigInteger.ZERO;
        private BigInteger saved = BigInteger.ZERO;
        private Stop stop;
    }

    public WhatIf(long limitMicros, FactReader facts) {
        this.limitMicros = BigInteger.valueOf(limitMicros);
        this.facts = facts;
    }

    /** Folds one record of the log; records that are no facts change nothing. */
    public void fold(Source source) {
        now = source.appendTime();
        try {
            facts.read(source, this);
        } catch (RejectedRecordException e) {
            return; // A dead letter, which has spent nothing.
        }
    }

    @Override
    public Void onChat(ChatFact chat, Source source) {
        fold.accept(chat, source.id());
        return null;
    }

    @Override
    public Void onLimit(LimitFact limit, Source source) {
        return null; // Here every tree has the one limit that is asked for.
    }

    @Override
    public Void onMessage(MessageFact message, Source source) {
        fold.accept(message, source.id());
        return null;
    }

    private void onMessage(String rootChatId, String messageId, Message before, Message after, RecordId event) {
        Tree tree = trees.computeIfAbsent(rootChatId, root -> new Tree());
        BigInteger added = cost(after).subtract(cost(before));
        tree.spent = tree.spent.add(added);
        if (tree.stop != null) {
            if (before == null) {
                tree.later.add(messageId);
            }
            tree.saved = tree.later.contains(messageId) ? tree.saved.add(added) : tree.saved;
        } else if (tree.spent.compareTo(limitMicros) >= 0) {
            tree.stop = new Stop(
                    rootChatId,
                    now,
                    event,
                    messageId,
                    after.attribution().chatId(),
                    tree.spent,
                    tree.spent,
                    BigInteger.ZERO);
        }
    }

    private static BigInteger cost(Message message) {
        return message == null || message.pricing().costMicros() == null
                ? BigInteger.ZERO
                : BigInteger.valueOf(message.pricing().costMicros());
    }

    /** The trees that would have been stopped, those that would have saved most first. */
    public List<Stop> stops() {
        return trees.values().stream()
                .filter(tree -> tree.stop != null)
                .map(tree -> new Stop(
                        tree.stop.rootChatId,
                        tree.stop.at,
                        tree.stop.record,
                        tree.stop.messageId,
                        tree.stop.chatId,
                        tree.stop.spentMicros,
                        tree.spent,
                        tree.saved))
                .sorted(Comparator.comparing(Stop::savedMicros).reversed().thenComparing(Stop::rootChatId))
                .toList();
    }

    /** How many trees have spent anything. */
    public int trees() {
        return trees.size();
    }
}
