package dev.spendledger.demo.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AcknowledgedTest {
    private final Acknowledged acknowledged = new Acknowledged();

    @Test
    void shouldSumWhatWasAppendedBeforeAMoment() {
        // Given
        acknowledged.add(1_000, 5);
        acknowledged.add(1_002, 7);
        acknowledged.add(1_002, 11);

        // Then
        assertThat(acknowledged.microsBefore(1_000)).isZero();
        assertThat(acknowledged.microsBefore(1_001)).isEqualTo(5);
        assertThat(acknowledged.microsBefore(1_002)).isEqualTo(5);
        assertThat(acknowledged.microsBefore(1_003)).isEqualTo(23);
        assertThat(acknowledged.totalMicros()).isEqualTo(23);
    }

    @Test
    void shouldKnowNothingBeforeTheFirstMessage() {
        assertThat(acknowledged.microsBefore(Long.MAX_VALUE)).isZero();
        assertThat(acknowledged.totalMicros()).isZero();
    }

    @Test
    void shouldNotTakeBackWhatWasKnownWhenTheClockIsSetBack() {
        // Given
        acknowledged.add(1_000, 5);
        acknowledged.add(900, 7);

        // Then
        assertThat(acknowledged.microsBefore(950)).isZero();
        assertThat(acknowledged.microsBefore(1_000)).isZero();
        assertThat(acknowledged.microsBefore(1_001)).isEqualTo(12);
    }

    @Test
    void shouldSayWhenTheFirstMessageWasAppendedThatASumLacks() {
        // Given
        acknowledged.add(1_000, 5);
        acknowledged.add(1_010, 7);

        // Then
        assertThat(acknowledged.firstMissingMs(0)).isEqualTo(1_000);
        assertThat(acknowledged.firstMissingMs(4)).isEqualTo(1_000);
        assertThat(acknowledged.firstMissingMs(5)).isEqualTo(1_010);
        assertThatThrownBy(() -> acknowledged.firstMissingMs(12)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldHoldAnyNumberOfMessages() {
        // When
        for (int message = 0; message < 10_000; message++) {
            acknowledged.add(message, 1);
        }

        // Then
        assertThat(acknowledged.microsBefore(7_777)).isEqualTo(7_777);
        assertThat(acknowledged.totalMicros()).isEqualTo(10_000);
    }
}
