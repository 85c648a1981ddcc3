package dev.spendledger.streams.domain;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** How a spend has grown. */
public final class Timeline {
    private Timeline() {}

    /**
     * What was spent at a time.
     *
     * @param micros what it cost, 0 to {@link Ranges#MAX_COST_MICROS}
     */
    public record Cost(Instant at, long micros) {}

    /**
     * What was spent up to a time, that of the point included.
     *
     * @param spentMicros {@link Ranges#MAX_MICROS} also stands for more
     */
    public record Point(Instant at, long spentMicros) {}

    /**
     * The spend after each time at which anything was spent, in order.
     *
     * @param costs in any order; a million at most, so that their sum is one
     */
    public static List<Point> of(List<Cost> costs) {
        List<Point> points = new ArrayList<>();
        long sum = 0;
        Instant at = null;
        for (Cost cost : costs.stream().sorted(Comparator.comparing(Cost::at)).toList()) {
            if (at != null && !at.equals(cost.at())) {
                points.add(new Point(at, Math.min(sum, Ranges.MAX_MICROS)));
            }
            at = cost.at();
            sum += cost.micros();
        }
        if (at != null) {
            points.add(new Point(at, Math.min(sum, Ranges.MAX_MICROS)));
        }
        return points;
    }

    /** When the spend first was as much; empty = it never was. */
    public static Optional<Instant> reached(List<Point> points, long micros) {
        return points.stream()
                .filter(point -> point.spentMicros() >= micros)
                .map(Point::at)
                .findFirst();
    }

    /**
     * No more than so many points, the first and the last among them.
     *
     * @param most at least 2; of more, some are left out evenly
     */
    public static List<Point> thinned(List<Point> points, int most) {
        if (points.size() <= most) {
            return points;
        }
        List<Point> kept = new ArrayList<>(most);
        for (long i = 0; i < most; i++) {
            kept.add(points.get((int) (i * (points.size() - 1) / (most - 1))));
        }
        return kept;
    }
}
