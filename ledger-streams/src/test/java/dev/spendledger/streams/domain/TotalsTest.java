package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TotalsTest {

    @Test
    void shouldCountUnpricedMessagesAndAddNothingForThem() {
        // When
        Totals totals = Totals.ZERO.plus(5L).plus(null).plus(0L);

        // Then
        assertThat(totals).isEqualTo(new Totals(BigInteger.valueOf(5), 2, 1));
        assertThat(totals.messages()).isEqualTo(3);
        assertThat(totals.spentMicros()).isEqualTo(5);
    }

    @Test
    void shouldAddTwoTotalsInEveryPart() {
        // Given
        Totals one = new Totals(BigInteger.valueOf(Long.MAX_VALUE), 2, 30);
        Totals other = new Totals(BigInteger.ONE, 500, 7_000);

        // When
        Totals both = one.and(other);

        // Then
        assertThat(both).isEqualTo(new Totals(new BigInteger("9223372036854775808"), 502, 7_030));
    }

    /** Costs far beyond what a message may have, so that the sum passes 2^63 within a few of them. */
    @Property
    @net.jqwik.api.Tag("P13")
    void shouldBeTheExactSumBeyondAnyLong(@ForAll("costs") List<Long> costs) {
        Totals totals = sum(costs);

        assertThat(totals.sumMicros())
                .isEqualTo(costs.stream()
                        .filter(Objects::nonNull)
                        .map(BigInteger::valueOf)
                        .reduce(BigInteger.ZERO, BigInteger::add));
        assertThat(totals.pricedMessages())
                .isEqualTo(costs.stream().filter(Objects::nonNull).count());
        assertThat(totals.messages()).isEqualTo(costs.size());
    }

    @Property
    void shouldComeBackToNothingWhenAllIsTakenAwayInAnyOrder(@ForAll("costs") List<Long> costs) {
        List<Long> otherOrder = new ArrayList<>(costs);
        Collections.reverse(otherOrder);

        Totals totals = sum(costs);
        for (Long cost : otherOrder) {
            totals = totals.minus(cost);
        }

        assertThat(totals).isEqualTo(Totals.ZERO);
    }

    @Provide
    Arbitrary<List<Long>> costs() {
        return Arbitraries.longs()
                .between(0, Long.MAX_VALUE)
                .injectNull(0.2)
                .list()
                .ofMaxSize(20);
    }

    @ParameterizedTest
    @Tag("P13")
    @CsvSource({
        "0, 0, false",
        "9007199254740990, 9007199254740990, false",
        "9007199254740991, 9007199254740991, false",
        "9007199254740992, 9007199254740991, true",
        "9223372036854775807, 9007199254740991, true",
        "9223372036854775808, 9007199254740991, true",
        "99999999999999999999999999, 9007199254740991, true"
    })
    void shouldShowNoMoreThanJavaScriptCanRead(String sum, long shown, boolean overflow) {
        // Given
        Totals totals = new Totals(new BigInteger(sum), 1, 0);

        // Then
        assertThat(totals.spentMicros()).isEqualTo(shown);
        assertThat(totals.overflow()).isEqualTo(overflow);
    }

    private static Totals sum(List<Long> costs) {
        Totals totals = Totals.ZERO;
        for (Long cost : costs) {
            totals = totals.plus(cost);
        }
        return totals;
    }
}
