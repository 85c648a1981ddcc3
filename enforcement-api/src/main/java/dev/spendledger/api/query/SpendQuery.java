package dev.spendledger.api.query;

import dev.spendledger.api.query.LedgerReader.Member;
import dev.spendledger.api.query.Reading.Answered;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads what a chat and its tree have spent. */
public final class SpendQuery {
    private final LedgerReader reader;
    private final FreezesView freezes;
    private final Announcements announcements;

    public SpendQuery(LedgerReader reader, FreezesView freezes, Announcements announcements) {
        this.reader = reader;
        this.freezes = freezes;
        this.announcements = announcements;
    }

    /**
     * A page of a tree's chats.
     *
     * @param afterChatId begin behind this id; empty = at the beginning
     * @param size how many at most
     */
    public record Page(String afterChatId, int size) {}

    /** A partition that is needed cannot be read. */
    public static final class UnavailableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnavailableException(DegradedReason reason) {
            super(reason.code());
        }
    }

    /**
     * What the ledger knows of a chat's spend; empty = it has never heard of the chat. Fails with
     * {@link UnavailableException} if that cannot be read.
     *
     * @param page which of the tree's chats to list; empty = none
     */
    public Future<Optional<SpendView>> find(String chatId, Optional<Page> page) {
        return reader.lineage(chatId)
                .compose(reading -> ifAnswered(reading, answered -> {
                    Optional<Lineage> heardOf = heardOf(chatId, answered.value());
                    if (heardOf.isEmpty()) {
                        return Future.succeededFuture(Optional.empty());
                    }
                    return view(chatId, heardOf.get(), answered, page).map(Optional::of);
                }));
    }

    /** Also of a chat that this instance has just written: whoever was told 201 must not be told 404. */
    private Optional<Lineage> heardOf(String chatId, Optional<Lineage> stored) {
        return stored.filter(Lineage::isCreated)
                .or(() -> announcements.find(chatId).map(stored.orElse(Lineage.HEARD_OF)::withCreated))
                .or(() -> stored.filter(lineage -> lineage.parked().messages() > 0));
    }

    private Future<SpendView> view(String chatId, Lineage lineage, Answered<Lineage> answered, Optional<Page> page) {
        if (lineage.rootChatId().isEmpty()) {
            return Future.succeededFuture(new SpendView(
                    chatId,
                    Optional.empty(),
                    Optional.ofNullable(lineage.created()).map(ChatFact::accountId),
                    Totals.ZERO,
                    lineage.parked(),
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    false,
                    answered.servedBy(),
                    answered.freshness()));
        }
        String rootChatId = lineage.rootChatId().get();
        return reader.tree(rootChatId)
                .compose(tree -> ifAnswered(
                        tree,
                        treeAnswered -> reader.member(rootChatId, chatId)
                                .compose(member -> ifAnswered(
                                        member,
                                        memberAnswered -> chats(rootChatId, page)
                                                .map(chats -> inTree(
                                                        chatId,
                                                        lineage,
                                                        treeAnswered,
                                                        memberAnswered,
                                                        chats,
                                                        page))))));
    }

    /** One more than the page has, to know whether there are more. */
    private Future<Optional<List<Member>>> chats(String rootChatId, Optional<Page> page) {
        return page.map(wanted -> reader.members(rootChatId, wanted.afterChatId(), wanted.size() + 1)
                        .compose(members -> ifAnswered(members, answered -> Future.succeededFuture(answered.value()))))
                .orElse(Future.succeededFuture(Optional.empty()));
    }

    private SpendView inTree(
            String chatId,
            Lineage lineage,
            Answered<TreeSpend> tree,
            Answered<ChatSpend> member,
            Optional<List<Member>> chats,
            Optional<Page> page) {
        String rootChatId = lineage.rootChatId().orElseThrow();
        int size = page.map(Page::size).orElse(0);
        return new SpendView(
                chatId,
                Optional.of(rootChatId),
                Optional.of(lineage.created().accountId()),
                // A chat whose root has just been found may still be on its way there.
                member.value().map(ChatSpend::totals).orElse(Totals.ZERO),
                lineage.parked(),
                tree.value().or(() -> announcements.openedTree(rootChatId)),
                freezes.freeze(rootChatId).isPresent(),
                chats.map(members -> members.subList(0, Math.min(size, members.size()))),
                chats.filter(members -> members.size() > size).isPresent(),
                tree.servedBy(),
                tree.freshness());
    }

    private static <T, R> Future<R> ifAnswered(Reading<T> reading, Function<Answered<T>, Future<R>> next) {
        return reading instanceof Reading.Unavailable<T> unavailable
                ? Future.failedFuture(new UnavailableException(unavailable.reason()))
                : next.apply((Answered<T>) reading);
    }
}
