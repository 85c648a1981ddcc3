package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.spendledger.schemas.Partitions;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.RejectReason;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways between partitions, which a TopologyTestDriver with its one partition never goes. */
class PartitionedLedgerTest {
    private static final int FOUR = 4;

    private final PartitionedLedger ledger = new PartitionedLedger(FOUR, new Random(1));

    // ---- any facts, in any interleaving; how often is said in junit-platform.properties ----

    @Property
    @net.jqwik.api.Tag("P03")
    @net.jqwik.api.Tag("P04")
    @net.jqwik.api.Tag("P05")
    @net.jqwik.api.Tag("P10")
    @net.jqwik.api.Tag("P14")
    @net.jqwik.api.Tag("P17")
    void shouldComeToWhatTheFactsSayInEveryInterleavingWithRestarts(
            @ForAll("stories") Story story, @ForAll Random random) {
        PartitionedLedger any = new PartitionedLedger(story.partitions(), random);
        for (Story.Told told : story.log()) {
            any.append(told);
            handleSome(any, random);
            any.state().assertBooksBalance();
            if (random.nextInt(10) == 0) {
                any.restartAny();
            }
        }
        any.run();

        any.assertBooksBalance();
        Outcome outcome = Outcome.of(any.state(), any.deadLetters());
        assertThat(outcome.trees()).isEqualTo(story.trees());
        assertThat(outcome.accountDays()).isEqualTo(story.accountDays());
        assertThat(outcome.deadLetters()).hasSize((int) story.deadLetters());
    }

    @Property
    @net.jqwik.api.Tag("P05")
    void shouldComeToTheSameStateForTheSameFactsInAnotherOrder(@ForAll("stories") Story story, @ForAll Random random) {
        assertThat(tell(story.shuffled(random), random)).isEqualTo(tell(story, random));
    }

    /** A second ledger begins to read the log when half of it is there; both go on until they have read all. */
    @Property
    @net.jqwik.api.Tag("P06")
    @net.jqwik.api.Tag("P12")
    void shouldComeToTheSameRowsWhenItIsRebuiltBesideTheLiveOne(@ForAll("stories") Story story, @ForAll Random random) {
        PartitionedLedger live = new PartitionedLedger(story.partitions(), random);
        PartitionedLedger rebuilt = new PartitionedLedger(story.partitions(), random);
        int half = story.log().size() / 2;
        story.log().subList(0, half).forEach(told -> {
            live.append(told);
            rebuilt.append(told);
            handleSome(live, random);
        });
        story.log().subList(half, story.log().size()).forEach(told -> {
            live.append(told);
            rebuilt.append(told);
            handleSome(live, random);
            handleSome(rebuilt, random);
        });
        rebuilt.run();
        live.run();

        assertThat(rebuilt.rows()).isEqualTo(live.rows());
        rebuilt.assertBooksBalance();
    }

    @Property
    @net.jqwik.api.Tag("P01")
    @net.jqwik.api.Tag("P10")
    void shouldChangeNothingWhenAllIsReadAgainOverTheSameState(@ForAll("stories") Story story, @ForAll Random random) {
        PartitionedLedger any = new PartitionedLedger(story.partitions(), random);
        story.log().forEach(any::append);
        any.run();

        any.setBackAllOffsets();
        any.run();

        any.assertStoresAreAsTheLogSays();
    }

    /** By a producer that takes any partition: messages count all the same, the rest is in the dead letters. */
    @Property
    @net.jqwik.api.Tag("P01")
    @net.jqwik.api.Tag("P14")
    void shouldCountMessagesFromAnyPartitionAndRejectTheRest(
            @ForAll("strayStories") Story story, @ForAll Random random) {
        assertThat(tell(story, random).trees()).isEqualTo(story.trees());
    }

    /** A story that never has a circle tells nothing of circles. */
    @Property(tries = 500, seed = "1")
    void shouldTellOfAllThatIsStrangeOftenEnough(@ForAll("stories") Story story) {
        Cases.of(story)
                .forEach((interesting, occurs) -> Statistics.label(interesting).collect(occurs));

        Cases.LEAST_PERCENT.forEach((interesting, percent) -> Statistics.label(interesting)
                .coverage(coverage -> coverage.check(true).percentage(share -> share >= percent)));
    }

    @Provide
    Arbitrary<Story> stories() {
        return Story.any(40, 5, 0.02);
    }

