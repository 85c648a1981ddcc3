package dev.spendledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = 1_000_000_000;
    private static final long START = 7 * SECOND;

    @Test
    void shouldLeaveTheStartAndTheEndOutOfTheRate() {
        // Given
        Pace pace = new Pace(1_000, START);

        // When
        pace.look(0, START + 10 * SECOND);
        pace.look(100, START + 20 * SECOND);
        pace.look(500, START + 22 * SECOND);
        pace.look(900, START + 24 * SECOND);
        pace.look(1_000, START + 60 * SECOND);

        // Then
        assertThat(pace.perSecond()).isEqualTo(200);
        assertThat(pace.wholeSeconds()).isEqualTo(60);
    }

    @Test
    void shouldCountFromTheLastLookBeforeTheMiddleToTheFirstAfterIt() {
        // Given
        Pace pace = new Pace(1_000, START);

        // When
        pace.look(50, START + 10 * SECOND);
        pace.look(950, START + 19 * SECOND);
        pace.look(1_000, START + 60 * SECOND);

        // Then
        assertThat(pace.perSecond()).isEqualTo(100);
    }

    @Test
    void shouldComeToARateWhereOneLookFindsAllDone() {
        // Given
        Pace pace = new Pace(10, START);

        // When
        pace.look(10, START + 2 * SECOND);

        // Then
        assertThat(pace.perSecond()).isEqualTo(5);
    }

    @Test
    void shouldHaveNoRateBeforeAllAreDone() {
        // Given
        Pace pace = new Pace(10, START);

        // When
        pace.look(9, START + 2 * SECOND);

        // Then
        assertThat(pace.isDone()).isFalse();
        assertThatIllegalStateException().isThrownBy(pace::perSecond).withMessage("Only 9 of 10 are done");
    }
}
