package dev.spendledger.api.query;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.TreeSpend;
import java.time.Duration;
import java.util.Optional;

/**
 * The chats that this instance has lately written to the log and may not have read back yet. What is read back always
 * stands above this: another fact may have come first.
 */
public final class Announcements {
    private static final long MOST = 100_000;
    /** Far longer than a fact takes to be folded; a chat that is not by then is judged as one never heard of. */
    private static final Duration KEPT = Duration.ofMinutes(10);

    private final Cache<String, ChatFact> chats =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(KEPT).build();

    /**
     * Announces a chat that is about to be written.
     *
     * @return what was announced of it before; empty = nothing, and it is announced now
     */
    public Optional<ChatFact> announce(ChatFact chat) {
        return Optional.ofNullable(chats.asMap().putIfAbsent(chat.chatId(), chat));
    }

    /** Takes an announcement back: the chat may not have been written. */
    public void withdraw(ChatFact chat) {
        chats.asMap().remove(chat.chatId(), chat);
    }

    public Optional<ChatFact> find(String chatId) {
        return Optional.ofNullable(chats.getIfPresent(chatId));
    }

    /** The tree of a root chat that was announced: it has no row yet, and has spent nothing. */
    public Optional<TreeSpend> openedTree(String rootChatId) {
        return find(rootChatId).filter(ChatFact::isRoot).map(TreeSpend::opened);
    }
}