    @Provide
    Arbitrary<Story> strayStories() {
        return Story.any(30, FOUR, 0.3);
    }

    /** As often ahead of the producers as behind them. */
    private static void handleSome(PartitionedLedger ledger, Random random) {
        for (int handled = random.nextInt(4); handled > 0; handled--) {
            ledger.step();
        }
    }

    private static Outcome tell(Story story, Random random) {
        PartitionedLedger any = new PartitionedLedger(story.partitions(), random);
        story.log().forEach(any::append);
        any.run();
        any.assertBooksBalance();
        return Outcome.of(any.state(), any.deadLetters());
    }

    // ---- the ways ----

    @Test
    void shouldTakeNoHopForAMessageOfARootChat() {
        // Given
        ledger.accept(Fact.chat("c-1").fact());

        // When
        ledger.accept(Fact.message("m-1", "c-1").cost(5).fact());

        // Then
        assertThat(ledger.routedTimes()).isEmpty();
        assertThat(ledger.state().trees().get("c-1").totals().spentMicros()).isEqualTo(5);
    }

    @Test
    void shouldTakeNoHopForAMessageOfAMemberThatIsKeyedByItsRoot() {
        // Given
        String child = elsewhereThan("c-1");
        ledger.accept(Fact.chat("c-1").fact());
        ledger.accept(Fact.chat(child).parent("c-1").fact());
        int hops = ledger.routedTimes().size();

        // When
        ledger.accept(Fact.message("m-1", child).keyedBy("c-1").cost(5).fact());

        // Then
        assertThat(ledger.routedTimes()).hasSize(hops);
        assertThat(ledger.state().trees().get("c-1").totals().spentMicros()).isEqualTo(5);
    }

    /** Keyed by its chat one hop, to the root; keyed by anything else two, by way of its chat. */
    @Test
    void shouldTakeOneHopFromTheChatAndTwoFromAnywhereElse() {
        // Given
        String child = elsewhereThan("c-1");
        String liar = elsewhereThan("c-1", child);
        ledger.accept(Fact.chat("c-1").fact());
        ledger.accept(Fact.chat(child).parent("c-1").fact());
        int before = ledger.routedTimes().size();

        // When
        ledger.accept(Fact.message("m-1", child).keyedBy(child).cost(5).fact());
        int afterFirst = ledger.routedTimes().size();
        ledger.accept(Fact.message("m-2", child).keyedBy(liar).cost(7).fact());
        int afterSecond = ledger.routedTimes().size();

        // Then
        assertThat(afterFirst - before).isEqualTo(1);
        assertThat(afterSecond - afterFirst).isEqualTo(2);
        assertThat(ledger.state().trees().get("c-1").totals().spentMicros()).isEqualTo(12);
    }

    /** The question to its parent, the answer, and the word to its root that it is a member; a second of any adds nothing. */
    @Test
    void shouldJoinATreeWithThreeHops() {
        // Given
        String child = elsewhereThan("c-1");
        ledger.accept(Fact.chat("c-1").fact());
        int before = ledger.routedTimes().size();

        // When
        ledger.accept(Fact.chat(child).parent("c-1").fact());

        // Then
        assertThat(ledger.routedTimes().size() - before).isEqualTo(3);
        assertThat(ledger.state().trees().get("c-1").chats()).isEqualTo(2);
    }

    /** Whatever the key: what comes to its chat's partition is in its root's already. */
    @Test
    void shouldTakeNoHopWhenAChatIsAtHomeWithItsRoot() {
        // Given
        PartitionedLedger home = new PartitionedLedger(1, new Random(1));
        home.accept(Fact.chat("c-1").fact());
        home.accept(Fact.chat("c-2").parent("c-1").fact());
        int before = home.routedTimes().size();

        // When
        home.accept(Fact.message("m-1", "c-2").keyedBy("c-2").cost(5).fact());
        home.accept(Fact.message("m-2", "c-2").keyedBy("liar").cost(7).fact());

        // Then
        assertThat(home.routedTimes()).hasSize(before);
        assertThat(home.state().trees().get("c-1").totals().spentMicros()).isEqualTo(12);
    }

