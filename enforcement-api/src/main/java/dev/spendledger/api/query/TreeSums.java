package dev.spendledger.api.query;

import dev.spendledger.api.query.LedgerReader.Member;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Models;
import dev.spendledger.streams.domain.Subtrees;
import dev.spendledger.streams.domain.Totals;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What only all chats of a tree together say.
 *
 * @param subtrees what each chat has spent with all chats below it, by its id
 * @param models what the tree has spent by model
 */
public record TreeSums(Map<String, Totals> subtrees, Models models) {

    static TreeSums of(List<Member> chats) {
        Map<String, ChatSpend> byId = chats.stream().collect(Collectors.toMap(Member::chatId, Member::spend));
        return new TreeSums(
                Subtrees.of(byId),
                Models.sum(chats.stream().map(chat -> chat.spend().models()).toList()));
    }

    /** What a chat has spent with all chats below it; of one that has only just joined the tree, nothing. */
    public Totals subtree(String chatId) {
        return subtrees.getOrDefault(chatId, Totals.ZERO);
    }
}
