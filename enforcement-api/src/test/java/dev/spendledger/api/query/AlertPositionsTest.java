package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AlertPositionsTest {
    @Test
    void shouldNotGoBackBehindItsBeginning() {
        assertThat(new AlertPositions("log", List.of(7L, 3L)).back(5))
                .isEqualTo(new AlertPositions("log", List.of(2L, 0L)));
    }

    @Property
    void shouldReadWhatItHasWritten(
            @ForAll @Size(min = 1, max = 50) List<@LongRange(min = 0, max = Long.MAX_VALUE >> 4) Long> offsets) {
        // Given
        AlertPositions positions = new AlertPositions("1y2p0ij32e8e7", offsets);

        // When
        String id = positions.toString();

        // Then
        assertThat(AlertPositions.parse(id)).contains(positions);
    }

    @Test
    void shouldBeATextThatStaysTheSameFromReleaseToRelease() {
        assertThat(new AlertPositions("log", List.of(0L, 35L, 36L, 1_000_000L))).hasToString("log.0.z.10.lfls");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "log",
                "log.",
                ".0",
                "log..0",
                "log.0.",
                "log.-1",
                "log.A",
                "log.0 ",
                "log.0\n",
                "log.zzzzzzzzzzzzz",
                "log,0",
                "toolongafinger.0"
            })
    void shouldTakeNothingElseForPositions(String text) {
        assertThat(AlertPositions.parse(text)).isEmpty();
    }

    @Test
    void shouldGoOnWhereAReaderOfTheSameLogHasCome() {
        // Given
        AlertPositions end = new AlertPositions("log", List.of(10L, 20L));

        // When
        AlertPositions from = end.goingOnFrom(new AlertPositions("log", List.of(7L, 20L)));

        // Then
        assertThat(from).isEqualTo(new AlertPositions("log", List.of(7L, 20L)));
    }

    /** An instance may be a little behind another; and what is not there any more must not hide what comes in its place. */
    @Test
    void shouldNotGoOnBehindTheEnd() {
        // Given
        AlertPositions end = new AlertPositions("log", List.of(10L, 20L));

        // When
        AlertPositions from = end.goingOnFrom(new AlertPositions("log", List.of(99L, 3L, 50L)));

        // Then
        assertThat(from).isEqualTo(new AlertPositions("log", List.of(10L, 3L)));
    }

    @Test
    void shouldBeginAtTheStartOfAPartitionThatThereWasNot() {
        // Given
        AlertPositions end = new AlertPositions("log", List.of(10L, 20L));

        // When
        AlertPositions from = end.goingOnFrom(new AlertPositions("log", List.of(4L)));

        // Then
        assertThat(from).isEqualTo(new AlertPositions("log", List.of(4L, 0L)));
    }

    @Test
    void shouldBeginAtTheStartWhereTheLogIsAnother() {
        // Given
        AlertPositions end = new AlertPositions("log", List.of(10L, 20L));

        // When
        AlertPositions from = end.goingOnFrom(new AlertPositions("old", List.of(4L, 4L)));

        // Then
        assertThat(from).isEqualTo(AlertPositions.startOf("log", 2));
    }

    @Test
    void shouldReachOtherPositionsOnlyInEveryPartitionOfTheSameLog() {
        // Given
        AlertPositions others = new AlertPositions("log", List.of(4L, 5L));

        // Then
        assertThat(new AlertPositions("log", List.of(4L, 5L)).reach(others)).isTrue();
        assertThat(new AlertPositions("log", List.of(9L, 5L)).reach(others)).isTrue();
        assertThat(new AlertPositions("log", List.of(9L, 4L)).reach(others)).isFalse();
        assertThat(new AlertPositions("old", List.of(4L, 5L)).reach(others)).isFalse();
    }
}
