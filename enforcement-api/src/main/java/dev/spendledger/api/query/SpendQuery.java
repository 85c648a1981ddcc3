package dev.spendledger.api.query;

import dev.spendledger.api.query.LedgerReader.Member;
import dev.spendledger.api.query.Reading.Answered;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Freeze;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Models;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads what a chat and its tree have spent. */
public final class SpendQuery {
    /** Of how many chats of a tree the sums are made; of a larger one it would take too long. */
    public static final int SUMMED_MOST = 10_000;

    private static final int READ_AT_ONCE = 1_000;

    /** Else each page of a large tree would read all of it. */
    private static final Duration SUMS_KEPT = Duration.ofSeconds(5);

    /** Of chats, of all trees whose sums are kept: some 20 MB. */
    private static final long SUMS_CHATS_MOST = 100_000;

    private final LedgerReader reader;
    private final FreezesView freezes;
    private final Announcements announcements;
    private final Turns turns;
    private final RecentReads<Optional<TreeSums>> sums = new RecentReads<>(SUMS_CHATS_MOST, SUMS_KEPT);

    /** @param turns of those who go through all rows of a tree */
    public SpendQuery(LedgerReader reader, FreezesView freezes, Announcements announcements, Turns turns) {
        this.reader = reader;
        this.freezes = freezes;
        this.announcements = announcements;
        this.turns = turns;
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

        private final DegradedReason reason;

        UnavailableException(DegradedReason reason) {
            super(reason.code());
            this.reason = reason;
        }

        /** Why it cannot. */
        public DegradedReason reason() {
            return reason;
        }
    }

    /** The freeze of a tree, as far as this instance has read; empty = it is not frozen. */
    public Optional<Freeze> freeze(String rootChatId) {
        return freezes.freeze(rootChatId);
    }

    /**
     * What the ledger knows of a chat's spend; empty = it has never heard of the chat. Fails with
     * {@link UnavailableException} if that cannot be read, and with {@link Turns.OverloadedException} where too many ask for
     * pages of large trees.
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
                    Models.NONE,
                    lineage.parked(),
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    false,
                    Optional.empty(),
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
                                        memberAnswered -> list(rootChatId, chatsOf(treeAnswered), page)
                                                .map(listed -> inTree(
                                                        chatId, lineage, treeAnswered, memberAnswered, listed))))));
    }

    /**
     * The chats of a tree that are listed.
     *
     * @param more whether it has chats behind them
     * @param sums empty = the tree is too large
     */
    private record Listed(List<Member> chats, boolean more, Optional<TreeSums> sums) {
        static Listed of(List<Member> oneMoreThanThePage, int size, Optional<TreeSums> sums) {
            int shown = Math.min(size, oneMoreThanThePage.size());
            return new Listed(oneMoreThanThePage.subList(0, shown), oneMoreThanThePage.size() > shown, sums);
        }
    }

    private static long chatsOf(Answered<TreeSpend> tree) {
        return tree.value().map(TreeSpend::chats).orElse(1L);
    }

    private Future<Optional<Listed>> list(String rootChatId, long chats, Optional<Page> page) {
        if (page.isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        int size = page.get().size();
        // One more than the page has, to know whether there are more. Before the sums: so they are no less than it.
        return read(rootChatId, page.get().afterChatId(), size + 1)
                .compose(members -> sums(rootChatId, chats).map(sums -> Optional.of(Listed.of(members, size, sums))));
    }

    private Future<Optional<TreeSums>> sums(String rootChatId, long chats) {
        if (chats > SUMMED_MOST) {
            return Future.succeededFuture(Optional.empty());
        }
        return chats <= Turns.FREE_ROWS
                ? sum(rootChatId, chats)
                : sums.get(rootChatId, chats, () -> sum(rootChatId, chats));
    }

    private Future<Optional<TreeSums>> sum(String rootChatId, long chats) {
        return turns.run(
                chats,
                () -> readAll(rootChatId, new ArrayList<>()),
                all -> all.size() > SUMMED_MOST // It has grown meanwhile.
                        ? Optional.empty()
                        : Optional.of(TreeSums.of(all)));
    }

    private Future<List<Member>> readAll(String rootChatId, List<Member> read) {
        String after = read.isEmpty() ? "" : read.get(read.size() - 1).chatId();
        return read(rootChatId, after, READ_AT_ONCE).compose(members -> {
            read.addAll(members);
            return members.size() < READ_AT_ONCE || read.size() > SUMMED_MOST
                    ? Future.succeededFuture(read)
                    : readAll(rootChatId, read);
        });
    }

    private Future<List<Member>> read(String rootChatId, String afterChatId, int most) {
        return reader.members(rootChatId, afterChatId, most)
                .compose(members -> ifAnswered(
                        members,
                        answered -> Future.succeededFuture(answered.value().orElseThrow())));
    }

    private SpendView inTree(
            String chatId,
            Lineage lineage,
            Answered<TreeSpend> tree,
            Answered<ChatSpend> member,
            Optional<Listed> listed) {
        String rootChatId = lineage.rootChatId().orElseThrow();
        return new SpendView(
                chatId,
                Optional.of(rootChatId),
                Optional.of(lineage.created().accountId()),
                // A chat whose root has just been found may still be on its way there.
                member.value().map(ChatSpend::totals).orElse(Totals.ZERO),
                member.value().map(ChatSpend::models).orElse(Models.NONE),
                lineage.parked(),
                tree.value().or(() -> announcements.openedTree(rootChatId)),
                freeze(rootChatId).isPresent(),
                listed.map(Listed::chats),
                listed.filter(Listed::more).isPresent(),
                listed.flatMap(Listed::sums),
                tree.servedBy(),
                tree.freshness());
    }

    private static <T, R> Future<R> ifAnswered(Reading<T> reading, Function<Answered<T>, Future<R>> next) {
        return reading instanceof Reading.Unavailable<T> unavailable
                ? Future.failedFuture(new UnavailableException(unavailable.reason()))
                : next.apply((Answered<T>) reading);
    }
}
