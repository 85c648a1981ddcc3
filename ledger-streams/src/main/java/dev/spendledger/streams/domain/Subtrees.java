package dev.spendledger.streams.domain;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** What each chat of a tree has spent together with all chats below it. */
public final class Subtrees {
    private Subtrees() {}

    /**
     * The sum of each chat, from the leaves up: as many steps as there are chats, however deep they lie.
     *
     * @param chats by their ids. Where a parent is missing, because the tree has grown while it was read, what is below it is
     *     in no sum further up
     */
    public static Map<String, Totals> of(Map<String, ChatSpend> chats) {
        Map<String, Integer> openChildren = new HashMap<>();
        for (ChatSpend chat : chats.values()) {
            if (chat.parentChatId() != null) {
                openChildren.merge(chat.parentChatId(), 1, Integer::sum);
            }
        }
        Map<String, Totals> sums = new HashMap<>();
        Deque<String> whole = new ArrayDeque<>();
        chats.forEach((chatId, chat) -> {
            sums.put(chatId, chat.totals());
            if (!openChildren.containsKey(chatId)) {
                whole.add(chatId);
            }
        });
        while (!whole.isEmpty()) {
            String chatId = whole.remove();
            String parentChatId = chats.get(chatId).parentChatId();
            if (sums.containsKey(parentChatId)) {
                sums.merge(parentChatId, sums.get(chatId), Totals::and);
                if (openChildren.merge(parentChatId, -1, Integer::sum) == 0) {
                    whole.add(parentChatId);
                }
            }
        }
        return sums;
    }
}
