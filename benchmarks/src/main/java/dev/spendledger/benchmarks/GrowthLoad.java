package dev.spendledger.benchmarks;

import dev.spendledger.schemas.Partitions;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * Trees that differ in one thing alone, how many messages, how many chats or how deep, and what each of them costs; always in
 * turn, so that whatever else the machine does falls on all of them.
 */
final class GrowthLoad implements AutoCloseable {
    /** How many messages the smallest tree has. */
    static final int FEW = 10;

    /** What an embedded ledger has. */
    private static final int PARTITIONS = 4;
    /** So many that with the messages of a run spread over them none becomes a large one. */
    private static final int SMALL_TREES = 100;

    /** While many messages are folded. */
    private static final Duration POLL = Duration.ofMillis(5);

    private static final long COST_MICROS = 12_345;
    private static final double NANOS_PER_MICRO = 1_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private final Facts facts;
    private final Checks checks;
    private final int siblings;
    private final List<Tree> byMessages = new ArrayList<>();
    private final List<Tree> byChats = new ArrayList<>();
    private final List<Tree> byDepth = new ArrayList<>();
    private int siblingsAsked;
    private int smallTrees;
    private int sent;

    /** A tree that is written, and what it has so far. */
    private static final class Tree {
        private final String kind;
        private final int size;
        /** Where it is asked at. */
        private final String chat;

        private int chats;
        private int messages;

        /** @param depth of the chat that it is asked at */
        Tree(String kind, int size, int depth) {
            this.kind = kind;
            this.size = size;
            this.chat = chatAt(depth);
        }

        /** As the figures have it. */
        String name() {
            return kind + "_" + size;
        }

        String root() {
            return chatAt(0);
        }

        String chatAt(int depth) {
            return Facts.id(name(), depth);
        }

        /** A chat as deep as the one that it is asked at, or right below it if that is the root. */
        String sibling(int number) {
            return Facts.id(name() + "-sibling-", number);
        }

        long spentMicros() {
            return messages * COST_MICROS;
        }
    }

    /** Which chat of a tree is asked for in which round. */
    @FunctionalInterface
    private interface Choice {
        String chat(Tree tree, int round);
    }

    /**
     * @param siblings how many chats each tree of messages and each chain has for being asked at once only
     */
    GrowthLoad(URI url, String bootstrapServers, int siblings) {
        this.facts = new Facts(bootstrapServers);
        this.checks = new Checks(url, 1);
        this.siblings = siblings;
    }

    /**
     * Writes the trees, and waits until all of them are folded.
     *
     * @param messages how many each tree has that differs in them, the fewest first
     * @param chats how many each tree has that differs in them, all of them below its root, which is counted too
     * @param depths of the chat that each chain is asked at; its root is at 0
     */
    void prepare(List<Integer> messages, List<Integer> chats, List<Integer> depths)
            throws InterruptedException, TimeoutException {
        messages.forEach(size -> byMessages.add(wide("messages", size, 1)));
        byMessages.forEach(tree -> addSiblings(tree, tree.root()));
        chats.forEach(size -> byChats.add(wide("chats", size, size)));
        depths.forEach(depth -> byDepth.add(chain(depth)));
        List<Tree> all =
                Stream.of(byMessages, byChats, byDepth).flatMap(List::stream).toList();
        // Messages of a chat that has no root yet would wait for it.
        awaitFolded(all);
        byMessages.forEach(tree -> spend(tree, tree.size));
        byChats.forEach(tree -> spend(tree, FEW));
        byDepth.forEach(tree -> spend(tree, FEW));
        awaitFolded(all);
    }

    private Tree wide(String kind, int size, int chats) {
        Tree tree = new Tree(kind, size, 0);
        facts.root(tree.root());
        for (int chat = 1; chat < chats; chat++) {
            facts.chat(Facts.id(tree.name() + "-chat-", chat), tree.root(), tree.root());
        }
        tree.chats = chats;
        return tree;
    }

    private Tree chain(int depth) {
        Tree tree = new Tree("depth", depth, depth);
        facts.root(tree.root());
        for (int level = 1; level <= depth; level++) {
            facts.chat(tree.chatAt(level), tree.chatAt(level - 1), tree.root());
        }
        tree.chats = depth + 1;
        addSiblings(tree, tree.chatAt(depth - 1));
        return tree;
    }

    private void addSiblings(Tree tree, String parent) {
        for (int number = 0; number < siblings; number++) {
            facts.chat(tree.sibling(number), parent, tree.root());
        }
        tree.chats += siblings;
    }

    /** Prices messages of the chat that a tree is asked at. */
    private void spend(Tree tree, int messages) {
        for (int i = 0; i < messages; i++) {
            facts.message(Facts.id("message", sent++), tree.chat, tree.root(), COST_MICROS);
        }
        tree.messages += messages;
    }

    private void awaitFolded(List<Tree> trees) throws InterruptedException, TimeoutException {
        facts.awaitAll();
        for (Tree tree : trees) {
            Wait.until(tree.name() + " is folded", new Ends(), () -> isFolded(tree));
        }
    }

