package dev.spendledger.streams.domain;

import dev.spendledger.streams.domain.Root.Rooted;
import dev.spendledger.streams.domain.Root.Unrooted;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a log of facts comes to, folded in memory by the rules of the domain alone: without partitions, routing or stores.
 * The running ledger must come to the same, in whatever order the facts reached it. Only the facts of one chat, and the
 * limits of one root, must be given in the order of the log. Not thread-safe.
 *
 * @param <E> how the caller names the record that a fact came in
 */
public final class LogFold<E> {
    private final Listener<E> listener;
    private final Map<String, Chat<E>> chats = new HashMap<>();
    private final Map<String, Tree<E>> trees = new HashMap<>();
    private final Map<E, RejectReason> deadLetters = new LinkedHashMap<>();
    private long arrivals;

    public LogFold() {
        this((rootChatId, messageId, before, after, event) -> {});
    }

    /** @param listener hears of every message that changes a tree */
    public LogFold(Listener<E> listener) {
        this.listener = listener;
    }

    /** Hears of every message that changes a tree. */
    public interface Listener<E> {
        /**
         * Of messages that one fact lets go, it hears in the order in which they were given.
         *
         * @param before what the message came to until now; null = it is new to the tree
         * @param after what it comes to with this fact
         * @param event the record of this fact
         */
        void onMessage(String rootChatId, String messageId, Message before, Message after, E event);
    }

    /**
     * A fact that waits at its chat.
     *
     * @param fact the fact
     * @param event the record it came in
     * @param arrival counts the facts given before it
     */
    public record Waiting<F, E>(F fact, E event, long arrival) {}

    private static final class Chat<E> {
        private final String id;
        private Waiting<ChatFact, E> creation;
        private Root root;
        private List<Waiting<LimitFact, E>> limits = new ArrayList<>(0);
        private List<Waiting<MessageFact, E>> messages = new ArrayList<>(0);
        private List<Chat<E>> children = new ArrayList<>(0);

        Chat(String id) {
            this.id = id;
        }

        boolean isCreated() {
            return creation != null;
        }

        String parentId() {
            return creation.fact().parentChatId();
        }
    }

    private static final class Tree<E> {
        private final ChatFact root;
        private final List<Chat<E>> members = new ArrayList<>(1);
        private final Map<String, Message> messages = new HashMap<>();
        private Limit limit;

        Tree(ChatFact root) {
            this.root = root;
            this.limit = Limit.asCreated(root);
        }
    }

    // ---- facts ----

    /** A chat was created. */
    public void accept(ChatFact fact, E event) {
        Chat<E> chat = chat(fact.chatId());
        if (chat.isCreated()) {
            if (!chat.creation.fact().saysTheSameAs(fact)) {
                deadLetters.put(event, RejectReason.CHAT_REDEFINED);
            }
            return;
        }
        chat.creation = waiting(fact, event);
        if (fact.isRoot()) {
            trees.put(chat.id, new Tree<>(fact));
            settle(chat, new Rooted(chat.id, 0));
        } else {
            place(chat, chat(fact.parentChatId()));
        }
        List<Waiting<LimitFact, E>> limits = chat.limits;
        chat.limits = List.of();
        limits.forEach(limit -> accept(limit.fact(), limit.event()));
    }

    /** The limit of a tree was set. */
    public void accept(LimitFact fact, E event) {
        Chat<E> chat = chat(fact.rootChatId());
        if (!chat.isCreated()) {
            chat.limits.add(waiting(fact, event));
        } else if (chat.creation.fact().isRoot()) {
            Tree<E> tree = trees.get(chat.id);
            tree.limit = tree.limit.orLater(fact.limit());
        } else {
            deadLetters.put(event, RejectReason.LIMIT_ON_CHILD);
        }
    }

    /** A message was priced. */
    public void accept(MessageFact fact, E event) {
        Chat<E> chat = chat(fact.chatId());
        if (chat.root == null) {
            chat.messages.add(waiting(fact, event));
        } else if (chat.root instanceof Rooted rooted) {
            count(rooted.rootChatId(), fact, event);
        } else {
            deadLetters.put(event, RejectReason.NO_ROOT);
        }
    }

