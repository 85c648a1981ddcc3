package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.Totals;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * Facts of a few chats in the order of the log, as tangled as producers can make them: repeats, redefinitions, circles, chats
 * that are named and never created, limits on anything, keys that lie. And what they must come to.
 */
record Story(List<Step> steps) {

    /** One fact. */
    interface Step {
        Fact fact();

        /** What it is about: the log keeps the order of chats and limits of one subject, and that order matters. */
        default String subject() {
            return "";
        }
    }

    record Chat(String id, String parent, Long limit, String account) implements Step {
        @Override
        public Fact fact() {
            Fact.ChatBuilder chat = Fact.chat(id).parent(parent).account(account);
            return (limit == null ? chat : chat.limit(limit)).fact();
        }

        @Override
        public String subject() {
            return "chat " + id;
        }

        boolean isValid() {
            return !id.equals(parent) && (parent == null || limit == null);
        }

        boolean saysTheSameAs(Chat other) {
            return asFact().saysTheSameAs(other.asFact());
        }

        private ChatFact asFact() {
            return new ChatFact(id, parent, account, limit, Instant.EPOCH);
        }
    }

    record Limit(String chat, Long micros) implements Step {
        @Override
        public Fact fact() {
            return Fact.limit(chat, micros);
        }

        @Override
        public String subject() {
            return "limit of " + chat;
        }
    }

    record Message(String id, String chat, int revision, Long cost, String account, String key) implements Step {
        @Override
        public Fact fact() {
            return Fact.message(id, chat)
                    .revision(revision)
                    .cost(cost)
                    .account(account)
                    .keyedBy(key)
                    .rootHint(key)
                    .fact();
        }
    }

    // ---- any story ----

    /** Of at most ten chats and as many messages as said, with a few limits and some noise. */
    static Arbitrary<Story> any(int mostMessages) {
        // So few names that they meet; "c-8" and "c-9" are only created by the noise, if at all.
        Arbitrary<String> named = Arbitraries.integers().between(0, 9).map(i -> "c-" + i);
        Arbitrary<List<Step>> chats = Arbitraries.integers()
                .between(-1, 99)
                .list()
                .ofMinSize(3)
                .ofMaxSize(8)
                .map(Story::mostlyATree);
        Arbitrary<Step> noise = Combinators.combine(
                        named,
                        named.injectNull(0.3),
                        Arbitraries.longs().between(1, 60).injectNull(0.7),
                        Arbitraries.of("a-1", "a-1", "a-1", "a-2"))
                .as(Chat::new);
        Arbitrary<Step> limits = Combinators.combine(
                        named, Arbitraries.longs().between(1, 60).injectNull(0.2))
                .as(Limit::new);
        Arbitrary<Step> messages = Combinators.combine(
                        Arbitraries.integers().between(0, 9).map(i -> "m-" + i),
                        named,
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.longs().between(0, 30).injectNull(0.15),
                        Arbitraries.of("a-1", "a-2"),
                        named)
                .as(Message::new);
        return Combinators.combine(
                        chats,
                        noise.list().ofMaxSize(3),
                        limits.list().ofMaxSize(6),
                        messages.list().ofMinSize(mostMessages / 3).ofMaxSize(mostMessages))
                .as((first, second, third, fourth) -> Stream.of(first, second, third, fourth)
                        .flatMap(List::stream)
                        .toList())
                .flatMap(Arbitraries::shuffle)
                .map(Story::new)
                .withoutEdgeCases();
    }

