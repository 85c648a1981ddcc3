package dev.spendledger.demo.failover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReadySetTest {
    private final ReadySet ready = new ReadySet(3);

    @Test
    void shouldHaveNobodyToAskBeforeAnybodyWasReady() {
        assertThat(ready.next()).isEmpty();
    }

    @Test
    void shouldTakeThoseThatAreReadyInTurn() {
        // Given
        ready.onLook(1, true);
        ready.onLook(2, false);
        ready.onLook(3, true);

        // Then
        assertThat(IntStream.range(0, 4).map(i -> ready.next().orElseThrow())).containsExactly(1, 3, 1, 3);
    }

    @Test
    void shouldTakeAnotherThanTheOneThatFailed() {
        // Given
        ready.onLook(2, true);

        // Then
        assertThat(ready.nextBut(2)).isEmpty();
        assertThat(ready.nextBut(1)).isEqualTo(OptionalInt.of(2));
    }

    @Test
    void shouldTakeBackOneThatIsReadyAgain() {
        // Given
        ready.onLook(1, true);
        ready.onLook(1, false);
        ready.onLook(1, true);

        // Then
        assertThat(ready.next()).hasValue(1);
    }

    @Test
    void shouldCountTheLooksThatFoundOneNotReady() {
        // Given
        ready.onLook(1, false);
        ready.forget();
        ready.onLook(1, true);
        ready.onLook(2, false);
        ready.onLook(2, false);

        // Then
        assertThat(ready.looksNotReady()).isEqualTo(2);
    }
}
