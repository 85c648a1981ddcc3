package dev.spendledger.demo;

import dev.spendledger.demo.LedgerClient.Operation;
import dev.spendledger.demo.LedgerClient.TreeSpend;
import dev.spendledger.demo.LedgerClient.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the ledger says of a tree whose agents have all stopped.
 *
 * @param spend what it counted; empty = it did not count all messages in time
 * @param chatsAsked how many chats were then asked for once more
 * @param chatsRejected for how many of them the answer was no
 * @param spendAfterwards what it had counted in the end
 */
record Aftermath(Optional<TreeSpend> spend, int chatsAsked, int chatsRejected, Optional<TreeSpend> spendAfterwards) {
    private static final Duration COUNTED_WITHIN = Duration.ofSeconds(10);
    private static final long POLL_MS = 20;

    /**
     * Waits until the ledger has counted all chats and messages, and then asks for every chat of the tree whether it may go on.
     *
     * @param messages how many were sent
     */
    static Aftermath of(LedgerClient ledger, String rootChatId, List<String> chatIds, int messages)
            throws InterruptedException {
        Optional<TreeSpend> spend = onceCounted(ledger, rootChatId, chatIds.size(), messages);
        int rejected = 0;
        for (String chatId : chatIds) {
            if (ledger.check(chatId, rootChatId, Operation.SEND_MESSAGE) instanceof Verdict.Rejected) {
                rejected++;
            }
        }
        return new Aftermath(spend, chatIds.size(), rejected, ledger.treeSpend(rootChatId));
    }

    /** A chat that has sent nothing yet joins its tree a few commits after it was created: it is waited for as well. */
    private static Optional<TreeSpend> onceCounted(LedgerClient ledger, String rootChatId, int chats, int messages)
            throws InterruptedException {
        long endNanos = System.nanoTime() + COUNTED_WITHIN.toNanos();
        do {
            Optional<TreeSpend> spend = ledger.treeSpend(rootChatId);
            if (spend.filter(tree -> tree.messages() == messages && tree.chats() == chats)
                    .isPresent()) {
                return spend;
            }
            Thread.sleep(POLL_MS);
        } while (System.nanoTime() - endNanos < 0);
        return Optional.empty();
    }

    /** Whether nothing gets through any more. */
    boolean isQuiet() {
        return spend.isPresent() && spend.equals(spendAfterwards) && chatsRejected == chatsAsked;
    }
}