    /** Chat i with its parent by the number drawn for it: mostly one before it, sometimes any, sometimes none. */
    private static List<Step> mostlyATree(List<Integer> numbers) {
        List<Step> chats = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i++) {
            int number = numbers.get(i);
            boolean root = i == 0 && number < 85 || number < 5;
            String parent = root ? null : "c-" + (number < 85 ? number % Math.max(i, 1) : number % 10);
            chats.add(new Chat("c-" + i, parent, root && number % 2 == 0 ? 50L : null, "a-1"));
        }
        return chats;
    }

    /** The same facts in another order, which keeps that of the chats and limits of one subject, as a log does. */
    Story shuffled(Random random) {
        List<Step> shuffled = new ArrayList<>(steps);
        Collections.shuffle(shuffled, random);
        Map<String, Iterator<Step>> bySubject = new HashMap<>();
        for (Step step : steps) {
            bySubject.computeIfAbsent(
                    step.subject(),
                    subject -> steps.stream()
                            .filter(other -> other.subject().equals(subject))
                            .iterator());
        }
        shuffled.replaceAll(step ->
                step.subject().isEmpty() ? step : bySubject.get(step.subject()).next());
        return new Story(shuffled);
    }

    // ---- what it comes to ----

    /** A tree as the facts have it. */
    record Tree(String account, Long limit, Totals totals, Map<String, Totals> chats) {}

    /** The oracle: no state that grows, only questions to the whole list. */
    Map<String, Tree> trees() {
        Map<String, Tree> trees = new TreeMap<>();
        created().forEach((id, chat) -> {
            String root = rootOf(id);
            if (root != null) {
                Chat rootChat = created().get(root);
                trees.computeIfAbsent(
                                root,
                                key -> new Tree(
                                        rootChat.account(), limitOf(rootChat), totals(root, null), new TreeMap<>()))
                        .chats()
                        .put(id, totals(root, id));
            }
        });
        return trees;
    }

    /** The first valid creation of each chat. */
    Map<String, Chat> created() {
        Map<String, Chat> created = new HashMap<>();
        of(Chat.class).stream().filter(Chat::isValid).forEach(chat -> created.putIfAbsent(chat.id(), chat));
        return created;
    }

    /** Null if the parents lead to none: in so few chats, more than twenty parents are a circle. */
    String rootOf(String id) {
        String at = id;
        for (int hops = 0; hops < 20; hops++) {
            Chat chat = created().get(at);
            if (chat == null || chat.parent() == null) {
                return chat == null ? null : at;
            }
            at = chat.parent();
        }
        return null;
    }

    private Long limitOf(Chat root) {
        Long limit = root.limit();
        for (Limit set : of(Limit.class)) {
            limit = set.chat().equals(root.id()) ? set.micros() : limit;
        }
        return limit;
    }

    /** Of the whole tree, or of one of its chats. */
    private Totals totals(String root, String chat) {
        Totals totals = Totals.ZERO;
        Map<String, List<Message>> byId = new HashMap<>();
        of(Message.class).stream()
                .filter(message -> root.equals(rootOf(message.chat())))
                .forEach(message -> byId.computeIfAbsent(message.id(), id -> new ArrayList<>())
                        .add(message));
        for (List<Message> facts : byId.values()) {
            Message first = Collections.min(
                    facts,
                    Comparator.comparing(Message::revision)
                            .thenComparing(Message::chat)
                            .thenComparing(Message::account));
            Message last = Collections.max(
                    facts,
                    Comparator.comparing(Message::revision)
                            .thenComparing(message -> message.cost() == null ? -1 : message.cost()));
            totals = chat == null || chat.equals(first.chat()) ? totals.plus(last.cost()) : totals;
        }
        return totals;
    }

    /** How many of its facts can never be counted. */
    long deadLetters() {
        Map<String, Chat> created = created();
        long chats = of(Chat.class).stream()
                .filter(chat -> !chat.isValid() || !chat.saysTheSameAs(created.get(chat.id())))
                .count();
        long limits = of(Limit.class).stream()
                .map(limit -> created.get(limit.chat()))
                .filter(Objects::nonNull)
                .filter(chat -> chat.parent() != null)
                .count();
        return chats
                + limits
                + created.keySet().stream().filter(this::hasNoRootForEver).count()
                + of(Message.class).stream()
                        .filter(message -> hasNoRootForEver(message.chat()))
                        .count();
    }

    private boolean hasNoRootForEver(String id) {
        String at = id;
        for (int hops = 0; hops < 20; hops++) {
            Chat chat = created().get(at);
            if (chat == null || chat.parent() == null) {
                return false;
            }
            at = chat.parent();
        }
        return true;
    }

    private <T extends Step> List<T> of(Class<T> kind) {
        return steps.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        steps.forEach(step -> text.append("\n  ").append(step.fact()));
        return text.toString();
    }
}
