package dev.spendledger.streams.domain;

/**
 * What an account spent on a day.
 *
 * @param totals the sum over its messages of that day
 * @param warned what was warned of while the day was counted
 */
public record DaySpend(Totals totals, Warned warned) {
    public static final DaySpend NONE = new DaySpend(Totals.ZERO, Warned.NONE);

    /**
     * The greatest threshold of a limit that was warned of.
     *
     * @param percent {@link Thresholds#NONE_PASSED} = none
     * @param limit the {@linkplain AccountLimit#inForceId limit}; null = none
     */
    public record Warned(int percent, String limit) {
        public static final Warned NONE = new Warned(Thresholds.NONE_PASSED, null);

        /** How much of it was of this limit. */
        public int percentOf(String limitId) {
            return limitId.equals(limit) ? percent : Thresholds.NONE_PASSED;
        }
    }

    /** The day with more that was counted. */
    public DaySpend and(Totals more) {
        return new DaySpend(totals.and(more), warned);
    }

    /** The day once it was warned of a threshold. */
    public DaySpend withWarned(Warned now) {
        return new DaySpend(totals, now);
    }
}
