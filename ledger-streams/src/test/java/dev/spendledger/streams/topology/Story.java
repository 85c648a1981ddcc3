package dev.spendledger.streams.topology;

import static java.util.stream.Collectors.groupingBy;

import dev.spendledger.schemas.Partitions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;

/**
 * Facts in the order of the log, as tangled as producers can make them: deep and wide trees, repeats, redefinitions, circles,
 * chats that are named and never created, limits on anything, keys and hints that lie, records in the wrong partition. And
 * what they must come to, found by asking the whole list, without a line of the ledger's own rules.
 */
final class Story {
    /** Far enough ahead of every append. */
    static final Instant AHEAD = LedgerDriver.START.plus(Duration.ofHours(25));

    private static final int MOST_CHATS = 62;

    private final int partitions;
    private final List<Told> log;
    private final Map<String, Chat> created = new HashMap<>();

    Story(int partitions, List<Told> log) {
        this.partitions = partitions;
        this.log = log;
        valid(Chat.class).forEach(chat -> created.putIfAbsent(chat.id(), chat));
    }

    /** One fact. */
    interface Step {
        Fact fact();

        /** Whether the fact is right by itself. */
        boolean isValid();

        /** What it is about: the log keeps the order of chats and limits of one subject, and that order matters. */
        default String subject() {
            return "";
        }
    }

    /**
     * A fact and where its producer put it.
     *
     * @param astray how many partitions behind that of its key; 0 = in its own
     */
    record Told(Step step, int astray) {
        int partition(int partitions) {
            return (Partitions.of(step.fact().key(), partitions) + astray) % partitions;
        }

        boolean counts(int partitions) {
            return step.isValid() && (step instanceof Message || astray % partitions == 0);
        }
    }

    record Chat(String id, String parent, Long limit, String account) implements Step {
        @Override
        public Fact fact() {
            Fact.ChatBuilder chat =
                    Fact.chat(id).parent(parent).account(account).rootHint(parent);
            return (limit == null ? chat : chat.limit(limit)).fact();
        }

        @Override
        public String subject() {
            return "chat " + id;
        }

        @Override
        public boolean isValid() {
            return !id.equals(parent) && (parent == null || limit == null);
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

        @Override
        public boolean isValid() {
            return true;
        }
    }

    record Message(
            String id, String chat, int revision, Long cost, String account, String key, String hint, Instant pricedAt)
            implements Step {
        @Override
        public Fact fact() {
            return Fact.message(id, chat)
                    .revision(revision)
                    .cost(cost)
                    .account(account)
                    .keyedBy(key)
                    .rootHint(hint)
                    .pricedAt(pricedAt)
                    .fact();
        }

        @Override
        public boolean isValid() {
            return !pricedAt.equals(AHEAD);
        }
    }

    // ---- any story ----

    /** How the parents of the chats are chosen. */
    private enum Shape {
        TANGLED,
        DEEP,
        WIDE
    }

    /** A step of a story of so many chats. */
    private interface Draft {
        Step of(int chats);

        /** So few names that they meet, and two that only noise creates. */
        static String name(int number, int chats) {
            return "c-" + number % (chats + 2);
        }
    }

    /** @param rank its place in the log: sorted by it and not shuffled, so that a failing story can be made shorter */
    private record Placed(Draft draft, int rank, int astray) {}

    /**
     * Of 3 to 62 chats, to a depth of 61 and a fan-out of 61, and as many messages as said, with a few limits and some noise.
     *
     * @param partitions the most partitions of the ledger it is told to; the least is one
     * @param astray how often a record lies in another partition than its key's, 0 to 1
     */
    static Arbitrary<Story> any(int mostMessages, int partitions, double astray) {
        Arbitrary<Integer> numbers =
                Arbitraries.integers().between(0, 99).withDistribution(RandomDistribution.uniform());
        Arbitrary<Long> limits = Arbitraries.longs().between(1, 60);
        Arbitrary<String> accounts = Arbitraries.of("a-1", "a-1", "a-1", "a-2");
        Arbitrary<Draft> noise = Combinators.combine(numbers, numbers.injectNull(0.3), limits.injectNull(0.7), accounts)
                .as((id, parent, limit, account) -> n ->
                        new Chat(Draft.name(id, n), parent == null ? null : Draft.name(parent, n), limit, account));
        Arbitrary<Draft> settings = Combinators.combine(numbers, limits.injectNull(0.2))
                .as((chat, micros) -> n -> new Limit(chat < 50 ? "c-0" : Draft.name(chat, n), micros));
        Arbitrary<Draft> messages = Combinators.combine(
                        numbers,
                        numbers,
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.longs().between(0, 30).injectNull(0.15),
                        accounts,
                        numbers,
                        numbers,
                        numbers)
                .as((id, chat, revision, cost, account, key, hint, time) -> n -> {
                    String name = Draft.name(chat, n);
                    return new Message(
                            "m-" + id % 10,
                            name,
                            revision,
                            cost,
                            account,
                            keyOr(key, name, n),
                            keyOr(hint, name, n),
                            time(time));
                });
        Arbitrary<List<Integer>> parents =
                numbers.list().ofMinSize(3).ofMaxSize(62).withSizeDistribution(RandomDistribution.uniform());
        Arbitrary<List<Placed>> rest = Combinators.combine(
                        placed(noise, astray).list().ofMaxSize(4),
                        placed(settings, astray).list().ofMaxSize(6),
                        placed(messages, astray)
                                .list()
                                .ofMinSize(1)
                                .ofMaxSize(mostMessages)
                                .withSizeDistribution(RandomDistribution.uniform()))
                .as((first, second, third) ->
                        Stream.of(first, second, third).flatMap(List::stream).toList());
        return Combinators.combine(
                        Arbitraries.of(Shape.TANGLED, Shape.TANGLED, Shape.DEEP, Shape.WIDE),
                        parents,
                        ranksAndStrays(astray),
                        rest,
                        Arbitraries.integers().between(1, partitions))
                .as(Story::put)
                .withoutEdgeCases();
    }

