package dev.spendledger.demo.failover;

import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.demo.Cluster;
import dev.spendledger.schemas.Partitions;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Breaks a ledger of three instances while messages are written and checks are asked, and judges what they were answered. A
 * scenario goes on with the trees and the instances of the one before.
 */
final class FailoverDrill implements AutoCloseable {
    /** How many instances the cluster must have. */
    static final int INSTANCES = 3;

    /** The instance that must reach the broker through the cluster's proxy. */
    static final int PROXIED = 3;

    private static final int PARTITIONS = 4;
    private static final long SEED = 1;
    /** Never reached. */
    private static final long LIMIT_OF_WITHIN_MICROS = 1_000_000_000_000L;

    private static final long LIMIT_OF_EXHAUSTED_MICROS = 10_000;
    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(90);
    private static final Duration COUNTED_WITHIN = Duration.ofSeconds(60);
    private static final Duration REJECTED_WITHIN = Duration.ofSeconds(10);
    /** What is exhausted counts as known a second later. */
    private static final Duration KNOWN_AFTER = Duration.ofSeconds(1);

    private static final Duration IN_TIME = Duration.ofMillis(250);
    private static final double PERCENT_IN_TIME = 99.9;
    private static final double PERCENT_DEGRADED_MOST = 0.1;

    /** Of checks that should not have been allowed, how many are named. */
    private static final int EXAMPLES_MOST = 5;

    private final Cluster cluster;
    private final AtomicInteger ended;
    private final Size size;
    private final PrintWriter out;
    private final Instances instances;
    private final List<Tree> loaded;
    private final List<Tree> reserved;
    private final List<Tree> all;
    /** One of each partition, within its limit: whose owner it has is the partition's. */
    private final List<Tree> probes;

    private final MessageLoad messages;

    /** The blows of a scenario, and the figures that only it has. */
    @FunctionalInterface
    private interface Blows {
        Judge strike() throws Exception;
    }

    /** What a scenario makes of all that was answered. */
    @FunctionalInterface
    private interface Judge {
        List<Figure> figures(CheckLoad.Outcome outcome);
    }

