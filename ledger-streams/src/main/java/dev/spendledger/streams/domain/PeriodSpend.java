package dev.spendledger.streams.domain;

import java.time.LocalDate;
import java.util.Collection;
import java.util.NavigableMap;

/** What an account spent in a period: its days on which anything was counted. */
public record PeriodSpend(NavigableMap<LocalDate, DaySpend> days) {

    /** The sum over the days. */
    public Totals totals() {
        return sum(days.values());
    }

    /** The sum over days. */
    public static Totals sum(Collection<DaySpend> days) {
        Totals sum = Totals.ZERO;
        for (DaySpend day : days) {
            sum = sum.and(day.totals());
        }
        return sum;
    }

    /** The greatest threshold of a limit that was warned of; {@link Thresholds#NONE_PASSED} = none. */
    public int warnedPercent(String limitId) {
        return days.values().stream()
                .mapToInt(day -> day.warned().percentOf(limitId))
                .max()
                .orElse(Thresholds.NONE_PASSED);
    }
}
