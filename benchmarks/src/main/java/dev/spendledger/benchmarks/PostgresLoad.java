package dev.spendledger.benchmarks;

import dev.spendledger.benchmarks.PostgresTables.Counter;
import dev.spendledger.benchmarks.PostgresTables.Message;
import dev.spendledger.benchmarks.PostgresTables.Sum;
import dev.spendledger.demo.Cluster;
import dev.spendledger.demo.Lifetime;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** The same trees in the ledger and in PostgreSQL, and the same number of clients that ask and count there in turn. */
final class PostgresLoad {
    private static final int INSTANCE = 1;
    /** Below each root; all messages are theirs. */
    private static final int CHATS = 10;

    private static final Duration POLL = Duration.ofMillis(5);
    private static final int COSTS = 20_000;
    /** Costs that follow each other share nothing. */
    private static final int COST_STEP = 7_919;

    private static final double NANOS_PER_MICRO = 1_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private final Size size;
    private final Ends ends;
    private final Facts facts;
    private final Checks checks;
    private final PostgresTables tables;
    private final List<String> asked;
    private final List<String> large = List.of(Facts.id("large", 0));
    /** Which grow; those that are asked for stay as they are. */
    private final List<String> counted;

    private final Map<String, Long> spent = new HashMap<>();
    private int sent;

    /**
     * How large all of it is.
     *
     * @param clients how many ask and count at once
     * @param trees how many are asked for, and how many others are counted into
     * @param messages of each tree that is asked for
     * @param large how many the large one has
     * @param events how many are counted in one run
     * @param each how long each kind of question is asked in one run
     */
    record Size(int clients, int trees, int messages, int large, int events, Duration each) {}

    /** Has what is told of each answer go on asking. */
    @FunctionalInterface
    private interface Asker {
        void ask(List<Supplier<String>> next, Checks.Recorder recorder) throws Exception;
    }

    /** Whatever takes a while. */
    @FunctionalInterface
    private interface Task {
        void run() throws Exception;
    }

    private PostgresLoad(Size size, Ends ends, Facts facts, Checks checks, PostgresTables tables) {
        this.size = size;
        this.ends = ends;
        this.facts = facts;
        this.checks = checks;
        this.tables = tables;
        this.asked = ids("asked");
        this.counted = ids("counted");
    }

    private List<String> ids(String kind) {
        return IntStream.range(0, size.trees())
                .mapToObj(tree -> Facts.id(kind, tree))
                .toList();
    }

    /**
     * Starts a broker, and an instance in a process of its own.
     *
     * @param server is not closed
     * @param lifetime what closes both
     */
    static PostgresLoad start(PostgresServer server, Path dataDir, Size size, Lifetime lifetime) throws Exception {
        PostgresTables tables = lifetime.open(() -> new PostgresTables(server, size.clients()));
        Ends ends = new Ends();
        Cluster cluster = lifetime.open(() -> Cluster.start(Map.of(), OptionalInt.of(0), INSTANCE, dataDir, ends));
        Facts facts = lifetime.open(() -> new Facts(cluster.bootstrapServers()));
        Checks checks = lifetime.open(() -> new Checks(
                cluster.url(INSTANCE),
                Math.min(size.clients(), Runtime.getRuntime().availableProcessors())));
        return new PostgresLoad(size, ends, facts, checks, tables);
    }

    /** Gives both the trees. */
    void prepare() throws Exception {
        for (String root : roots()) {
            facts.root(root);
            for (int chat = 0; chat < CHATS; chat++) {
                facts.chat(chat(root, chat), root, root);
            }
        }
        facts.awaitAll();
        for (String root : roots()) {
            // Messages of a chat that has no root yet would wait for it.
            awaitTree(root, sums -> sums.getInteger("chats") == 1 + CHATS);
        }
        List<Message> messages = new ArrayList<>();
        // One tree after the other in turn, as chats that go on at the same time lie in a log and in a table.
        for (int i = 0; i < size.messages(); i++) {
            asked.forEach(root -> messages.add(next(root)));
        }
        for (int i = 0; i < size.large(); i++) {
            messages.add(next(large.get(0)));
        }
        send(messages);
        tables.create();
        tables.load(messages, roots().stream().map(UUID::fromString).toList());
        for (String root : roots()) {
            awaitTree(root, sums -> sums.getLong("spent_micros").equals(spent.getOrDefault(root, 0L)));
        }
    }

    private List<String> roots() {
        return Stream.of(asked, large, counted).flatMap(List::stream).toList();
    }

    private static String chat(String root, int number) {
        return Facts.id(root, number % CHATS);
    }

    /** A tree's next message, which it has spent from now on. */
    private Message next(String root) {
        int number = sent++;
        long costMicros = 1 + (long) number * COST_STEP % COSTS;
        spent.merge(root, costMicros, Long::sum);
        return new Message(
                UUID.fromString(Facts.id("message", number)),
                UUID.fromString(chat(root, number)),
                UUID.fromString(root),
                costMicros);
    }

    private void send(List<Message> messages) {
        messages.forEach(message -> facts.message(
                message.id().toString(),
                message.chat().toString(),
                message.root().toString(),
                message.costMicros()));
        facts.awaitAll();
    }

    private void awaitTree(String root, Predicate<JsonObject> isFolded) throws InterruptedException, TimeoutException {
        Wait.until(
                "the tree " + root + " is folded",
                ends,
                () -> checks.tree(root).filter(isFolded).isPresent());
    }

