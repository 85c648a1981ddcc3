package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class CommittedProgressTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private static final TopicPartition MESSAGES = new TopicPartition("priced-messages", 0);
    private static final TopicPartition CHATS = new TopicPartition("chats", 0);

    private final CommittedProgress progress = new CommittedProgress();
    private final Map<TopicPartition, Long> committed = new HashMap<>();

    @Test
    void shouldHoldAsCommittedOnlyWhatAllTopicsAreCommittedUpTo() {
        // When
        fold(NOW, Map.of(MESSAGES, 7L, CHATS, 2L));
        committed.put(MESSAGES, 8L);
        fold(NOW.plusSeconds(1), Map.of(MESSAGES, 8L, CHATS, 2L));
        assertThat(progress.asOf()).isEmpty();
        committed.put(CHATS, 3L);
        fold(NOW.plusSeconds(2), Map.of(MESSAGES, 9L, CHATS, 2L));

        // Then
        assertThat(progress.asOf()).contains(NOW);
    }

    @Test
    void shouldGoOnWithTheTimeWhileNothingIsFolded() {
        // Given
        committed.put(MESSAGES, 8L);

        // When
        fold(NOW, Map.of(MESSAGES, 7L));
        fold(NOW.plusSeconds(2), Map.of(MESSAGES, 7L));

        // Then
        assertThat(progress.asOf()).contains(NOW.plusSeconds(2));
    }

    @Test
    void shouldHoldAsCommittedWhatWasBeforeAnythingIsFolded() {
        // When
        fold(NOW, Map.of());

        // Then
        assertThat(progress.asOf()).contains(NOW);
    }

    @Test
    void shouldKnowNothingOfWhatIsRestoredUntilItIsCommittedAnew() {
        // Given
        committed.put(MESSAGES, 8L);
        fold(NOW, Map.of(MESSAGES, 7L));

        // When
        progress.forget();
        fold(NOW.plusSeconds(1), Map.of(MESSAGES, 8L));

        // Then
        assertThat(progress.asOf()).isEmpty();
    }

    private void fold(Instant asOf, Map<TopicPartition, Long> folded) {
        progress.onFolded(
                asOf,
                folded,
                offsets -> offsets.entrySet().stream()
                        .allMatch(offset -> committed.getOrDefault(offset.getKey(), 0L) > offset.getValue()));
    }
}
