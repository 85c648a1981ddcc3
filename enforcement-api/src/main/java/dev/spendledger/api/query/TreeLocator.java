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
                        : byLineage(chatId, hints.parentChatId()));
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

    /** What the lineage of one chat says: where the chat is, or whose parent's place is its own. */
    private sealed interface Step {
        record At(Location place) implements Step {}

        record Below(String parentChatId, Optional<String> accountId) implements Step {}
    }

    /**
     * @param parentHint the parent that the caller names; used only for a chat never heard of
     */
    private Future<Location> byLineage(String chatId, Optional<String> parentHint) {
        return step(chatId, parentHint).compose(step -> upTheParents(step, Ranges.MAX_DEPTH));
    }

    private Future<Step> step(String chatId, Optional<String> parentHint) {
        return reader.lineage(chatId).map(reading -> {
            if (reading instanceof Reading.Unavailable<Lineage> unavailable) {
                return new Step.At(new Location.Unreadable(unavailable.reason(), chatId));
            }
            Optional<Lineage> lineage =
                    ((Reading.Answered<Lineage>) reading).value().filter(Lineage::isCreated);
            if (lineage.isPresent()) {
                return byKnownLineage(chatId, lineage.get());
            }
            return announcements
                    .find(chatId)
                    .map(TreeLocator::byFact)
                    .or(() -> parentHint.map(parent -> new Step.Below(parent, Optional.empty())))
                    .orElse(new Step.At(new Location.Nowhere(Optional.empty(), chatId)));
        });
    }

    private Step byKnownLineage(String chatId, Lineage lineage) {
        ChatFact chat = lineage.created();
        if (lineage.root() instanceof Root.Rooted rooted) {
            return new Step.At(remember(chatId, rooted.rootChatId(), chat.accountId()));
        }
        return lineage.root() instanceof Root.Unrooted
                ? new Step.At(new Location.Nowhere(Optional.of(chat.accountId()), chatId))
                : byFact(chat);
    }

    private static Step byFact(ChatFact chat) {
        Optional<String> account = Optional.of(chat.accountId());
        return chat.isRoot()
                ? new Step.At(new Location.InTree(chat.chatId(), account))
                : new Step.Below(chat.parentChatId(), account);
    }

    /**
     * A loop as long as the parents are read at once: as many calls within each other would overflow the stack.
     *
     * @param parentsMost how many parents may still be read
     */
    private Future<Location> upTheParents(Step first, int parentsMost) {
        Step step = first;
        for (int parentsLeft = parentsMost; step instanceof Step.Below below; parentsLeft--) {
            Location.InTree cached = found.getIfPresent(below.parentChatId());
            if (cached != null) {
                return Future.succeededFuture(withAccount(cached, below.accountId()));
            }
            if (parentsLeft == 0) {
                return Future.succeededFuture(new Location.Nowhere(below.accountId(), below.parentChatId()));
            }
            Future<Step> parent =
                    step(below.parentChatId(), Optional.empty()).map(above -> withAccount(above, below.accountId()));
            if (!parent.succeeded()) {
                int parentsStillLeft = parentsLeft - 1;
                return parent.compose(later -> upTheParents(later, parentsStillLeft));
            }
            step = parent.result();
        }
        return Future.succeededFuture(((Step.At) step).place());
    }

    private static Step withAccount(Step above, Optional<String> accountId) {
        return above instanceof Step.Below below
                ? new Step.Below(below.parentChatId(), accountId)
                : new Step.At(withAccount(((Step.At) above).place(), accountId));
    }

    /** The parent's tree is the chat's, and the parent's account is not. */
    private static Location withAccount(Location parent, Optional<String> accountId) {
        if (parent instanceof Location.InTree inTree) {
            return new Location.InTree(inTree.rootChatId(), accountId);
        }
        return parent instanceof Location.Nowhere nowhere
                ? new Location.Nowhere(accountId, nowhere.topmostChatId())
                : parent;
    }

    private Location.InTree remember(String chatId, String rootChatId, String accountId) {
        Location.InTree place = new Location.InTree(rootChatId, Optional.of(accountId));
        found.put(chatId, place);
        return place;
    }
}
