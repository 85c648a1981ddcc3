package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ToldEndsTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final TopicPartition CHATS = new TopicPartition("chats", 0);
    private static final TopicPartition MESSAGES = new TopicPartition("priced-messages", 0);

    private final ToldEnds told = new ToldEnds();
    private final Map<TopicPartition, Long> foldedBefore = new HashMap<>(Map.of(CHATS, 0L, MESSAGES, 0L));

    @Test
    void shouldBeAsOfWhenTheBrokerWasLastAskedForEndsThatAreReached() {
        // Given
        told.add(NOW, Map.of(CHATS, 3L, MESSAGES, 10L));
        told.add(NOW.plusMillis(100), Map.of(CHATS, 3L, MESSAGES, 20L));

        // When
        Optional<Instant> atFirst = asOf();
        foldedBefore.putAll(Map.of(CHATS, 3L, MESSAGES, 19L));
        Optional<Instant> behind = asOf();
        foldedBefore.put(MESSAGES, 20L);
        Optional<Instant> reached = asOf();

        // Then
        assertThat(atFirst).isEmpty();
        assertThat(behind).contains(NOW);
        assertThat(reached).contains(NOW.plusMillis(100));
    }

    @Test
    void shouldGoOnWithAFoldThatIsAlwaysALittleBehind() {
        foldedBefore.put(CHATS, 3L);
        for (int look = 0; look < 10 * ToldEnds.KEPT; look++) {
            // When the fold is five looks behind
            told.add(NOW.plusMillis(100L * look), Map.of(CHATS, 3L, MESSAGES, 10L * look));
            foldedBefore.put(MESSAGES, 10L * (look - 5));

            // Then
            assertThat(asOf()).isEqualTo(look < 5 ? Optional.empty() : Optional.of(NOW.plusMillis(100L * (look - 5))));
        }
    }

    @Test
    void shouldNotKnowOfAFoldThatIsFurtherBehindThanWhatIsKept() {
        // Given
        foldedBefore.putAll(Map.of(CHATS, 3L, MESSAGES, 0L));

        // When
        for (int look = 0; look <= ToldEnds.KEPT; look++) {
            told.add(NOW.plusMillis(100L * look), Map.of(CHATS, 3L, MESSAGES, (long) look));
        }

        // Then
        assertThat(asOf()).isEmpty();
    }

    @Test
    void shouldNotTakeForFoldedWhoseEndTheBrokerHasNotSaid() {
        // Given
        foldedBefore.putAll(Map.of(CHATS, 3L, MESSAGES, 10L));
        told.add(NOW, Map.of(CHATS, 3L, MESSAGES, 10L));

        // When
        told.add(NOW.plusMillis(100), Map.of(CHATS, 3L));

        // Then
        assertThat(asOf()).contains(NOW);
    }

    private Optional<Instant> asOf() {
        return told.foldedAsOf(List.of(CHATS, MESSAGES), (partition, end) -> foldedBefore.get(partition) >= end);
    }
}
