package dev.spendledger.api.query;

import dev.spendledger.streams.domain.Models;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import java.util.List;
import java.util.Optional;

/**
 * What a chat and its tree have spent.
 *
 * @param rootChatId the root of its tree; empty = not known
 * @param accountId the chat's account; empty = only messages of the chat are known
 * @param own the chat's own messages
 * @param models the same by model
 * @param parked the messages that wait for the root, in no total yet
 * @param tree the tree; empty = not known
 * @param frozen whether the tree is frozen, as far as this instance has read
 * @param chats a page of the tree's chats; empty = not asked for, or the tree is not known
 * @param moreChats whether the tree has chats behind this page
 * @param sums what is told with such a page; empty also where the tree has more than {@link SpendQuery#SUMMED_MOST} chats
 */
public record SpendView(
        String chatId,
        Optional<String> rootChatId,
        Optional<String> accountId,
        Totals own,
        Models models,
        Totals parked,
        Optional<TreeSpend> tree,
        boolean frozen,
        Optional<List<LedgerReader.Member>> chats,
        boolean moreChats,
        Optional<TreeSums> sums,
        ServedBy servedBy,
        Freshness freshness) {}
