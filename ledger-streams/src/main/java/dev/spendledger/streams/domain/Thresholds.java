package dev.spendledger.streams.domain;

import java.util.List;

/**
 * The parts of a limit that are warned of when the spend passes them.
 *
 * @param percents in percent of the limit, 1 to 100, the smallest first and each once; empty = nothing is warned of
 */
public record Thresholds(List<Integer> percents) {
    /** What {@link #passed} says if none is. */
    public static final int NONE_PASSED = 0;

    public static final Thresholds NONE = new Thresholds(List.of());

    public Thresholds {
        percents = percents.stream().distinct().sorted().toList();
        if (percents.stream().anyMatch(percent -> percent < 1 || percent > 100)) {
            throw new IllegalArgumentException("Thresholds must be from 1 to 100 percent: " + percents);
        }
    }

    /**
     * The greatest threshold that a spend has passed: reaching it counts. {@link #NONE_PASSED} = none.
     *
     * @param spentMicros 0 to {@link Ranges#MAX_MICROS}
     * @param limitMicros 1 to {@link Ranges#MAX_MICROS}
     */
    public int passed(long spentMicros, long limitMicros) {
        // In whole numbers, and a hundred times the greatest sum is one still.
        int passed = NONE_PASSED;
        for (int percent : percents) {
            if (spentMicros * 100 < limitMicros * percent) {
                return passed;
            }
            passed = percent;
        }
        return passed;
    }

    /** Those above one percentage up to another, the smallest first. */
    public List<Integer> between(int above, int upTo) {
        return percents.stream()
                .filter(percent -> percent > above && percent <= upTo)
                .toList();
    }
}
