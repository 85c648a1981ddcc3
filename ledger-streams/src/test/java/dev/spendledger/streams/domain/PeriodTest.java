package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeriodTest {
    private static final long YEAR_0001_SECONDS = -62_135_596_800L;
    private static final long YEAR_9999_SECONDS = 253_402_214_400L;

    @ParameterizedTest(name = "{0} at {1}: {4}")
    @CsvSource(textBlock = """
                    DAY,   2026-11-23T12:00:00.123Z, 2026-11-23, 2026-11-24, in the middle of a day
                    DAY,   2026-11-23T00:00:00Z,     2026-11-23, 2026-11-24, the first instant is in
                    DAY,   2026-11-23T23:59:59.999Z, 2026-11-23, 2026-11-24, the last millisecond is in
                    DAY,   2026-11-24T00:00:00Z,     2026-11-24, 2026-11-25, the instant of the reset is the next day
                    DAY,   2028-02-28T12:00:00Z,     2028-02-28, 2028-02-29, before a leap day
                    DAY,   2028-02-29T12:00:00Z,     2028-02-29, 2028-03-01, a leap day
                    DAY,   2027-02-28T12:00:00Z,     2027-02-28, 2027-03-01, the end of February without a leap day
                    DAY,   2026-12-31T23:59:59.999Z, 2026-12-31, 2027-01-01, the last day of a year
                    WEEK,  2026-11-23T00:00:00Z,     2026-11-23, 2026-11-30, the first instant of a Monday
                    WEEK,  2026-11-22T23:59:59.999Z, 2026-11-16, 2026-11-23, the last millisecond of a Sunday
                    WEEK,  2026-11-26T12:00:00Z,     2026-11-23, 2026-11-30, a Thursday
                    WEEK,  2026-12-31T12:00:00Z,     2026-12-28, 2027-01-04, ISO week 53 of 2026
                    WEEK,  2027-01-03T23:59:59.999Z, 2026-12-28, 2027-01-04, ISO week 53 of 2026 ends in 2027
                    WEEK,  2027-01-04T00:00:00Z,     2027-01-04, 2027-01-11, ISO week 1 begins after it
                    WEEK,  2025-12-29T00:00:00Z,     2025-12-29, 2026-01-05, ISO week 1 of 2026 begins in 2025
                    WEEK,  2028-02-29T12:00:00Z,     2028-02-28, 2028-03-06, a week with a leap day
                    MONTH, 2026-11-30T23:59:59.999Z, 2026-11-01, 2026-12-01, the last millisecond of a month
                    MONTH, 2026-12-01T00:00:00Z,     2026-12-01, 2027-01-01, the first instant of a month
                    MONTH, 2026-12-31T23:59:59.999Z, 2026-12-01, 2027-01-01, the end of a year
                    MONTH, 2027-01-01T00:00:00Z,     2027-01-01, 2027-02-01, the beginning of a year
                    MONTH, 2028-02-29T12:00:00Z,     2028-02-01, 2028-03-01, a month with a leap day
                    MONTH, 2027-02-28T12:00:00Z,     2027-02-01, 2027-03-01, a February without
                    MONTH, 2100-02-28T12:00:00Z,     2100-02-01, 2100-03-01, a year that is divisible by 4 and no leap year
                    """)
    void shouldBeWholeUtcDaysOfWhichTheLastIsNotIn(
            Period period, Instant instant, LocalDate first, LocalDate next, String what) {
        // When
        Period.Span span = period.at(instant);

        // Then
        assertThat(span).isEqualTo(new Period.Span(first, next));
        assertThat(span.startsAt()).isEqualTo(Instant.parse(first + "T00:00:00Z"));
        assertThat(span.resetsAt()).isEqualTo(Instant.parse(next + "T00:00:00Z"));
    }

    /** An event lands in the day of its own time, and the period is that of the check: whichever comes first. */
    @ParameterizedTest(name = "priced at {1}, asked at {2}, by {0}: {4}")
    @CsvSource(textBlock = """
                    DAY,   2026-11-23T23:59:59.999Z, 2026-11-24T00:00:00Z,     false, a late event is in the day before
                    DAY,   2026-11-23T23:59:59.999Z, 2026-11-23T23:59:59.999Z, true,  the last millisecond
                    DAY,   2026-11-24T00:00:00Z,     2026-11-24T00:00:00Z,     true,  the boundary itself
                    DAY,   2026-11-24T00:30:00Z,     2026-11-23T23:30:00Z,     false, a clock an hour ahead: not in yet
                    DAY,   2026-11-24T00:30:00Z,     2026-11-24T00:00:00Z,     true,  a clock an hour ahead: once it is there
                    WEEK,  2026-11-22T23:00:00Z,     2026-11-25T12:00:00Z,     false, an event three days late
                    WEEK,  2026-11-30T00:30:00Z,     2026-11-29T23:30:00Z,     false, a clock an hour ahead of Monday
                    MONTH, 2026-11-01T00:00:00Z,     2026-11-30T23:59:59.999Z, true,  the first of the month
                    MONTH, 2026-10-31T23:59:59.999Z, 2026-11-30T23:59:59.999Z, false, the month before
                    MONTH, 2027-01-01T00:30:00Z,     2026-12-31T23:30:00Z,     false, a clock an hour ahead of the year
                    """)
    void shouldHoldTheDaysOfTheMessagesOfItsOwnTime(
            Period period, Instant pricedAt, Instant askedAt, boolean counts, String what) {
        // Given
        Period.Span span = period.at(askedAt);

        // When
        LocalDate day = AccountDay.utcDay(pricedAt);

        // Then
        assertThat(!day.isBefore(span.first()) && day.isBefore(span.next())).isEqualTo(counts);
    }

    @Property
    void shouldHoldItsInstantAndFollowOneAnotherWithoutAGap(
            @ForAll Period period, @ForAll @LongRange(min = YEAR_0001_SECONDS, max = YEAR_9999_SECONDS) long seconds) {
        // Given
        Instant instant = Instant.ofEpochSecond(seconds);

        // When
        Period.Span span = period.at(instant);

        // Then
        assertThat(instant).isAfterOrEqualTo(span.startsAt()).isBefore(span.resetsAt());
        assertThat(period.at(span.startsAt())).isEqualTo(span);
        assertThat(period.at(span.resetsAt().minusNanos(1))).isEqualTo(span);
        assertThat(period.at(span.resetsAt()).first()).isEqualTo(span.next());
        assertThat(Duration.between(span.startsAt(), span.resetsAt()).toDays())
                .isIn(
                        switch (period) {
                            case DAY -> List.of(1L);
                            case WEEK -> List.of(7L);
                            case MONTH -> List.of(28L, 29L, 30L, 31L);
                        });
    }
}
