package dev.spendledger.api.query;

import dev.spendledger.api.query.Reading.Answered;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import io.vertx.core.Future;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * Asks the ledger's partitions, each at its owner. The futures fail for bugs only: that a partition cannot be read is a
 * {@link Reading.Unavailable}, and so is that one lacks a row who may be behind. Calls may block for a local read, so they are made on a worker thread.
 */
public interface LedgerReader {

    /** What is known of a chat, from the partition of its id. */
    Future<Reading<Lineage>> lineage(String chatId);

    /** The spend of a tree, from the partition of its root. */
    Future<Reading<TreeSpend>> tree(String rootChatId);

    /**
     * The same, where a fresh owner can say it at once: this instance, of a tree that it has in memory. Reads no store.
     *
     * @return its {@link Answered#value value} is there; empty = it has to be asked for
     */
    Optional<Answered<TreeSpend>> treeInMemory(String rootChatId);

    /** A chat's membership in a tree and its own spend, from the partition of the root. */
    Future<Reading<ChatSpend>> member(String rootChatId, String chatId);

    /**
     * The chats of a tree in the order of their ids, from the partition of the root.
     *
     * @param afterChatId begin behind this id; empty = at the beginning
     * @param most how many at most
     */
    Future<Reading<List<Member>>> members(String rootChatId, String afterChatId, int most);

    /**
     * The messages of a tree in the order of their ids, from the partition of the root.
     *
     * @param afterMessageId begin behind this id; empty = at the beginning
     * @param most how many at most
     */
    Future<Reading<List<Counted>>> messages(String rootChatId, String afterMessageId, int most);

    /**
     * What an account spent on the UTC days from one to before another, from the partition of the account.
     *
     * @param first the first day that counts
     * @param next the day behind the last that counts
     */
    Future<Reading<Totals>> account(String accountId, LocalDate first, LocalDate next);

    /** The same, where a fresh owner can say it at once, as {@link #treeInMemory} does of a tree. Reads no store. */
    Optional<Answered<Totals>> accountInMemory(String accountId, LocalDate first, LocalDate next);

    /** A message of a tree, and what all that was said of it comes to. */
    record Counted(String messageId, Message message) {}

    /** A chat of a tree. */
    record Member(String chatId, ChatSpend spend) {}
}