    private <F> Waiting<F, E> waiting(F fact, E event) {
        return new Waiting<>(fact, event, arrivals++);
    }

    private Chat<E> chat(String chatId) {
        return chats.computeIfAbsent(chatId, Chat::new);
    }

    private void count(String rootChatId, MessageFact fact, E event) {
        Map<String, Message> messages = trees.get(rootChatId).messages;
        Message before = messages.get(fact.messageId());
        Message after = before == null ? Message.of(fact) : before.with(fact);
        if (!after.equals(before)) {
            messages.put(fact.messageId(), after);
            listener.onMessage(rootChatId, fact.messageId(), before, after, event);
        }
    }

    // ---- roots ----

    private void place(Chat<E> chat, Chat<E> parent) {
        if (parent.root != null) {
            settle(chat, below(parent.root));
            return;
        }
        parent.children.add(chat);
        int hops = hopsToTheMissing(chat);
        if (hops == 0) {
            settle(chat, new Unrooted("its parent chain comes back to itself"));
        } else {
            settleTooDeep(chat, hops);
        }
    }

    /** How many parents up the first chat is that nobody has created; 0 = the parents lead back to the chat. */
    private int hopsToTheMissing(Chat<E> chat) {
        int hops = 1;
        Chat<E> above = parent(chat);
        while (above.isCreated()) {
            if (above == chat) {
                return 0;
            }
            above = parent(above);
            hops++;
        }
        return hops;
    }

    /** Only reads: {@code computeIfAbsent} may grow the map even for a key that it has, under the hands of who walks it. */
    private Chat<E> parent(Chat<E> chat) {
        return chats.get(chat.parentId());
    }

    /** Whatever comes to stand above, it is too far away from a chat that has more than 1,000 parents already. */
    private void settleTooDeep(Chat<E> chat, int hops) {
        record At<E>(Chat<E> chat, int hops) {}
        Deque<At<E>> below = new ArrayDeque<>(List.of(new At<>(chat, hops)));
        while (!below.isEmpty()) {
            At<E> next = below.pop();
            if (next.hops > Ranges.MAX_DEPTH) {
                settle(next.chat, tooDeep());
            } else {
                next.chat.children.forEach(child -> below.push(new At<>(child, next.hops + 1)));
            }
        }
    }

    private static Root below(Root root) {
        if (root instanceof Rooted rooted) {
            return rooted.depth() < Ranges.MAX_DEPTH ? new Rooted(rooted.rootChatId(), rooted.depth() + 1) : tooDeep();
        }
        return root;
    }

    private static Unrooted tooDeep() {
        return new Unrooted("its parent chain reaches no root within " + Ranges.MAX_DEPTH + " parents");
    }

    /** The root of a chat is known, and so are those of all chats that waited for it. */
    private void settle(Chat<E> first, Root rootOfFirst) {
        first.root = rootOfFirst;
        List<Waiting<MessageFact, E>> released = new ArrayList<>();
        Deque<Chat<E>> settled = new ArrayDeque<>(List.of(first));
        while (!settled.isEmpty()) {
            Chat<E> chat = settled.pop();
            if (chat.root instanceof Rooted rooted) {
                trees.get(rooted.rootChatId()).members.add(chat);
            } else {
                deadLetters.put(chat.creation.event(), RejectReason.NO_ROOT);
            }
            released.addAll(chat.messages);
            chat.messages = List.of();
            for (Chat<E> child : chat.children) {
                if (child.root == null) { // In a circle one of them is the first.
                    child.root = below(chat.root);
                    settled.push(child);
                }
            }
            chat.children = List.of();
        }
        // Once all of them have their root, and not chat by chat: who asks at which message something was reached must
        // hear
        // of them as the log has them.
        released.sort(Comparator.comparingLong(Waiting::arrival));
        released.forEach(message -> accept(message.fact(), message.event()));
    }

    // ---- what it comes to ----

    /** Every chat that was created or that messages wait for, by id. */
    public Map<String, Lineage> lineages() {
        Map<String, Lineage> lineages = new HashMap<>();
        chats.values().stream()
                .filter(chat -> chat.isCreated() || !chat.messages.isEmpty())
                .forEach(chat -> lineages.put(
                        chat.id,
                        new Lineage(
                                chat.isCreated() ? chat.creation.fact() : null,
                                chat.root,
                                sum(chat.messages.stream()
                                        .map(message -> message.fact().pricing())))));
        return lineages;
    }