    private static Arbitrary<Placed> placed(Arbitrary<Draft> drafts, double astray) {
        return Combinators.combine(drafts, ranks(), strays(astray)).as(Placed::new);
    }

    private static Arbitrary<Integer> ranks() {
        return Arbitraries.integers().between(0, 9_999).withDistribution(RandomDistribution.uniform());
    }

    private static Arbitrary<Integer> strays(double astray) {
        return Arbitraries.doubles()
                .between(0, 1)
                .withDistribution(RandomDistribution.uniform())
                .map(drawn -> drawn < astray ? 1 : 0);
    }

    private static Arbitrary<List<Placed>> ranksAndStrays(double astray) {
        // One in its wrong partition keeps all chats below it from being counted: rarer, so that deep trees remain.
        return placed(Arbitraries.just(n -> null), astray / 5).list().ofSize(MOST_CHATS);
    }

    /** In one of twenty a lie, else what a producer knows: the chat or, mostly rightly, the root. */
    private static String keyOr(int number, String chat, int chats) {
        return number < 5 ? Draft.name(number, chats) : number < 50 ? "c-0" : chat;
    }

    private static Instant time(int number) {
        // Around a midnight, so that the smallest of several names another day than the others.
        return number < 3 ? AHEAD : Fact.LONG_AGO.truncatedTo(ChronoUnit.DAYS).plusMillis(number % 3 - 1);
    }

    private static Story put(
            Shape shape, List<Integer> parents, List<Placed> places, List<Placed> rest, int partitions) {
        int chats = Math.min(parents.size(), shape == Shape.TANGLED ? 8 : MOST_CHATS);
        List<Placed> all = new ArrayList<>(rest);
        for (int i = 0; i < chats; i++) {
            Chat chat = chat(shape, i, parents.get(i));
            all.add(new Placed(n -> chat, places.get(i).rank(), places.get(i).astray()));
        }
        return new Story(
                partitions,
                all.stream()
                        .sorted(Comparator.comparingInt(Placed::rank))
                        .map(placed -> new Told(placed.draft().of(chats), placed.astray()))
                        .toList());
    }

    /** A chat with its parent by the number drawn for it: mostly one before it, sometimes any, sometimes none. */
    private static Chat chat(Shape shape, int i, int number) {
        boolean tangled = shape == Shape.TANGLED;
        boolean strange = tangled ? number >= 80 : number == 99 && i % 3 == 0;
        boolean root = !strange && (i == 0 || tangled && number < 5);
        int before = Math.max(i, 1);
        int parent = strange ? number % 10 : tangled ? number % before : shape == Shape.DEEP ? before - 1 : 0;
        return new Chat("c-" + i, root ? null : "c-" + parent, root && number % 2 == 0 ? 50L : null, "a-1");
    }

    /** The same facts in another order, which keeps that of the chats and limits of one subject, as a log does. */
    Story shuffled(Random random) {
        List<Told> shuffled = new ArrayList<>(log);
        Collections.shuffle(shuffled, random);
        Map<String, Iterator<Told>> bySubject = new HashMap<>();
        log.stream()
                .collect(groupingBy(told -> told.step().subject()))
                .forEach((subject, facts) -> bySubject.put(subject, facts.iterator()));
        shuffled.replaceAll(told -> told.step().subject().isEmpty()
                ? told
                : bySubject.get(told.step().subject()).next());
        return new Story(partitions, shuffled);
    }

    List<Told> log() {
        return log;
    }

    int partitions() {
        return partitions;
    }

