package dev.spendledger.demo.failover;

import static dev.spendledger.demo.failover.Trees.degraded;
import static dev.spendledger.demo.failover.Trees.fresh;
import static dev.spendledger.demo.failover.Trees.late;
import static dev.spendledger.demo.failover.Trees.showing;
import static dev.spendledger.demo.failover.Trees.tree;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.demo.failover.Answers.Shortfall;
import dev.spendledger.demo.failover.Tree.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswersTest {
    private static final long FROM_MS = 1_000;
    private static final long TO_MS = 2_000;

    private final Tree within = tree(State.WITHIN, 0);
    private final Tree exhausted = tree(State.EXHAUSTED, 1);

    private static Answers answers(Answer... answers) {
        return new Answers(List.of(answers), FROM_MS, TO_MS);
    }

    @Test
    void shouldCountChecksOfExhaustedTreesThatWereAllowedHoweverTheyAreMarked() {
        assertThat(answers(
                                fresh(exhausted, 1_000, 409),
                                fresh(exhausted, 1_001, 200),
                                degraded(exhausted, 1_002, 200, "rebalancing"),
                                degraded(exhausted, 1_003, 503, "rebalancing"),
                                Answer.none(exhausted, 0, 1_004, 1_000),
                                fresh(within, 1_005, 200))
                        .allowedOfExhausted())
                .isEqualTo(2);
    }

    @Test
    void shouldNameTheFirstOfThem() {
        // Given
        Answer second = fresh(exhausted, 1_002, 200);
        Answer first = fresh(exhausted, 1_001, 200);

        // Then
        assertThat(answers(second, first, fresh(within, 1_000, 200), fresh(exhausted, 1_003, 200))
                        .examplesAllowedOfExhausted(2))
                .containsExactly(first, second);
    }

    @Test
    void shouldCountWhatIsNoAnswerToACheckByItsKind() {
        // When
        Answers answers = answers(
                fresh(within, 1_000, 200),
                fresh(within, 1_001, 409),
                fresh(exhausted, 1_002, 409),
                fresh(within, 1_003, 404),
                fresh(within, 1_004, 500),
                fresh(within, 1_005, 503),
                Answer.none(within, 2, 1_006, 1_000_000));

        // Then
        assertThat(answers.rejectedOfWithin()).isEqualTo(1);
        assertThat(answers.otherStatuses()).isEqualTo(1);
        assertThat(answers.serverErrors()).isEqualTo(2);
        assertThat(answers.unanswered()).isEqualTo(1);
    }

    @Test
    void shouldCountAsInTimeWhatWasAnsweredByThenAndNothingElse() {
        // When
        Answers answers = answers(
                late(within, 1_000), late(within, 250_000), late(within, 250_001), Answer.none(within, 1, 0, 1_000));

        // Then
        assertThat(answers.percentWithin(Duration.ofMillis(250))).isEqualTo(50);
    }

    @Test
    void shouldNotFindFaultWithNoChecks() {
        assertThat(answers().percentWithin(Duration.ofMillis(250))).isEqualTo(100);
        assertThat(answers().latencyMs(0.99)).isZero();
        assertThat(answers().longestMs(Answer::isDegraded)).isZero();
        assertThat(answers().longestGapMs()).isZero();
        assertThat(answers().shortfall()).isEqualTo(new Shortfall(0, 0, 0));
    }

    @Test
    void shouldShowTheLatencyThatAShareDidNotExceed() {
        // Given
        List<Answer> all = new ArrayList<>();
        for (int ms = 1; ms <= 101; ms++) {
            all.add(late(within, ms * 1_000L));
        }
        Collections.reverse(all);
        all.add(Answer.none(within, 1, 0, 1_000_000));

        // When
        Answers answers = new Answers(all, FROM_MS, TO_MS);

        // Then
        assertThat(answers.latencyMs(0.5)).isEqualTo(51);
        assertThat(answers.latencyMs(0.99)).isEqualTo(100);
        assertThat(answers.latencyMs(1)).isEqualTo(101);
    }

    @Test
    void shouldCountDegradedAnswersByReason() {
        assertThat(answers(
                                degraded(within, 1_000, 200, "stale_owner"),
                                degraded(within, 1_001, 200, "rebalancing"),
                                degraded(exhausted, 1_002, 409, "stale_owner"),
                                fresh(within, 1_003, 200))
                        .degradedByReason())
                .isEqualTo(Map.of("rebalancing", 1L, "stale_owner", 2L));
    }

    @Test
    void shouldFindTotalsBelowWhatWasAcknowledgedBeforeTheirOwnAsOf() {
        // Given
        within.acknowledged().add(1_100, 10);
        within.acknowledged().add(1_200, 20);
        within.acknowledged().add(1_300, 30);

        // When
        Shortfall shortfall = answers(
                        showing(within, 1_200, 10), // Just what there was.
                        showing(within, 1_200, 60), // More than it had to: what is visible early is right.
                        showing(within, 1_201, 29), // 1 too few, since the 1,200.
                        showing(within, 1_450, 0), // All 60 lacking, since the 1,100.
                        fresh(within, 1_500, 200)) // Shows no total.
                .shortfall();

        // Then
        assertThat(shortfall).isEqualTo(new Shortfall(2, 60, 350));
    }

    @Test
    void shouldMeasureAGapFromTheLastFreshAnswerToTheNext() {
        assertThat(answers(
                                fresh(within, 1_100, 200),
                                degraded(within, 1_400, 200, "rebalancing"),
                                Answer.none(within, 1, 1_300, 1_000),
                                fresh(within, 1_600, 200),
                                degraded(within, 1_700, 200, "rebalancing"),
                                fresh(within, 1_710, 200))
                        .longestGapMs())
                .isEqualTo(500);
    }

    @Test
    void shouldTakeNoPauseBetweenChecksForAGap() {
        assertThat(answers(fresh(within, 1_100, 200), fresh(within, 1_900, 200)).longestGapMs())
                .isZero();
    }

    @Test
    void shouldMeasureAGapAtTheBeginningAndAtTheEnd() {
        assertThat(answers(degraded(within, 1_010, 200, "starting"), fresh(within, 1_300, 200))
                        .longestGapMs())
                .isEqualTo(300);
        assertThat(answers(fresh(within, 1_300, 200), degraded(within, 1_900, 200, "starting"))
                        .longestGapMs())
                .isEqualTo(700);
        assertThat(answers(degraded(within, 1_500, 200, "starting")).longestGapMs())
                .isEqualTo(1_000);
    }

    @Test
    void shouldMeasureTheGapsOfEachPartitionByItself() {
        assertThat(answers(
                                fresh(within, 1_100, 200),
                                degraded(within, 1_200, 200, "rebalancing"),
                                fresh(exhausted, 1_300, 409),
                                degraded(within, 1_400, 200, "rebalancing"),
                                fresh(within, 1_500, 200))
                        .longestGapMs())
                .isEqualTo(400);
    }

    @Test
    void shouldCountARejectionFromAMemoryAsNoOwners() {
        // Given
        Answer fromMemory = new Answer(exhausted, 1, 1_500, 1_000, 409, "status_view", "", -1, -1);

        // Then
        assertThat(answers(fresh(exhausted, 1_400, 409), fromMemory, fresh(exhausted, 1_600, 409))
                        .longestGapMs())
                .isEqualTo(200);
    }

    @Test
    void shouldPickWhatWasAskedBetweenTwoMoments() {
        assertThat(answers(fresh(within, 1_099, 200), fresh(within, 1_100, 200), fresh(within, 1_200, 200))
                        .between(1_100, 1_200)
                        .answers())
                .containsExactly(fresh(within, 1_100, 200));
    }
}