    /** Every tree, by its root. */
    public Map<String, TreeSpend> trees() {
        Map<String, TreeSpend> spends = new HashMap<>();
        trees.forEach((rootChatId, tree) -> spends.put(
                rootChatId,
                new TreeSpend(
                        tree.root.accountId(),
                        sum(tree.messages.values().stream().map(Message::pricing)),
                        tree.limit,
                        tree.members.size())));
        return spends;
    }

    /** The chats of a tree and what the facts determine of their own spend, by id; none for an unknown root. */
    public Map<String, ChatSpend> members(String rootChatId) {
        Tree<E> tree = trees.get(rootChatId);
        Map<String, ChatSpend> members = new HashMap<>();
        if (tree == null) {
            return members;
        }
        tree.members.forEach(chat -> members.put(
                chat.id, ChatSpend.joined(chat.parentId(), chat.creation.fact().accountId())));
        tree.messages
                .values()
                .forEach(message -> members.computeIfPresent(
                        message.attribution().chatId(), (chatId, chat) -> chat.plus(message.pricing())));
        members.replaceAll((chatId, chat) -> chat.determined());
        return members;
    }

    /** The messages of a tree, by id; none for an unknown root. */
    public Map<String, Message> messages(String rootChatId) {
        Tree<E> tree = trees.get(rootChatId);
        return tree == null ? Map.of() : Map.copyOf(tree.messages);
    }

    /** What the messages of all trees come to for each account, by the day they are charged to. */
    public Map<AccountDay, Totals> accountDays() {
        Map<AccountDay, Totals> days = new HashMap<>();
        trees.values().stream()
                .flatMap(tree -> tree.messages.values().stream())
                .forEach(message -> days.merge(AccountDay.of(message.attribution()), Totals.of(message), Totals::and));
        return days;
    }

    /** The roots of all trees. */
    public Collection<String> rootChatIds() {
        return trees.keySet();
    }

    /** The messages that wait for their chat's root. */
    public Stream<Waiting<MessageFact, E>> parkedMessages() {
        return chats.values().stream().flatMap(chat -> chat.messages.stream());
    }

    /** The limits that wait for their chat to be created. */
    public Stream<Waiting<LimitFact, E>> parkedLimits() {
        return chats.values().stream().flatMap(chat -> chat.limits.stream());
    }

    /** The chats that were created and whose root is not known yet. */
    public Stream<Waiting<ChatFact, E>> chatsInWait() {
        return chats.values().stream()
                .filter(chat -> chat.isCreated() && chat.root == null)
                .map(chat -> chat.creation);
    }

    /**
     * Of a chat {@linkplain #chatsInWait() in wait}: the first of its parents that nobody has created, and how many parents
     * up that is.
     */
    public Map.Entry<String, Integer> waitsFor(String chatId) {
        Chat<E> chat = Objects.requireNonNull(chats.get(chatId), chatId);
        int hops = hopsToTheMissing(chat);
        Chat<E> missing = chat;
        for (int i = 0; i < hops; i++) {
            missing = parent(missing);
        }
        return Map.entry(missing.id, hops);
    }

    /** The most parents that a chat has above it, as far as they are known. */
    public int depth() {
        return chats.values().stream().mapToInt(this::depth).max().orElse(0);
    }

    private int depth(Chat<E> chat) {
        if (chat.root instanceof Rooted rooted) {
            return rooted.depth();
        }
        Set<Chat<E>> line = new HashSet<>(); // Which may come back to itself.
        for (Chat<E> above = chat; above.isCreated() && line.add(above); ) {
            above = chats.get(above.parentId());
        }
        return line.size();
    }

    /** The records that cannot be counted for what other facts say; those that are wrong by themselves never come here. */
    public Map<E, RejectReason> deadLetters() {
        return deadLetters;
    }

    private static Totals sum(Stream<Pricing> pricings) {
        return pricings.reduce(Totals.ZERO, (totals, pricing) -> totals.plus(pricing.costMicros()), Totals::and);
    }
}
