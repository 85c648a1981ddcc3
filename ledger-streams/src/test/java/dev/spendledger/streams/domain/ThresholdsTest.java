package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThresholdsTest {
    private static final Thresholds THRESHOLDS = new Thresholds(List.of(50, 80, 95, 100));

    @ParameterizedTest
    @CsvSource({
        "0, 100, 0",
        "49, 100, 0",
        "50, 100, 50",
        "79, 100, 50",
        "80, 100, 80",
        "99, 100, 95",
        "100, 100, 100",
        "1000000, 100, 100",
        "1, 3, 0",
        "2, 3, 50",
        "0, 1, 0",
        "1, 1, 100",
        "4503599627370495, 9007199254740991, 0",
        "4503599627370496, 9007199254740991, 50",
        "9007199254740991, 9007199254740991, 100",
        "9007199254740991, 1, 100"
    })
    void shouldBePassedOnceTheSpendHasReachedItsPartOfTheLimit(long spent, long limit, int passed) {
        assertThat(THRESHOLDS.passed(spent, limit)).isEqualTo(passed);
    }

    @Test
    void shouldKnowThoseInBetween() {
        assertThat(THRESHOLDS.between(0, 0)).isEmpty();
        assertThat(THRESHOLDS.between(0, 95)).containsExactly(50, 80, 95);
        assertThat(THRESHOLDS.between(50, 80)).containsExactly(80);
        assertThat(THRESHOLDS.between(100, 80)).isEmpty();
    }

    @Test
    void shouldStandInOrderAndOnce() {
        assertThat(new Thresholds(List.of(100, 50, 100)).percents()).containsExactly(50, 100);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 101})
    void shouldBePartsOfALimit(int percent) {
        assertThatThrownBy(() -> new Thresholds(List.of(50, percent)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 100");
    }
}
