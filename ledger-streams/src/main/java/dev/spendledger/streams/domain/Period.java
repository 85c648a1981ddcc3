package dev.spendledger.streams.domain;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/** The UTC time after which an account's spend starts from zero again. */
public enum Period {
    DAY,
    /** An ISO week: from Monday. */
    WEEK,
    MONTH;

    /** What holds while no default limit is set, which would name another. */
    public static final Period UNSET = MONTH;

    /** The name in requests and replies. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The span of this period that an instant lies in. The instant at which a span ends belongs to the next. */
    public Span at(Instant instant) {
        LocalDate day = AccountDay.utcDay(instant);
        return switch (this) {
            case DAY -> new Span(day, day.plusDays(1));
            case WEEK -> {
                LocalDate monday = day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
                yield new Span(monday, monday.plusWeeks(1));
            }
            case MONTH -> {
                LocalDate first = day.withDayOfMonth(1);
                yield new Span(first, first.plusMonths(1));
            }
        };
    }

    /**
     * Whole UTC days, one after the other.
     *
     * @param first the first day
     * @param next the day behind the last
     */
    public record Span(LocalDate first, LocalDate next) {

        /** Whether a day lies in it. */
        public boolean contains(LocalDate day) {
            return !day.isBefore(first) && day.isBefore(next);
        }

        public Instant startsAt() {
            return midnight(first);
        }

        /** When an account's spend starts from zero again; no longer part of this span. */
        public Instant resetsAt() {
            return midnight(next);
        }

        private static Instant midnight(LocalDate day) {
            return day.atStartOfDay(ZoneOffset.UTC).toInstant();
        }
    }
}
