package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.demo.DrillLoad.Place;
import dev.spendledger.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker and an instance, each in a process of its own, are killed while facts are written. Afterwards everything is as if
 * nothing had happened: each fact counted once, each bad record a dead letter once.
 *
 * <p>A drill goes on with the processes and data that the one before it left behind, all found right; after one that failed
 * the next begins anew. {@code -Dledger.drill.rounds} is how often each drill is gone through; with more than one the
 * ledger's time-outs are those it is shipped with. {@code -Dledger.drill.seed} makes the facts and moments the same as in a
 * run before, as far as processes can be made to.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("P10")
@Tag("P20")
class CrashDrillIT {
    private static final int ROUNDS = Integer.getInteger("ledger.drill.rounds", 1);
    private static final long SEED = Long.getLong("ledger.drill.seed", new Random().nextInt());

    private static final Duration SETTLED_WITHIN = Duration.ofMinutes(3);
    /** What passes from one blow to the next, at most: one and a half seconds of the load. */
    private static final int FACTS = 1_500;
    /** More than are on their way to another partition at the pace of the load. */
    private static final int MANY_ROUTED = 150;

    private static final double SOME = 0.4;
    private static final double MOST = 0.9;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path dir;

    private final Random random = new Random(SEED);

    private int beginnings;
    private DrillStack stack;
    private DrillFacts facts;
    private DrillLoad load;

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    @AfterAll
    void end() throws InterruptedException {
        if (load != null) {
            load.close();
        }
        if (stack != null) {
            stack.close();
        }
        load = null;
        stack = null;
    }

    @Test
    void shouldCountEveryFactOnceWhenTheLedgerIsKilledFiveTimesInARow() throws Exception {
        drill(SOME, () -> {
            for (int kill = 0; kill < 5; kill++) {
                awaitAnyMoment();
                stack.killLedger();
                stack.startLedger();
            }
        });
    }

    /** When the ledger starts or restores, while it catches up, when it is fresh, or soon after. */
    private void awaitAnyMoment() throws Exception {
        switch (random.nextInt(3)) {
            case 0 -> load.awaitSomeOf(FACTS);
            case 1 -> awaitCatchingUp();
            default -> {
                stack.awaitFresh();
                load.awaitSomeOf(FACTS);
            }
        }
    }

    /** Amid the facts that were written while there was no ledger: transactions are large then. */
    private void awaitCatchingUp() throws Exception {
        try (DrillLog log = new DrillLog(stack.bootstrapServers())) {
            long target = log.read() + 1 + random.nextInt(FACTS);
            await().atMost(SETTLED_WITHIN).pollInterval(Duration.ofMillis(2)).until(() -> log.read() >= target);
        }
    }

    @Test
    void shouldCountEveryFactOnceWhenTheBrokerIsKilled() throws Exception {
        drill(SOME, () -> {
            load.awaitSomeOf(FACTS);
            stack.killBroker();
            stack.startBroker();
            load.awaitSomeOf(FACTS);
        });
    }

    @Test
    void shouldCountEveryFactOnceWhenBrokerAndLedgerAreKilled() throws Exception {
        drill(SOME, () -> {
            load.awaitSomeOf(FACTS);
            stack.killBroker();
            stack.killLedger();
            stack.startBroker();
            stack.startLedger();
            stack.awaitFresh();

            load.awaitSomeOf(FACTS);
            stack.killLedger();
            load.awaitSomeOf(FACTS);
            stack.killBroker();
            stack.startBroker();
            stack.startLedger();
        });
    }

    @Test
    void shouldCountEveryFactOnceWhenTheLedgerIsAwayWhileEventsAreRouted() throws Exception {
        drill(MOST, () -> {
            stack.killLedger();
            endWhileManyEventsAreRouted(stack::stopLedger);
            endWhileManyEventsAreRouted(stack::killLedger);
            stack.startLedger();
        });
    }

    /** Begins and ends without a ledger: the backlog is what makes many events be on their way at once. */
    private void endWhileManyEventsAreRouted(Step end) throws Exception {
        load.awaitMore(FACTS);
        stack.startLedger();
        try (DrillLog log = new DrillLog(stack.bootstrapServers())) {
            await().atMost(SETTLED_WITHIN)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> log.routedUnderWay() >= MANY_ROUTED);
            end.run();
            assertThat(log.routedUnderWay())
                    .as("routed and not read when the ledger ended")
                    .isPositive();
        }
    }

    @Test
    void shouldCountEveryFactOnceWhenTheLedgerIsKilledAndItsStateIsLost() throws Exception {
        drill(SOME, () -> {
            load.awaitSomeOf(FACTS);
            stack.killLedger();
            stack.loseState();
            stack.startLedger();
            load.awaitSomeOf(FACTS);
        });
    }

    /** Goes through a drill under load, and looks at everything after each round. */
    private void drill(double keyedByChat, Step round) throws Exception {
        try {
            begin();
            facts.keyByChat(keyedByChat);
            for (int number = 1; number <= ROUNDS; number++) {
                load.start();
                round.run();
                load.pause();
                stack.awaitFresh();
                assertAllIsAsIfNothingHadHappened();
            }
            load.createTheRest();
            assertAllIsAsIfNothingHadHappened();
            stack.verifyLedger();
        } catch (Exception | AssertionError e) {
            String tails = stack.tails();
            end();
            throw new AssertionError(
                    "The drill failed with -Dledger.drill.seed=" + SEED + ", all logs are in " + dir + ": "
                            + e.getMessage() + System.lineSeparator() + tails,
                    e);
        }
    }

    private void begin() throws Exception {
        if (stack != null) {
            return;
        }
        beginnings++;
        stack = new DrillStack(dir.resolve("stack-" + beginnings), ROUNDS == 1);
        stack.startBroker();
        stack.startLedger();
        stack.awaitTopics();
        facts = new DrillFacts(SEED, DrillStack.PARTITIONS);
        load = new DrillLoad(stack.bootstrapServers(), facts, SEED);
    }

    private void assertAllIsAsIfNothingHadHappened() throws Exception {
        LedgerView ledger = stack.ledger();
        try (DrillLog log = new DrillLog(stack.bootstrapServers())) {
            List<ConsumerRecord<byte[], byte[]>> records =
                    log.readAll(Topic.CHATS, Topic.PRICED_MESSAGES, Topic.CHAT_LIMITS);
            assertHoldAllAcknowledged(records);
            DrillOracle oracle = new DrillOracle(records);
            await().pollInSameThread() // Time being up must not interrupt a look that is half done.
                    .atMost(SETTLED_WITHIN)
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(
                            () -> assertThat(ledger.differences(oracle, log)).isEmpty());
            System.out.printf(
                    "drill: all right with %,d facts, %,d trees, parked messages at %,d chats, %,d dead letters%n",
                    records.size(),
                    oracle.trees().size(),
                    oracle.parked().size(),
                    oracle.deadLetters().size());
        }
    }

    private void assertHoldAllAcknowledged(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<Place, ConsumerRecord<byte[], byte[]>> byPlace =
                records.stream().collect(Collectors.toMap(DrillOracle::place, record -> record));
        load.acknowledged().forEach((place, sent) -> {
            ConsumerRecord<byte[], byte[]> found = byPlace.get(place);
            assertThat(found).as("acknowledged at %s", place).isNotNull();
            assertThat(found.value()).as("the value at %s", place).isEqualTo(sent.value());
        });
    }
}