    /** Every fact of a kind that counts, in the order of the log. */
    <T extends Step> List<T> valid(Class<T> kind) {
        return log.stream()
                .filter(told -> told.counts(partitions))
                .map(Told::step)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    // ---- what it comes to: no state that grows, only questions to the whole list ----

    /** What the messages of a tree or of a chat come to. */
    record Sum(long micros, long priced, long unpriced) {}

    /** A tree as the facts have it. */
    record Tree(String account, Long limit, Sum sum, Map<String, Sum> chats) {}

    private static final Comparator<Message> WHERE = Comparator.comparing(Message::revision)
            .thenComparing(Message::pricedAt)
            .thenComparing(Message::chat)
            .thenComparing(Message::account);
    private static final Comparator<Message> PRICE = Comparator.comparing(Message::revision)
            .thenComparing(Message::cost, Comparator.nullsFirst(Comparator.naturalOrder()));

    /** The oracle: a message is where its smallest fact has it, and costs what its greatest says. Null = the whole tree. */
    private Sum sum(String root, String chat) {
        return sum(messagesOf(root).stream()
                .filter(facts -> chat == null
                        || chat.equals(Collections.min(facts, WHERE).chat())));
    }

    /** The facts of each message of a tree. */
    private Collection<List<Message>> messagesOf(String root) {
        return valid(Message.class).stream()
                .filter(message -> root.equals(rootOf(message.chat())))
                .collect(groupingBy(Message::id))
                .values();
    }

    /** The oracle of the accounts: a message is charged to the account and the UTC day that its smallest fact names. */
    Map<String, Sum> accountDays() {
        Map<String, List<List<Message>>> byDay = created.values().stream()
                .filter(chat -> chat.parent() == null)
                .flatMap(root -> messagesOf(root.id()).stream())
                .collect(groupingBy(facts -> {
                    Message smallest = Collections.min(facts, WHERE);
                    return smallest.account() + " "
                            + smallest.pricedAt().toString().split("T")[0];
                }));
        Map<String, Sum> sums = new TreeMap<>();
        byDay.forEach((day, messages) -> sums.put(day, sum(messages.stream())));
        return sums;
    }

    private static Sum sum(Stream<List<Message>> messages) {
        List<Message> prices =
                messages.map(facts -> Collections.max(facts, PRICE)).toList();
        List<Long> costs =
                prices.stream().map(Message::cost).filter(cost -> cost != null).toList();
        return new Sum(costs.stream().mapToLong(cost -> cost).sum(), costs.size(), prices.size() - costs.size());
    }

    /** The walk up the parents; null if it ends at a chat that nobody created, or never: more steps than chats are a circle. */
    String rootOf(String id) {
        String end = endOfWalk(id);
        return created.containsKey(end) && created.get(end).parent() == null ? end : null;
    }

    boolean hasNoRootForEver(String id) {
        String end = endOfWalk(id);
        return created.containsKey(end) && created.get(end).parent() != null;
    }

    private String endOfWalk(String id) {
        String at = id;
        for (int i = 0;
                i <= created.size()
                        && created.containsKey(at)
                        && created.get(at).parent() != null;
                i++) {
            at = created.get(at).parent();
        }
        return at;
    }

    Map<String, Tree> trees() {
        Map<String, Tree> trees = new TreeMap<>();
        created.values().stream().filter(chat -> chat.parent() == null).forEach(root -> {
            Map<String, Sum> members = new TreeMap<>();
            created.keySet().stream()
                    .filter(id -> root.id().equals(rootOf(id)))
                    .forEach(id -> members.put(id, sum(root.id(), id)));
            trees.put(root.id(), new Tree(root.account(), limitOf(root), sum(root.id(), null), members));
        });
        return trees;
    }

    private Long limitOf(Chat root) {
        List<Limit> set = valid(Limit.class).stream()
                .filter(limit -> limit.chat().equals(root.id()))
                .toList();
        return set.isEmpty() ? root.limit() : set.get(set.size() - 1).micros();
    }

    /** How many of its facts can never be counted. */
    long deadLetters() {
        long wrong = log.stream().filter(told -> !told.counts(partitions)).count();
        long redefined = redefinitions().count();
        long onChildren = valid(Limit.class).stream()
                .map(limit -> created.get(limit.chat()))
                .filter(chat -> chat != null && chat.parent() != null)
                .count();
        long chats = created.keySet().stream().filter(this::hasNoRootForEver).count();
        long messages = valid(Message.class).stream()
                .filter(message -> hasNoRootForEver(message.chat()))
                .count();
        return wrong + redefined + onChildren + chats + messages;
    }

    Stream<Chat> redefinitions() {
        return valid(Chat.class).stream().filter(chat -> !chat.equals(created.get(chat.id())));
    }

    Map<String, Chat> created() {
        return created;
    }

    /** A fact per line, in the order of the log, with the partition it was put in. */
    @Override
    public String toString() {
        return log.stream()
                .map(told -> "\n  partition " + told.partition(partitions) + ": "
                        + told.step().fact()
                        + (told.counts(partitions) ? "" : ", wrong"))
                .collect(Collectors.joining("", partitions + " partitions", ""));
    }
}
