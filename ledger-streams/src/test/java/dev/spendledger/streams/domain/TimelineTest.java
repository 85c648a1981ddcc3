package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.Timeline.Cost;
import dev.spendledger.streams.domain.Timeline.Point;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimelineTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    @Test
    void shouldSumUpInTheOrderOfTime() {
        // When
        List<Point> points = Timeline.of(List.of(cost(2, 100), cost(0, 1), cost(1, 10)));

        // Then
        assertThat(points).containsExactly(point(0, 1), point(1, 11), point(2, 111));
    }

    @Test
    void shouldHaveOnePointOfATimeAtWhichSeveralWereSpent() {
        // When
        List<Point> points = Timeline.of(List.of(cost(1, 10), cost(0, 1), cost(1, 100)));

        // Then
        assertThat(points).containsExactly(point(0, 1), point(1, 111));
    }

    @Test
    void shouldHaveNoPointWhereNothingWasSpent() {
        assertThat(Timeline.of(List.of())).isEmpty();
    }

    @Test
    void shouldShowNoMoreThanCanBeShown() {
        // When
        List<Point> points = Timeline.thinned(
                Timeline.of(IntStream.range(0, 9_010)
                        .mapToObj(i -> cost(i, Ranges.MAX_COST_MICROS))
                        .toList()),
                2);

        // Then
        assertThat(points).containsExactly(point(0, Ranges.MAX_COST_MICROS), point(9_009, Ranges.MAX_MICROS));
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 301, 599, 100_000})
    void shouldKeepTheFirstAndTheLastOfMoreThanItMayShow(int size) {
        // When
        List<Point> points = Timeline.thinned(
                Timeline.of(IntStream.range(0, size).mapToObj(i -> cost(i, 1)).toList()), 300);

        // Then
        assertThat(points).hasSize(300).doesNotHaveDuplicates();
        assertThat(points.get(0)).isEqualTo(point(0, 1));
        assertThat(points.get(299)).isEqualTo(point(size - 1, size));
    }

    @Test
    void shouldKnowWhenAnAmountWasReached() {
        // Given
        List<Point> points = Timeline.of(List.of(cost(0, 1), cost(1, 10), cost(2, 100)));

        // Then
        assertThat(Timeline.reached(points, 1)).contains(NOON);
        assertThat(Timeline.reached(points, 2)).contains(NOON.plusSeconds(1));
        assertThat(Timeline.reached(points, 111)).contains(NOON.plusSeconds(2));
        assertThat(Timeline.reached(points, 112)).isEmpty();
    }

    @Property
    void shouldNeverFallAndEndAtTheSum(
            @ForAll @Size(min = 1, max = 200) List<@IntRange(max = 50) Integer> seconds,
            @ForAll @IntRange(min = 2, max = 20) int most) {
        // Given
        List<Cost> costs = seconds.stream().map(second -> cost(second, second)).toList();

        // When
        List<Point> points = Timeline.thinned(Timeline.of(costs), most);

        // Then
        assertThat(points).hasSizeLessThanOrEqualTo(most);
        assertThat(points).extracting(Point::at).isSorted().doesNotHaveDuplicates();
        assertThat(points).extracting(Point::spentMicros).isSorted();
        assertThat(points.get(points.size() - 1).spentMicros())
                .isEqualTo(seconds.stream().mapToLong(Integer::longValue).sum());
    }

    private static Cost cost(int second, long micros) {
        return new Cost(NOON.plusSeconds(second), micros);
    }

    private static Point point(int second, long micros) {
        return new Point(NOON.plusSeconds(second), micros);
    }
}