    /**
     * @param cluster that has just been started, with nothing in it, {@value #INSTANCES} instances and the settings of the size
     * @param ended how many of its instances have ended by themselves
     * @param out is told how it goes
     */
    FailoverDrill(Cluster cluster, AtomicInteger ended, Size size, PrintWriter out) {
        this.cluster = cluster;
        this.ended = ended;
        this.size = size;
        this.out = out;
        this.instances = new Instances(cluster.urls());
        this.loaded = IntStream.range(0, size.trees())
                .mapToObj(number -> tree(number, number < size.exhausted() ? Tree.State.EXHAUSTED : Tree.State.WITHIN))
                .toList();
        this.reserved = IntStream.range(size.trees(), size.trees() + size.reserved())
                .mapToObj(number -> tree(number, Tree.State.RESERVED))
                .toList();
        this.all = Stream.concat(loaded.stream(), reserved.stream()).toList();
        this.probes = IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> loaded.stream()
                        .filter(tree -> tree.state() == Tree.State.WITHIN && tree.partition() == partition)
                        .findFirst()
                        .orElseThrow())
                .toList();
        this.messages = new MessageLoad(cluster.bootstrapServers(), loaded, size.messagesPerSecond(), SEED);
    }

    /** A root with one child, or two. */
    private static Tree tree(int number, Tree.State state) {
        String root = "tree-" + number;
        List<String> chats = Stream.concat(
                        Stream.of(root),
                        IntStream.rangeClosed(1, 1 + number % 2).mapToObj(child -> root + "." + child))
                .toList();
        long limitMicros = state == Tree.State.WITHIN ? LIMIT_OF_WITHIN_MICROS : LIMIT_OF_EXHAUSTED_MICROS;
        return new Tree(chats, limitMicros, state, Partitions.of(root, PARTITIONS), new Acknowledged());
    }

    /**
     * Creates the trees and exhausts those that are to be.
     *
     * @throws StartException if the ledger does not count them in time
     */
    void prepare() throws InterruptedException, StartException {
        messages.create(all);
        requireCounted();
        messages.exhaust(loaded.stream()
                .filter(tree -> tree.state() == Tree.State.EXHAUSTED)
                .toList());
        requireCounted();
        Thread.sleep(KNOWN_AFTER.toMillis());
    }

    private void requireCounted() throws InterruptedException, StartException {
        int missing = instances.notCounted(all, COUNTED_WITHIN);
        if (missing > 0) {
            throw new StartException(
                    "Before anything was broken the ledger has not counted " + missing + " of " + all.size()
                            + " trees within " + COUNTED_WITHIN.toSeconds() + " s. Is the machine too busy?",
                    null);
        }
    }

    /** Goes through a scenario. */
    Result run(Scenario scenario) throws InterruptedException {
        out.println(scenario.code() + ": " + size.messagesPerSecond() + " messages and " + size.checksPerSecond()
                + " checks a second");
        try (CheckLoad checks =
                new CheckLoad(cluster.urls(), loaded, size.checksPerSecond(), size.someRootless(), SEED)) {
            return run(scenario, checks);
        } finally {
            mend();
        }
    }

    private Result run(Scenario scenario, CheckLoad checks) throws InterruptedException {
        List<Figure> figures = new ArrayList<>();
        Optional<String> failure = Optional.empty();
        Judge judge = outcome -> List.of();
        ended.set(0);
        long acknowledgedBefore = messages.acknowledged();
        messages.start();
        checks.start();
        try {
            requireSettled();
            Thread.sleep(size.warmUp().toMillis());
            checks.forget();
            judge = blows(scenario).strike();
            rest();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) { // The figures so far say more of why.
            failure = Optional.of(e.toString());
        }
        CheckLoad.Outcome outcome = checks.stop();
        try {
            messages.stop();
        } catch (IllegalStateException e) { // Then nobody knows what the totals should be.
            failure = Optional.of(e + ": " + e.getCause());
        }
        outcome.answers().examplesAllowedOfExhausted(EXAMPLES_MOST).forEach(this::sayAllowed);
        figures.add(Figure.shown("messages acknowledged", messages.acknowledged() - acknowledgedBefore, ""));
        figures.addAll(common(outcome, size.timed() && scenario == Scenario.KILL));
        figures.addAll(judge.figures(outcome));
        figures.add(Figure.none("instances that ended by themselves", ended.get()));
        figures.add(Figure.none(
                "totals that differ at an instance in the end", instances.totalsThatDiffer(all, COUNTED_WITHIN)));
        return new Result(scenario, figures, failure);
    }

    /** With this the log of the instance says more. */
    private void sayAllowed(Answer answer) {
        out.println("  allowed: exhausted " + answer.tree().rootId() + " of partition "
                + answer.tree().partition() + ", at " + Instant.ofEpochMilli(answer.askedMs()) + " by instance "
                + answer.instance() + ", served by " + answer.servedBy()
                + (answer.isDegraded() ? ", degraded: " + answer.degradedReason() : ""));
    }

    private Blows blows(Scenario scenario) {
        return switch (scenario) {
            case KILL -> this::kill;
            case ROLLING -> this::rolling;
            case BROKER -> this::broker;
            case CUTOFF -> this::cutoff;
        };
    }

    private Judge kill() throws Exception {
        for (int kill = 1; kill <= size.kills(); kill++) {
            int victim = owner(kill);
            out.println("  kill " + kill + " of " + size.kills() + ": instance " + victim);
            cluster.kill(victim);
            cluster.start(victim);
            requireSettled();
            rest();
        }
        return outcome -> List.of(); // What every scenario shows is judged here.
    }

    /** An instance that owns something: each in turn, without those that own nothing. */
    private int owner(int turn) throws InterruptedException {
        for (int tried = 0; tried < INSTANCES; tried++) {
            int instance = (turn + tried - 1) % INSTANCES + 1;
            for (Tree probe : probes) {
                if (instances.owns(instance, probe)) {
                    return instance;
                }
            }
        }
        throw new IllegalStateException("No instance owns any partition");
    }

    private Judge rolling() throws Exception {
        for (int instance = 1; instance <= INSTANCES; instance++) {
            out.println("  restart of instance " + instance);
            cluster.stop(instance);
            cluster.start(instance);
            requireSettled();
            rest();
        }
        String degraded = "degraded answers";
        String slowest = "slowest degraded answer";
        return outcome -> {
            Answers answers = outcome.answers();
            return List.of(
                    size.timed()
                            ? Figure.atMost(degraded, answers.percent(Answer::isDegraded), "%", PERCENT_DEGRADED_MOST)
                            : Figure.shown(degraded, answers.percent(Answer::isDegraded), "%"),
                    size.timed()
                            ? Figure.atMost(slowest, answers.longestMs(Answer::isDegraded), "ms", IN_TIME.toMillis())
                            : Figure.shown(slowest, answers.longestMs(Answer::isDegraded), "ms"),
                    Figure.none(
                            "degraded answers of exhausted trees that did not reject",
                            answers.count(answer -> answer.isDegraded()
                                    && answer.tree().state() == Tree.State.EXHAUSTED
                                    && !answer.isRejected())));
        };
    }

    private Judge broker() throws Exception {
        out.println("  the broker is away for " + size.outage().toSeconds() + " s");
        cluster.stopBroker();
        long lostMs = System.currentTimeMillis();
        Thread.sleep(size.outage().toMillis());
        long backMs = System.currentTimeMillis();
        cluster.startBroker();
        requireSettled();
        return outcome -> {
            Answers answers = outcome.answers();
            Answers once = answers.between(lostMs + size.staleWithin().toMillis(), backMs);
            return List.of(
                    Figure.none("looks at /readyz without 200", outcome.looksNotReady()),
                    Figure.none(
                            "checks of other trees without 200",
                            answers.count(answer -> answer.tree().state() == Tree.State.WITHIN && !answer.isAllowed())),
                    Figure.atLeast(
                            "checks while every reading was stale",
                            once.answers().size(),
                            "",
                            1),
                    Figure.none(
                            "of these, answers of other trees not marked",
                            once.count(answer -> answer.tree().state() == Tree.State.WITHIN
                                    && answer.isAnswered()
                                    && !answer.isDegraded())));
        };
    }

    private Judge cutoff() throws Exception {
        out.println("  instance " + PROXIED + " is cut off from the broker");
        long cutMs = System.currentTimeMillis();
        cluster.cutOff();
        Thread.sleep(size.staleWithin().toMillis());
        long exhaustedMs = System.currentTimeMillis();
        messages.exhaust(reserved);
        boolean rejected = Instances.await(REJECTED_WITHIN, this::othersRejectReserved);
        long rejectedMs = System.currentTimeMillis();
        rest();
        boolean stillRejected = othersRejectReserved();
        long mendedMs = System.currentTimeMillis();
        cluster.reconnect();
        requireSettled();
        return outcome -> {
            Answers ofCut = outcome.answers().between(cutMs + size.staleWithin().toMillis(), mendedMs);
            return List.of(
                    Figure.shown(
                            "answers of the instance cut off, once stale",
                            ofCut.count(answer -> answer.instance() == PROXIED && answer.isAnswered()),
                            ""),
                    Figure.none(
                            "of these, its own word as if it were fresh",
                            ofCut.count(answer -> answer.instance() == PROXIED
                                    && answer.isFresh()
                                    && answer.servedBy().equals("owner"))),
                    Figure.none(
                            "trees exhausted meanwhile that others did not reject",
                            rejected && stillRejected ? 0 : reserved.size()),
                    Figure.atMost(
                            "from their exhaustion until others rejected them",
                            rejectedMs - exhaustedMs,
                            "ms",
                            REJECTED_WITHIN.toMillis()));
        };
    }

    private boolean othersRejectReserved() throws InterruptedException {
        for (Tree tree : reserved) {
            for (int instance = 1; instance <= INSTANCES; instance++) {
                if (instance != PROXIED && !instances.check(instance, tree).isRejected()) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * What every scenario shows.
     *
     * @param strictly whether latencies are judged too, beside what must hold in every scenario
     */
    private static List<Figure> common(CheckLoad.Outcome outcome, boolean strictly) {
        Answers answers = outcome.answers();
        Answers.Shortfall shortfall = answers.shortfall();
        String inTime = "checks answered within " + IN_TIME.toMillis() + " ms";
        List<Figure> figures = new ArrayList<>(List.of(
                Figure.atLeast("checks", answers.answers().size(), "", 1),
                Figure.none("checks of exhausted trees that were allowed", answers.allowedOfExhausted()),
                Figure.none("checks of other trees that were rejected", answers.rejectedOfWithin()),
                Figure.none("answers with 5xx", answers.serverErrors()),
                Figure.none("answers with another status than 200 or 409", answers.otherStatuses()),
                Figure.shown("checks without an answer", answers.unanswered(), ""),
                strictly
                        ? Figure.atLeast(inTime, answers.percentWithin(IN_TIME), "%", PERCENT_IN_TIME)
                        : Figure.shown(inTime, answers.percentWithin(IN_TIME), "%"),
                Figure.shown("latency p50", answers.latencyMs(0.5), "ms"),
                Figure.shown("latency p99", answers.latencyMs(0.99), "ms"),
                Figure.shown("latency p99.9", answers.latencyMs(0.999), "ms"),
                Figure.shown("longest time without a strict owner", answers.longestGapMs(), "ms"),
                Figure.none("totals shown below what was acknowledged", shortfall.count()),
                Figure.shown("of these, the most that one lacked", shortfall.mostMicros(), "micros"),
                Figure.shown("of these, the longest before as_of", shortfall.mostMs(), "ms")));
        answers.degradedByReason()
                .forEach((reason, count) -> figures.add(Figure.shown("degraded: " + reason, count, "")));
        return figures;
    }

    private void rest() throws InterruptedException {
        Thread.sleep(size.rest().toMillis());
    }

    /** Waits until every instance is ready and every partition has an owner that is in touch with the broker. */
    private void requireSettled() throws InterruptedException {
        boolean settled =
                Instances.await(SETTLED_WITHIN, () -> instances.allAreReady() && instances.allAreOwned(probes));
        if (!settled) {
            throw new IllegalStateException("Not every instance was ready, or not every partition had an owner, within "
                    + SETTLED_WITHIN.toSeconds() + " s");
        }
    }

    /** Puts back what a scenario that failed has left broken. */
    private void mend() {
        try {
            cluster.reconnect();
            for (int instance = 1; instance <= INSTANCES; instance++) {
                if (cluster.process(instance).isEmpty()) {
                    cluster.start(instance);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("An instance cannot be started again", e);
        }
    }

    @Override
    public void close() {
        messages.close();
    }
}
