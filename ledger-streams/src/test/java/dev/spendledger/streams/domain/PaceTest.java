package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.Pace.Rate;
import java.math.BigInteger;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final Instant MINUTE = Instant.parse("2026-11-23T12:00:00Z");

    @Test
    void shouldBeTheSpendAndTheChatsOfTheMinuteThatEndsNow() {
        // Given
        Pace pace = Pace.NONE.plus(at(10), micros(600), 0).plus(at(50), micros(0), 6);

        // Then
        assertThat(pace.at(at(59))).isEqualTo(new Rate(600, 6));
        assertThat(pace.at(at(60))).isEqualTo(new Rate(600, 6));
        assertThat(pace.at(at(90))).isEqualTo(new Rate(300, 3));
        assertThat(pace.at(at(120))).isEqualTo(new Rate(0, 0));
    }

    @Test
    void shouldCountTheMinuteBeforeForAsMuchAsStillLiesWithin() {
        // Given
        Pace pace = Pace.NONE.plus(at(10), micros(600), 0).plus(at(70), micros(100), 0);

        // Then
        assertThat(pace.at(at(90)).spendMicros()).isEqualTo(400);
        assertThat(pace.at(at(119)).spendMicros()).isEqualTo(110);
        assertThat(pace.at(at(150)).spendMicros()).isEqualTo(50);
    }

    @Test
    void shouldForgetTheMinuteBeforeOnceThereIsAGap() {
        assertThat(Pace.NONE.plus(at(10), micros(600), 6).plus(at(130), micros(1), 1))
                .isEqualTo(new Pace(MINUTE.getEpochSecond() / 60 + 2, 1, 1, 0, 0));
    }

    @Test
    void shouldTakeWhatComesLateForTheMinuteBeforeAndLeaveWhatIsOlder() {
        // Given
        Pace pace = Pace.NONE.plus(at(70), micros(100), 1);

        // When
        Pace late = pace.plus(at(10), micros(5), 1).plus(at(-10), micros(7), 1);

        // Then
        assertThat(late).isEqualTo(new Pace(pace.minute(), 100, 1, 5, 1));
    }

    @Test
    void shouldShowNothingBelowZeroWherePricesWereLowered() {
        assertThat(Pace.NONE.plus(at(1), micros(-600), 0).at(at(2))).isEqualTo(new Rate(0, 0));
    }

    @Test
    void shouldGoNoFurtherThanCanBeShown() {
        // Given
        BigInteger huge = BigInteger.valueOf(Long.MAX_VALUE).pow(2);

        // When
        Pace pace = Pace.NONE.plus(at(1), huge, 0).plus(at(2), huge, 0);

        // Then
        assertThat(pace.at(at(3)).spendMicros()).isEqualTo(Ranges.MAX_MICROS);
    }

    @Test
    void shouldHoldForAClockThatIsBehindTheLog() {
        assertThat(Pace.NONE.plus(at(70), micros(100), 0).at(at(59)).spendMicros())
                .isEqualTo(100);
    }

    private static Instant at(long seconds) {
        return MINUTE.plusSeconds(seconds);
    }

    private static BigInteger micros(long micros) {
        return BigInteger.valueOf(micros);
    }
}
