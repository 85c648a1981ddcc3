package dev.spendledger.api.query;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.Root;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Finds the tree that a chat belongs to: from a bounded cache that only the ledger's lineage fills (a root once found never
 * changes), from the lineage itself, or, while the root is not found yet, by reading up the parents.
 */
public final class TreeLocator {
    private static final long CACHED_MOST = 200_000;

    private final LedgerReader reader;
    private final Announcements announcements;
    private final Cache<String, Location.InTree> found =
            Caffeine.newBuilder().maximumSize(CACHED_MOST).build();

    public TreeLocator(LedgerReader reader, Announcements announcements) {
        this.reader = reader;
        this.announcements = announcements;
    }

    /**
     * What the caller believes of a chat. It can save a read, and stands in for a chat never heard of; it never outweighs
     * what the ledger knows.
     */
    public record Hints(Optional<String> rootChatId, Optional<String> parentChatId) {
        public static final Hints NONE = new Hints(Optional.empty(), Optional.empty());
    }

    /** The chat's place, without asking any partition; empty = not known without. */
    public Optional<Location.InTree> cached(String chatId) {
        return Optional.ofNullable(found.getIfPresent(chatId));
    }

    public Future<Location> locate(String chatId, Hints hints) {
        Location.InTree cached = found.getIfPresent(chatId);
        if (cached != null) {
            return Future.succeededFuture(cached);
        }
        return hints.rootChatId()
                .map(rootChatId -> asMember(rootChatId, chatId))
                .orElse(Future.succeededFuture(Optional.empty()))
                .compose(member -> member.isPresent()
                        ? Future.succeededFuture(member.get())
                        : byLineage(chatId, hints.parentChatId(), Ranges.MAX_DEPTH));
    }

    /** Whether the chat is a member of the tree that the caller names; empty also when that cannot be read. */
    private Future<Optional<Location>> asMember(String rootChatId, String chatId) {
        return reader.member(rootChatId, chatId).map(reading -> {
            if (reading instanceof Reading.Answered<ChatSpend> answered
                    && answered.value().isPresent()) {
                return Optional.of(
                        remember(chatId, rootChatId, answered.value().get().accountId()));
            }
            return Optional.empty();
        });
    }

    /**
     * @param parentHint the parent that the caller names; used only for a chat never heard of
     * @param parentsLeft how many parents may still be read
     */
    private Future<Location> byLineage(String chatId, Optional<String> parentHint, int parentsLeft) {
        return reader.lineage(chatId).compose(reading -> {
            if (reading instanceof Reading.Unavailable<Lineage> unavailable) {
                return Future.succeededFuture(new Location.Unreadable(unavailable.reason()));
            }
            Optional<Lineage> lineage =
                    ((Reading.Answered<Lineage>) reading).value().filter(Lineage::isCreated);
            if (lineage.isPresent()) {
                return byKnownLineage(chatId, lineage.get(), parentsLeft);
            }
            Optional<ChatFact> announced = announcements.find(chatId);
            if (announced.isPresent()) {
                return byFact(announced.get(), parentsLeft);
            }
            return parentHint
                    .map(parent -> byParent(parent, Optional.empty(), parentsLeft))
                    .orElse(Future.succeededFuture(new Location.Nowhere(Optional.empty())));
        });
    }

    private Future<Location> byKnownLineage(String chatId, Lineage lineage, int parentsLeft) {
        ChatFact chat = lineage.created();
        if (lineage.root() instanceof Root.Rooted rooted) {
            return Future.succeededFuture(remember(chatId, rooted.rootChatId(), chat.accountId()));
        }
        if (lineage.root() instanceof Root.Unrooted) {
            return Future.succeededFuture(new Location.Nowhere(Optional.of(chat.accountId())));
        }
        return byFact(chat, parentsLeft);
    }

    private Future<Location> byFact(ChatFact chat, int parentsLeft) {
        Optional<String> account = Optional.of(chat.accountId());
        return chat.isRoot()
                ? Future.succeededFuture(new Location.InTree(chat.chatId(), account))
                : byParent(chat.parentChatId(), account, parentsLeft);
    }

    private Future<Location> byParent(String parentChatId, Optional<String> accountId, int parentsLeft) {
        Location.InTree cached = found.getIfPresent(parentChatId);
        if (cached != null) {
            return Future.succeededFuture(withAccount(cached, accountId));
        }
        if (parentsLeft == 0) {
            return Future.succeededFuture(new Location.Nowhere(accountId));
        }
        return byLineage(parentChatId, Optional.empty(), parentsLeft - 1).map(parent -> withAccount(parent, accountId));
    }

    /** The parent's tree is the chat's, and the parent's account is not. */
    private static Location withAccount(Location parent, Optional<String> accountId) {
        if (parent instanceof Location.InTree inTree) {
            return new Location.InTree(inTree.rootChatId(), accountId);
        }
        return parent instanceof Location.Nowhere ? new Location.Nowhere(accountId) : parent;
    }

    private Location.InTree remember(String chatId, String rootChatId, String accountId) {
        Location.InTree place = new Location.InTree(rootChatId, Optional.of(accountId));
        found.put(chatId, place);
        return place;
    }
}
