package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/**
 * The promise the ledger stands on: its totals are a function of the set of facts, and not of their order of arrival. Here in
 * the real graph, on real stores, whose opening is what takes the time; many more stories are told, to several partitions, in
 * {@link PartitionedLedgerTest}.
 */
class OrderOfArrivalTest {

    @Property(tries = 15)
    @Tag("P03")
    @Tag("P05")
    void shouldComeToWhatTheFactsSayInEveryOrder(@ForAll("stories") Story story, @ForAll Random random) {
        Outcome inOrder = tell(story);
        Outcome shuffled = tell(story.shuffled(random));

        assertThat(inOrder.trees()).isEqualTo(story.trees());
        assertThat(inOrder.deadLetters()).hasSize((int) story.deadLetters());
        assertThat(shuffled).isEqualTo(inOrder);
    }

    /** Everything again, in another order: nothing but the records that were dead letters before is heard of twice. */
    @Property(tries = 5)
    @Tag("P01")
    void shouldNotCountAnythingTwiceWhenAllIsSentAgain(@ForAll("stories") Story story, @ForAll Random random) {
        try (LedgerDriver ledger = new LedgerDriver()) {
            story.log().forEach(told -> ledger.accept(told.step().fact()));
            story.shuffled(random)
                    .log()
                    .forEach(told -> ledger.accept(told.step().fact()));

            assertThat(Outcome.of(ledger.state(), ledger.deadLetters()).trees()).isEqualTo(story.trees());
            ledger.assertBooksBalance();
        }
    }

    @Provide
    Arbitrary<Story> stories() {
        return Story.any(20, 1, 0);
    }

    private static Outcome tell(Story story) {
        try (LedgerDriver ledger = new LedgerDriver()) {
            story.log().forEach(told -> ledger.accept(told.step().fact()));
            ledger.assertBooksBalance();
            return Outcome.of(ledger.state(), ledger.deadLetters());
        }
    }
}