    /** Streams reads the lowest time first: with a time of its own, a routed record would starve behind a backlog. */
    @Test
    void shouldStampARoutedRecordWithTheTimeOfItsCause() {
        // Given
        String child = elsewhereThan("c-1");
        ledger.accept(Fact.chat(child).parent("c-1").fact());
        ledger.accept(Fact.message("m-1", child).cost(5).fact());
        int before = ledger.routedTimes().size();

        // When
        ledger.accept(Fact.chat("c-1").fact());

        // Then
        assertThat(ledger.routedTimes().subList(before, ledger.routedTimes().size()))
                .isNotEmpty()
                .containsOnly(LedgerDriver.START.plusMillis(2).toEpochMilli());
    }

    @Test
    @Tag("P15")
    void shouldMeasurePricedAtByTheTimeOfTheFirstAppendHoweverLongItWaited() {
        // Given
        Fact message = Fact.message("m-1", "c-1")
                .cost(5)
                .pricedAt(LedgerDriver.START.plusSeconds(86_400))
                .fact();
        ledger.accept(message);

        // When
        ledger.accept(Fact.chat("c-1").fact());

        // Then
        assertThat(ledger.state().trees().get("c-1").totals().spentMicros()).isEqualTo(5);
        assertThat(ledger.deadLetters()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"creation order", "reverse", "shuffled"})
    void shouldFindTheRootOfAChainOfDepth50(String order) {
        // Given
        List<Fact> facts = new ArrayList<>();
        facts.add(Fact.chat("c-0").fact());
        for (int depth = 1; depth <= 50; depth++) {
            facts.add(Fact.chat("c-" + depth).parent("c-" + (depth - 1)).fact());
            facts.add(Fact.message("m-" + depth, "c-" + depth).cost(depth).fact());
        }
        switch (order) {
            case "reverse" -> Collections.reverse(facts);
            case "shuffled" -> Collections.shuffle(facts, new Random(50));
            default -> {
                // As they were created.
            }
        }

        // When
        facts.forEach(ledger::append);
        ledger.run();

        // Then
        ledger.assertBooksBalance();
        assertThat(ledger.state().trees().get("c-0").totals().spentMicros()).isEqualTo(50 * 51 / 2);
        assertThat(ledger.state().rootOf("c-50")).isEqualTo("c-0 at depth 50");
        assertThat(ledger.state().parkedRows()).isZero();
    }

    /** A thousand parents below it a chat may still have a root; one more, and it has none for ever. */
    @ParameterizedTest
    @Tag("P05")
    @ValueSource(booleans = {true, false})
    void shouldWait1000ParentsBelowAChatNobodyHasCreatedAndNotDeeper(boolean nearestFirst) {
        // Given
        PartitionedLedger two = new PartitionedLedger(2, new Random(1));
        List<Fact> facts = new ArrayList<>();
        IntStream.rangeClosed(1, Ranges.MAX_DEPTH + 1)
                .forEach(hops -> facts.add(
                        Fact.chat("c-" + hops).parent("c-" + (hops - 1)).fact()));
        if (!nearestFirst) {
            Collections.reverse(facts);
        }

        // When
        facts.forEach(two::accept);

        // Then
        two.assertBooksBalance();
        assertThat(two.state().rootOf("c-1000")).isEqualTo("not known yet");
        assertThat(two.state().rootOf("c-1001")).isEqualTo("none");
        assertThat(two.deadLetters()).hasSize(1);
    }

    @Test
    void shouldLetGoMoreThanOneRecordMay() {
        // Given
        String child = elsewhereThan("c-1");
        int each = 2 * ResolveRootProcessor.RELEASED_MAX + 1;
        for (int i = 0; i < each; i++) {
            ledger.append(Fact.chat("sibling-" + i).parent("c-1").fact());
            ledger.append(Fact.message("m-" + i, child).cost(1).fact());
        }
        ledger.append(Fact.chat(child).parent("c-1").fact());
        ledger.run();

        // When
        ledger.accept(Fact.chat("c-1").fact());

        // Then
        ledger.assertBooksBalance();
        assertThat(ledger.state().trees().get("c-1").chats()).isEqualTo(each + 2);
        assertThat(ledger.state().trees().get("c-1").totals().spentMicros()).isEqualTo(each);
        assertThat(ledger.state().waitingQuestions()).isZero();
        assertThat(ledger.state().parkedRows()).isZero();
    }

