package dev.spendledger.api.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.Totals;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class TotalsRangeTest {
    private static final TotalsRange RANGE = TotalsRange.of(totals(100, 10, 2));

    @Test
    void shouldHoldOnlyTheSumItselfWhileNothingChanges() {
        assertThat(RANGE.moved()).isFalse();
        assertThat(RANGE.contains(totals(100, 10, 2))).isTrue();
        assertThat(RANGE.contains(totals(101, 10, 2))).isFalse();
        assertThat(RANGE.contains(totals(100, 9, 2))).isFalse();
        assertThat(RANGE.contains(totals(100, 10, 3))).isFalse();
    }

    @Test
    void shouldHoldWhateverSomeOfTheChangesComeTo() {
        // Given: one more message, one that became cheaper, and one that was priced at last.
        TotalsRange range =
                RANGE.widenedBy(totals(5, 1, 0)).widenedBy(totals(-30, 0, 0)).widenedBy(totals(7, 1, -1));

        // Then
        assertThat(range.moved()).isTrue();
        assertThat(range.contains(totals(100, 10, 2))).isTrue();
        assertThat(range.contains(totals(82, 12, 1))).isTrue();
        assertThat(range.contains(totals(70, 10, 2))).isTrue();
        assertThat(range.contains(totals(112, 12, 1))).isTrue();
        assertThat(range.contains(totals(69, 10, 2))).isFalse();
        assertThat(range.contains(totals(113, 12, 1))).isFalse();
        assertThat(range.contains(totals(100, 9, 2))).isFalse();
        assertThat(range.contains(totals(100, 13, 2))).isFalse();
        assertThat(range.contains(totals(100, 10, 0))).isFalse();
        assertThat(range.contains(totals(100, 10, 3))).isFalse();
    }

    private static Totals totals(long sumMicros, long pricedMessages, long unpricedMessages) {
        return new Totals(BigInteger.valueOf(sumMicros), pricedMessages, unpricedMessages);
    }
}