    /** Asked of the spend: a check would be the first one of its chat. */
    private boolean isFolded(Tree tree) throws InterruptedException {
        Optional<JsonObject> sums = checks.tree(tree.root());
        return sums.isPresent()
                && sums.get().getInteger("chats") == tree.chats
                && sums.get().getInteger("priced_messages") == tree.messages;
    }

    /**
     * One run.
     *
     * @param times how many checks of each tree
     * @param first how many checks of each tree of messages and each chain at chats that were never asked at
     * @param seen how many messages are watched in small trees and in the one with the most messages
     * @param folded how many further messages small trees and the one with the most messages are given at once
     * @return the figures by their names
     */
    Map<String, Double> run(int times, int first, int seen, int folded) throws InterruptedException, TimeoutException {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (List<Tree> trees : List.of(byMessages, byChats, byDepth)) {
            put(figures, trees, "check_us", "to", medianMicros(trees, times, (tree, round) -> tree.chat));
        }
        int from = siblingsAsked;
        siblingsAsked += first;
        for (List<Tree> trees : List.of(byMessages, byDepth)) {
            put(
                    figures,
                    trees,
                    "first_check_us",
                    "first_to",
                    medianMicros(trees, first, (tree, round) -> tree.sibling(from + round)));
        }
        Tree large = byMessages.get(byMessages.size() - 1);
        List<Tree> ends = List.of(byMessages.get(0), large);
        List<Tree> small = addSmallTrees(Partitions.of(large.root(), PARTITIONS));
        put(figures, ends, "seen_us", "seen_to", seenMicros(small, large, seen));
        put(figures, ends, "folded_per_s", "folded_to", foldedPerSecond(small, large, folded));
        return figures;
    }

    /** Puts a figure of each tree, and how each compares with the first. */
    private static void put(
            Map<String, Double> figures, List<Tree> trees, String figure, String ratio, List<Double> values) {
        for (int i = 0; i < trees.size(); i++) {
            figures.put(trees.get(i).name() + "_" + figure, values.get(i));
        }
        for (int i = 1; i < trees.size(); i++) {
            figures.put(trees.get(i).name() + "_" + ratio + "_" + trees.get(0).size, values.get(i) / values.get(0));
        }
    }

    private List<Double> medianMicros(List<Tree> trees, int rounds, Choice choice) throws InterruptedException {
        List<Histogram> nanos = trees.stream().map(tree -> new Histogram(3)).toList();
        AtomicInteger turn = new AtomicInteger();
        checks.run(
                List.of(() -> turn.get() == rounds * trees.size()
                        ? null
                        : choice.chat(trees.get(turn.get() % trees.size()), turn.get() / trees.size())),
                (chat, took) -> nanos.get(turn.getAndIncrement() % trees.size()).recordValue(took));
        return nanos.stream().map(GrowthLoad::medianMicros).toList();
    }

    private static double medianMicros(Histogram nanos) {
        return nanos.getValueAtPercentile(50) / NANOS_PER_MICRO;
    }

    /** In the partition of the large one, and so folded by the same thread. New in each run, for they grow. */
    private List<Tree> addSmallTrees(int partition) throws InterruptedException, TimeoutException {
        List<Tree> small = new ArrayList<>();
        while (small.size() < SMALL_TREES) {
            Tree tree = new Tree("small", smallTrees++, 0);
            if (Partitions.of(tree.root(), PARTITIONS) == partition) {
                facts.root(tree.root());
                tree.chats = 1;
                small.add(tree);
            }
        }
        awaitFolded(small);
        small.forEach(tree -> spend(tree, FEW));
        awaitFolded(small);
        return small;
    }

    private List<Double> seenMicros(List<Tree> small, Tree large, int messages)
            throws InterruptedException, TimeoutException {
        Histogram few = new Histogram(3);
        Histogram many = new Histogram(3);
        for (int i = 0; i < messages; i++) {
            few.recordValue(seenNanos(small.get(i % small.size())));
            many.recordValue(seenNanos(large));
        }
        return List.of(medianMicros(few), medianMicros(many));
    }

    /** From the acknowledgement of a message to the first check that shows it. */
    private long seenNanos(Tree tree) throws InterruptedException, TimeoutException {
        spend(tree, 1);
        facts.awaitAll();
        long acknowledgedNanos = System.nanoTime();
        checks.awaitSpent(tree.chat, tree.spentMicros(), Duration.ZERO);
        return System.nanoTime() - acknowledgedNanos;
    }

    private List<Double> foldedPerSecond(List<Tree> small, Tree large, int messages)
            throws InterruptedException, TimeoutException {
        return List.of(foldedPerSecond(small, messages), foldedPerSecond(List.of(large), messages));
    }

    /** From the first one sent until all are seen. */
    private double foldedPerSecond(List<Tree> trees, int messages) throws InterruptedException, TimeoutException {
        long startNanos = System.nanoTime();
        for (int i = 0; i < messages; i++) {
            spend(trees.get(i % trees.size()), 1);
        }
        facts.awaitAll();
        for (Tree tree : trees) {
            checks.awaitSpent(tree.chat, tree.spentMicros(), POLL);
        }
        return messages * NANOS_PER_SECOND / (System.nanoTime() - startNanos);
    }

    @Override
    public void close() throws InterruptedException {
        try (facts) {
            checks.close();
        }
    }
}
