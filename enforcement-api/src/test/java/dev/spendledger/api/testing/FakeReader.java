package dev.spendledger.api.testing;

import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.LedgerReader;
import dev.spendledger.api.query.RankedTree;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.query.TopList;
import dev.spendledger.api.query.TreeOrder;
import dev.spendledger.streams.domain.Attribution;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.Pricing;
import dev.spendledger.streams.domain.Root;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The ledger's partitions, in memory: they hold what a test tells them, fail as it tells them, and remember what they
 * were asked. A read is written as in {@code "lineage c-7"}, {@code "tree c-1"}, {@code "member c-1 c-7"},
 * {@code "members c-1"} and {@code "messages c-1"}.
 */
public final class FakeReader implements LedgerReader {
    public static final int PARTITIONS = 2;

    /** The account of every chat. */
    public static final String ACCOUNT = "a-1";

    /** When the first message of every tree was priced; each other one a second after the one before. */
    public static final Instant FIRST_PRICED_AT = Instant.parse("2026-11-23T11:00:00Z");

    /** How far the partitions have come, unless {@link #doubt} says otherwise. */
    public static final Freshness FRESH = new Freshness(Instant.parse("2026-11-23T12:00:00.123Z"), 2, Optional.empty());

    /** As the partitions are in order. */
    private static final Comparator<String> BY_BYTES =
            Comparator.comparing((String id) -> id.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    private final Map<String, Lineage> lineages = new ConcurrentHashMap<>();
    private final Map<String, TreeSpend> trees = new ConcurrentHashMap<>();
    private final Map<String, NavigableMap<String, ChatSpend>> members = new ConcurrentHashMap<>();
    private final Map<String, NavigableMap<String, Message>> messages = new ConcurrentHashMap<>();
    private final Map<String, NavigableMap<LocalDate, Totals>> accountDays = new ConcurrentHashMap<>();
    private final Map<String, DegradedReason> unreadable = new ConcurrentHashMap<>();
    private final List<String> reads = new CopyOnWriteArrayList<>();
    private volatile DegradedReason allUnreadable;
    private volatile Freshness freshness = FRESH;
    private volatile ServedBy servedBy = ServedBy.OWNER;
    private volatile RuntimeException bug;
    private final Set<String> silentReads = ConcurrentHashMap.newKeySet();
    private volatile boolean silent;

    /** What a producer says of a chat, all of them of {@link #ACCOUNT}. */
    public static ChatFact chat(String chatId, String parentChatId, Long limitMicros) {
        return new ChatFact(chatId, parentChatId, ACCOUNT, limitMicros, Instant.EPOCH);
    }

    /** A root chat and its tree, in which nothing is spent. */
    public FakeReader root(String chatId, Long limitMicros) {
        ChatFact fact = chat(chatId, null, limitMicros);
        lineages.put(chatId, Lineage.HEARD_OF.withCreated(fact));
        trees.put(chatId, TreeSpend.opened(fact));
        return member(chatId, chatId, null);
    }

    /** A chat whose root is known, and which is a member of its tree. */
    public FakeReader child(String chatId, String parentChatId, String rootChatId) {
        lineage(chatId, parentChatId, new Root.Rooted(rootChatId, 1));
        trees.computeIfPresent(rootChatId, (root, tree) -> tree.withOneMoreChat(Instant.EPOCH));
        return member(rootChatId, chatId, parentChatId);
    }

    /** A chat whose root is not known yet. */
    public FakeReader unresolved(String chatId, String parentChatId) {
        return lineage(chatId, parentChatId, null);
    }

    /** A chat that will never have a root. */
    public FakeReader rootless(String chatId, String parentChatId) {
        return lineage(chatId, parentChatId, new Root.Unrooted("a circle of 3 chats"));
    }

    /** One message, of a chat that may not have been created, that waits for its root. */
    public FakeReader parked(String chatId, long costMicros) {
        lineages.merge(
                chatId,
                Lineage.HEARD_OF.withParked(Totals.ZERO.plus(costMicros)),
                (known, added) -> known.withParked(known.parked().plus(costMicros)));
        return this;
    }

    /** One message of a member of a tree; null = unpriced. */
    public FakeReader spent(String rootChatId, String chatId, Long costMicros) {
        trees.computeIfPresent(
                rootChatId, (root, tree) -> tree.withTotals(tree.totals().plus(costMicros), Instant.EPOCH));
        Pricing pricing = new Pricing(0, costMicros, null, null, null);
        members.get(rootChatId).computeIfPresent(chatId, (chat, spend) -> spend.plus(pricing));
        NavigableMap<String, Message> ofTree =
                messages.computeIfAbsent(rootChatId, root -> new ConcurrentSkipListMap<>(BY_BYTES));
        // By their ids in another order than by their times.
        ofTree.put(
                "m-" + (1_000_000 - ofTree.size()),
                new Message(new Attribution(0, FIRST_PRICED_AT.plusSeconds(ofTree.size()), chatId, ACCOUNT), pricing));
        return this;
    }

    /** A member of a tree, whatever the chat's lineage says. */
    public FakeReader member(String rootChatId, String chatId, String parentChatId) {
        members.computeIfAbsent(rootChatId, root -> new TreeMap<>(BY_BYTES))
                .put(chatId, ChatSpend.joined(parentChatId, ACCOUNT));
        return this;
    }

    private FakeReader lineage(String chatId, String parentChatId, Root root) {
        lineages.put(
                chatId,
                Lineage.HEARD_OF.withCreated(chat(chatId, parentChatId, null)).withRoot(root));
        return this;
    }

    /** From now on one read finds nobody who could answer. */
    public FakeReader unreadable(String read, DegradedReason reason) {
        unreadable.put(read, reason);
        return this;
    }

    /** From now on no read finds anybody who could answer. */
    public FakeReader unreadable(DegradedReason reason) {
        allUnreadable = reason;
        return this;
    }

    /** From now on every read fails as only a bug makes it fail. */
    public FakeReader failing(RuntimeException failure) {
        bug = failure;
        return this;
    }

    /** From now on no read is ever answered. */
    public FakeReader silent() {
        silent = true;
        return this;
    }

    /** From now on one read is never answered. */
    public FakeReader silent(String read) {
        silentReads.add(read);
        return this;
    }

    /** From now on the partitions answer, and their word does not count in full. */
    public FakeReader doubt(DegradedReason reason) {
        freshness = new Freshness(FRESH.asOf(), FRESH.lagMs(), Optional.of(reason));
        return this;
    }

    /** From now on the partitions have come up to the present. */
    public FakeReader freshNow() {
        freshness = new Freshness(Instant.now(), 2, Optional.empty());
        return this;
    }

    /** Whether this is why its readings do not count in full, or why there are none. */
    public boolean failsFor(DegradedReason reason) {
        return allUnreadable == reason || freshness.doubt().equals(Optional.of(reason));
    }

    /** From now on somebody else answers for the partitions. */
    public FakeReader servedBy(ServedBy other) {
        servedBy = other;
        return this;
    }

    /** What was asked, the first first. */
    public List<String> reads() {
        return List.copyOf(reads);
    }

    /** Forgets what was asked. */
    public void forgetReads() {
        reads.clear();
    }

    @Override
    public Future<Reading<Lineage>> lineage(String chatId) {
        return read("lineage " + chatId, Optional.ofNullable(lineages.get(chatId)));
    }

    @Override
    public Future<Reading<TreeSpend>> tree(String rootChatId) {
        return read("tree " + rootChatId, Optional.ofNullable(trees.get(rootChatId)));
    }

    /** All trees are in memory, where they can be read at all. */
    @Override
    public Optional<Reading.Answered<TreeSpend>> treeInMemory(String rootChatId) {
        return Optional.ofNullable(trees.get(rootChatId)).flatMap(tree -> inMemory("tree " + rootChatId, tree));
    }

    private <T> Optional<Reading.Answered<T>> inMemory(String read, T value) {
        boolean hidden = bug != null
                || silent
                || allUnreadable != null
                || unreadable.containsKey(read)
                || servedBy != ServedBy.OWNER
                || freshness.doubt().isPresent();
        return hidden ? Optional.empty() : Optional.of(new Reading.Answered<>(Optional.of(value), servedBy, freshness));
    }

    @Override
    public Future<Reading<ChatSpend>> member(String rootChatId, String chatId) {
        return read(
                "member " + rootChatId + " " + chatId,
                Optional.ofNullable(members.get(rootChatId)).map(chats -> chats.get(chatId)));
    }

    @Override
    public Future<Reading<List<Member>>> members(String rootChatId, String afterChatId, int most) {
        List<Member> page =
                members.getOrDefault(rootChatId, new TreeMap<>()).tailMap(afterChatId, false).entrySet().stream()
                        .limit(most)
                        .map(row -> new Member(row.getKey(), row.getValue()))
                        .toList();
        return read("members " + rootChatId, Optional.of(page));
    }

    @Override
    public Future<Reading<List<Counted>>> messages(String rootChatId, String afterMessageId, int most) {
        List<Counted> page =
                messages
                        .getOrDefault(rootChatId, new TreeMap<>(BY_BYTES))
                        .tailMap(afterMessageId, false)
                        .entrySet()
                        .stream()
                        .limit(most)
                        .map(row -> new Counted(row.getKey(), row.getValue()))
                        .toList();
        return read("messages " + rootChatId, Optional.of(page));
    }

    /** What an account spent on a day; null = one unpriced message. */
    public FakeReader spentOn(String accountId, LocalDate day, Long costMicros) {
        accountDays
                .computeIfAbsent(accountId, account -> new TreeMap<>())
                .merge(day, Totals.ZERO.plus(costMicros), Totals::and);
        return this;
    }

    @Override
    public Future<Reading<Totals>> account(String accountId, LocalDate first, LocalDate next) {
        return read("account " + accountId, Optional.of(spent(accountId, first, next)));
    }

    @Override
    public Optional<Reading.Answered<Totals>> accountInMemory(String accountId, LocalDate first, LocalDate next) {
        return inMemory("account " + accountId, spent(accountId, first, next));
    }

    private Totals spent(String accountId, LocalDate first, LocalDate next) {
        return accountDays.getOrDefault(accountId, new TreeMap<>()).subMap(first, next).values().stream()
                .reduce(Totals.ZERO, Totals::and);
    }

    /** All trees, of all {@value #PARTITIONS} partitions, where they can be read. */
    public Future<TopList> top(TreeOrder order) {
        if (bug != null) {
            return Future.failedFuture(bug);
        }
        return Future.succeededFuture(
                allUnreadable == null
                        ? new TopList(
                                trees.entrySet().stream()
                                        .map(tree -> new RankedTree(tree.getKey(), tree.getValue()))
                                        .toList(),
                                Set.of(0, 1))
                        : TopList.EMPTY);
    }

    private <T> Future<Reading<T>> read(String read, Optional<T> value) {
        reads.add(read);
        if (bug != null) {
            return Future.failedFuture(bug);
        }
        if (silent || silentReads.contains(read)) {
            return Promise.<Reading<T>>promise().future();
        }
        DegradedReason reason = allUnreadable == null ? unreadable.get(read) : allUnreadable;
        return Future.succeededFuture(
                reason == null
                        ? value.isEmpty() && freshness.doubt().isPresent()
                                ? new Reading.Unavailable<>(freshness.doubt().get())
                                : new Reading.Answered<>(value, servedBy, freshness)
                        : new Reading.Unavailable<>(reason));
    }
}