    /** One run: the figures by their names. */
    Map<String, Double> run() throws Exception {
        Map<String, Double> figures = new LinkedHashMap<>();
        String small = "_" + size.messages();
        String big = "_" + size.large();
        ask(figures, "sum" + small, asked, (next, recorder) -> tables.sum(Sum.INDEXED, next, recorder));
        ask(figures, "sum_covered" + small, asked, (next, recorder) -> tables.sum(Sum.COVERED, next, recorder));
        ask(figures, "counter", asked, tables::read);
        ask(figures, "ledger", asked, checks::run);
        ask(figures, "sum" + big, large, (next, recorder) -> tables.sum(Sum.INDEXED, next, recorder));
        ask(figures, "sum_covered" + big, large, (next, recorder) -> tables.sum(Sum.COVERED, next, recorder));
        ask(figures, "ledger" + big, large, checks::run);
        for (String theirs : List.of("sum" + small, "sum_covered" + small, "counter")) {
            putRatio(figures, "ledger_to_" + theirs, "ledger", theirs, "_checks_per_s");
        }
        for (String theirs : List.of("sum" + big, "sum_covered" + big)) {
            putRatio(figures, "ledger_to_" + theirs, "ledger" + big, theirs, "_checks_per_s");
        }
        count(figures);
        return figures;
    }

    private void ask(Map<String, Double> figures, String name, List<String> roots, Asker asker) throws Exception {
        Histogram nanos = new ConcurrentHistogram(3);
        long startNanos = System.nanoTime();
        long endNanos = startNanos + size.each().toNanos();
        Supplier<String> next = () -> System.nanoTime() - endNanos < 0
                ? roots.get(ThreadLocalRandom.current().nextInt(roots.size()))
                : null;
        asker.ask(
                IntStream.range(0, size.clients()).mapToObj(client -> next).toList(),
                (root, took) -> nanos.recordValue(took));
        figures.put(
                name + "_checks_per_s", nanos.getTotalCount() * NANOS_PER_SECOND / (System.nanoTime() - startNanos));
        figures.put(name + "_p50_us", nanos.getValueAtPercentile(50) / NANOS_PER_MICRO);
        figures.put(name + "_p99_us", nanos.getValueAtPercentile(99) / NANOS_PER_MICRO);
    }

    private static void putRatio(Map<String, Double> figures, String ratio, String ours, String theirs, String figure) {
        figures.put(ratio, figures.get(ours + figure) / figures.get(theirs + figure));
    }

    private void count(Map<String, Double> figures) throws Exception {
        List<List<Message>> ofClients = new ArrayList<>();
        for (int client = 0; client < size.clients(); client++) {
            ofClients.add(messages(client));
        }
        for (Counter counter : Counter.values()) {
            putEvents(figures, name(counter), () -> tables.count(counter, ofClients));
        }
        List<Message> inTurn = IntStream.range(0, size.events())
                .mapToObj(i -> ofClients.get(i % size.clients()).get(i / size.clients()))
                .toList();
        putEvents(figures, "ledger", () -> {
            send(inTurn);
            for (String root : counted) {
                checks.awaitSpent(root, spent.getOrDefault(root, 0L), POLL);
            }
        });
        for (Counter counter : Counter.values()) {
            putRatio(figures, "ledger_events_to_" + name(counter), "ledger", name(counter), "_events_per_s");
        }
    }

    private static String name(Counter counter) {
        return counter.name().toLowerCase(Locale.ROOT);
    }

    /** A client's share of a run's messages. Its trees are no other client's: none waits for another one's rows. */
    private List<Message> messages(int client) {
        int clients = size.clients();
        int own = size.trees() / clients;
        return IntStream.range(0, size.events() / clients + (client < size.events() % clients ? 1 : 0))
                .mapToObj(i -> next(counted.get(client + clients * (i % own))))
                .toList();
    }

    private void putEvents(Map<String, Double> figures, String name, Task task) throws Exception {
        long startNanos = System.nanoTime();
        task.run();
        figures.put(name + "_events_per_s", size.events() * NANOS_PER_SECOND / (System.nanoTime() - startNanos));
    }

    /**
     * Compares what each tree has spent.
     *
     * @throws IllegalStateException if the ledger and a table do not agree
     */
    void requireSameSums() throws Exception {
        Map<String, Map<String, Long>> theirs = new LinkedHashMap<>();
        for (Counter counter : Counter.values()) {
            theirs.put(name(counter), tables.sums(counter));
        }
        requireSameSums(roots(), theirs);
        Map<String, Map<String, Long>> summed = new LinkedHashMap<>();
        for (Sum sum : Sum.values()) {
            summed.put(sum.name().toLowerCase(Locale.ROOT), tables.sums(sum));
        }
        requireSameSums(Stream.concat(asked.stream(), large.stream()).toList(), summed);
    }

    private void requireSameSums(List<String> roots, Map<String, Map<String, Long>> theirs)
            throws InterruptedException {
        for (String root : roots) {
            Optional<Long> ours = checks.tree(root).map(sums -> sums.getLong("spent_micros"));
            theirs.forEach((table, sums) -> {
                if (!ours.equals(Optional.ofNullable(sums.get(root)))) {
                    throw new IllegalStateException("The tree " + root + " has spent " + ours
                            + " micros by the ledger, " + sums.get(root) + " by PostgreSQL, " + table);
                }
            });
        }
    }
}
