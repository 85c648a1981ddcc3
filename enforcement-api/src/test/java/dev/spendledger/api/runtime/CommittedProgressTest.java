package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class CommittedProgressTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final CommittedProgress progress = new CommittedProgress();

    @Test
    void shouldHoldAsCommittedWhatTwoCommitsHaveFollowed() {
        // When
        progress.onFolded(NOW, 7, 100);
        progress.onFolded(NOW.plusSeconds(1), 8, 101);
        assertThat(progress.asOf()).isEmpty();
        progress.onFolded(NOW.plusSeconds(2), 9, 102);

        // Then
        assertThat(progress.asOf()).contains(NOW);
    }

    @Test
    void shouldGoOnWithTheTimeWhileNothingIsFolded() {
        // When
        progress.onFolded(NOW, 7, 100);
        progress.onFolded(NOW.plusSeconds(1), 7, 102);
        progress.onFolded(NOW.plusSeconds(2), 7, 102);

        // Then
        assertThat(progress.asOf()).contains(NOW.plusSeconds(2));
    }

    @Test
    void shouldKnowNothingOfWhatIsRestoredUntilItIsCommittedAnew() {
        // Given
        progress.onFolded(NOW, 7, 100);
        progress.onFolded(NOW, 7, 102);

        // When
        progress.forget();
        progress.onFolded(NOW.plusSeconds(1), 7, 102);

        // Then
        assertThat(progress.asOf()).isEmpty();
    }
}