    /** Its Member record went lost to a bug. To send it back to its chat would send it round for ever. */
    @Test
    void shouldNotSendAMessageRoundWhenItsRootDoesNotKnowItsChat() {
        // Given
        String child = elsewhereThan("c-1");
        ledger.accept(Fact.chat("c-1").fact());
        ledger.accept(Fact.chat(child).parent("c-1").fact());
        ledger.forgetMember("c-1", child);

        // When
        Throwable thrown = catchThrowable(
                () -> ledger.accept(Fact.message("m-1", child).cost(5).fact()));

        // Then
        assertThat(thrown).isInstanceOf(IllegalStateException.class).hasMessageContainingAll(child, "c-1", "no member");
    }

    @Test
    @Tag("P04")
    void shouldBuryACircleThatGoesThroughAllPartitions() {
        // Given
        List<Fact> facts = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            facts.add(Fact.chat("c-" + i).parent("c-" + (i + 1) % 12).fact());
            facts.add(Fact.message("m-" + i, "c-" + i).cost(1).fact());
        }

        // When
        facts.forEach(ledger::append);
        ledger.run();

        // Then
        ledger.assertBooksBalance();
        assertThat(ledger.deadLetters()).hasSize(24).allMatch(letter -> letter.reason() == RejectReason.NO_ROOT);
        facts.forEach(fact -> assertThat(ledger.deadLetters())
                .filteredOn(letter -> letter.carries(fact))
                .hasSize(1));
    }

    @Test
    void shouldRejectAMisplacedChatAndTakeItWhenItIsSentRight() {
        // Given
        int home = Partitions.of("c-1", FOUR);

        // When
        ledger.append(Fact.chat("c-1").limit(5).fact(), (home + 1) % FOUR);
        ledger.append(Fact.chat("c-1").fact(), home);
        ledger.run();

        // Then
        assertThat(ledger.deadLetters()).hasSize(1).allMatch(letter -> letter.reason() == RejectReason.WRONG_PARTITION);
        assertThat(ledger.observer().misplacedRecords).isEqualTo(1);
        assertThat(ledger.state().trees().get("c-1").limit().micros()).isNull();
    }

    /** The least number of the dearest messages that passes 2^53 - 1. */
    @Test
    @Tag("P13")
    void shouldBeExactAndExhaustedBeyondWhatCanBeShown() {
        // Given
        long messages = Ranges.MAX_MICROS / Ranges.MAX_COST_MICROS;
        ledger.accept(Fact.chat("c-1").fact());
        for (long i = 0; i < messages; i++) {
            ledger.accept(
                    Fact.message("m-" + i, "c-1").cost(Ranges.MAX_COST_MICROS).fact());
        }
        boolean exhaustedBefore = ledger.state().trees().get("c-1").exhausted();

        // When
        ledger.accept(Fact.message("m-" + messages, "c-1")
                .cost(Ranges.MAX_COST_MICROS)
                .fact());

        // Then
        assertThat(exhaustedBefore).isFalse();
        assertThat(ledger.state().trees().get("c-1").totals().sumMicros())
                .isEqualTo(BigInteger.valueOf(Ranges.MAX_COST_MICROS).multiply(BigInteger.valueOf(messages + 1)));
        assertThat(ledger.statuses().get("c-1").getSpentMicros()).isEqualTo(Ranges.MAX_MICROS);
        assertThat(ledger.statuses().get("c-1").getLimitMicros()).isEqualTo(Ranges.MAX_MICROS);
        assertThat(ledger.statuses().get("c-1").getLimitOffset()).isEqualTo(-1);
    }

    /** The count is kept beside the store, and must be found again in it. */
    @Test
    @Tag("P10")
    void shouldFindWhatIsParkedWhenAPartitionStartsAgain() {
        // Given
        ledger.accept(Fact.limit("c-1", 5L));
        ledger.accept(Fact.chat("c-1").parent("c-0").fact());
        for (int i = 0; i < 5; i++) {
            ledger.accept(Fact.message("m-" + i, "c-1").cost(1).fact());
        }

        // When
        IntStream.range(0, FOUR).forEach(ledger::restart);

        // Then
        assertThat(ledger.observer().parkedMessages()).isEqualTo(5);
        ledger.assertBooksBalance();
    }

    /** An id that belongs to another partition than each of these. */
    private static String elsewhereThan(String... ids) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "chat-" + i)
                .filter(candidate -> List.of(ids).stream()
                        .noneMatch(id -> Partitions.of(id, FOUR) == Partitions.of(candidate, FOUR)))
                .findFirst()
                .orElseThrow();
    }
}
