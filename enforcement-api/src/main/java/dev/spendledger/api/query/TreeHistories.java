package dev.spendledger.api.query;

import dev.spendledger.api.query.LedgerReader.Counted;
import dev.spendledger.api.query.SpendQuery.UnavailableException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads how a chat and its tree have come to what they have spent: all messages of the tree, where they are not too many. */
public final class TreeHistories {
    /** How many messages a tree may have: to read more would take seconds. */
    public static final int MESSAGES_MOST = 100_000;

    private static final int READ_AT_ONCE = 1_000;
    /** Whoever looks at a tree wants its timeline, and the messages that were priced last. */
    private static final Duration KEPT = Duration.ofSeconds(2);

    private static final long KEPT_MOST = 100;

    private final SpendQuery spends;
    private final LedgerReader reader;
    private final Turns turns;
    private final RecentReads<Optional<TreeHistory.Messages>> recent = new RecentReads<>(KEPT_MOST, KEPT);

    /** @param turns of those who go through all rows of a tree */
    public TreeHistories(SpendQuery spends, LedgerReader reader, Turns turns) {
        this.spends = spends;
        this.reader = reader;
        this.turns = turns;
    }

    /**
     * The history of a chat's tree; empty = the ledger has never heard of the chat. Fails with {@link UnavailableException} if
     * it cannot be read, and with {@link Turns.OverloadedException} where too many ask.
     */
    public Future<Optional<TreeHistory>> find(String chatId) {
        return spends.find(chatId, Optional.empty())
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(Optional.empty())
                        : messages(found.get()).map(messages -> Optional.of(new TreeHistory(found.get(), messages))));
    }

    /**
     * What the messages of a tree say; empty = it has more than {@link #MESSAGES_MOST}. Fails as {@link #find} does.
     *
     * @param spend of any chat of the tree
     */
    public Future<Optional<TreeHistory.Messages>> messages(SpendView spend) {
        if (spend.rootChatId().isEmpty()) {
            return Future.succeededFuture(Optional.of(TreeHistory.Messages.NONE));
        }
        String rootChatId = spend.rootChatId().get();
        long count = spend.tree().map(tree -> tree.totals().messages()).orElse(0L);
        return count > MESSAGES_MOST
                ? Future.succeededFuture(Optional.empty())
                : recent.get(
                        rootChatId,
                        1,
                        () -> turns.run(
                                count,
                                () -> gather(rootChatId, "", new TreeHistory.Gathering()),
                                gathering -> gathering.count() > MESSAGES_MOST
                                        ? Optional.empty()
                                        : Optional.of(gathering.messages(spend.tree()))));
    }

    private Future<TreeHistory.Gathering> gather(
            String rootChatId, String afterMessageId, TreeHistory.Gathering gathering) {
        return reader.messages(rootChatId, afterMessageId, READ_AT_ONCE).compose(reading -> {
            if (reading instanceof Reading.Unavailable<List<Counted>> unavailable) {
                return Future.failedFuture(new UnavailableException(unavailable.reason()));
            }
            List<Counted> page =
                    ((Reading.Answered<List<Counted>>) reading).value().orElseThrow();
            page.forEach(gathering::add);
            return page.size() < READ_AT_ONCE || gathering.count() > MESSAGES_MOST
                    ? Future.succeededFuture(gathering)
                    : gather(rootChatId, page.get(page.size() - 1).messageId(), gathering);
        });
    }
}
