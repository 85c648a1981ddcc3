package dev.spendledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class VainTimeTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // Which runs over, as it may.
    private final VainTime vain = new VainTime(now::get);

    @Test
    void shouldBeSpentOnceTwoSecondsAreAndForTenTimesWhatIsAbove() {
        // When
        vain.add(Duration.ofMillis(1_999).toNanos());
        boolean below = vain.isSpent();
        vain.add(Duration.ofMillis(501).toNanos());
        boolean above = vain.isSpent();
        now.addAndGet(Duration.ofMillis(4_990).toNanos());
        boolean almost = vain.isSpent();
        now.addAndGet(Duration.ofMillis(20).toNanos());
        boolean after = vain.isSpent();

        // Then
        assertThat(below).isFalse();
        assertThat(above).isTrue();
        assertThat(almost).isTrue();
        assertThat(after).isFalse();
    }
}
