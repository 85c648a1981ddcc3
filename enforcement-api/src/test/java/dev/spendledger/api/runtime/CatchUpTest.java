package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spendledger.api.http.Health;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a ledger has caught up, look by look. */
class CatchUpTest {
    private static final TopicPartition CHATS = new TopicPartition("chats", 0);
    private static final TopicPartition MESSAGES = new TopicPartition("priced-messages", 0);
    private static final TopicPartition ROUTING = new TopicPartition("ledger-routing", 0);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    private final CatchUp catchUp = new CatchUp(consumer, () -> committed, Set.of(CHATS, MESSAGES), Set.of(ROUTING));

    @BeforeEach
    void topics() {
        for (TopicPartition partition : Set.of(CHATS, MESSAGES, ROUTING)) {
            consumer.updateBeginningOffsets(Map.of(partition, 0L));
            holds(partition, 0);
        }
    }

    @AfterEach
    void close() throws InterruptedException {
        catchUp.close();
    }

    @Test
    void shouldNotBeReachedBeforeItHasLooked() {
        assertThat(catchUp.check()).isEqualTo(new Health.Check("caught_up", false, "not looked yet"));
    }

    @Test
    void shouldSayHowManyRecordsAreLeft() throws Exception {
        // Given
        holds(CHATS, 10);
        holds(MESSAGES, 1_000);
        committed(CHATS, 10);
        committed(MESSAGES, 400);

        // When
        catchUp.look();

        // Then
        assertThat(catchUp.check())
                .isEqualTo(
                        new Health.Check("caught_up", false, "600 records left of those that were there at the start"));
    }

    @Test
    void shouldBeReachedOnceAllFactsOfTheStartAndAllThatWasRoutedAreCommitted() throws Exception {
        // Given
        holds(CHATS, 10);
        holds(ROUTING, 5);
        catchUp.look();
        boolean atTheStart = catchUp.check().ok();
        committed(CHATS, 10);
        holds(ROUTING, 7);
        catchUp.look();
        Health.Check factsRead = catchUp.check();

        // When
        committed(ROUTING, 7);
        catchUp.look();

        // Then
        assertThat(atTheStart).isFalse();
        assertThat(factsRead).isEqualTo(new Health.Check("caught_up", false, "7 routed records left"));
        assertThat(catchUp.check()).isEqualTo(new Health.Check("caught_up", true, "the ledger has caught up"));
    }

    /** What the last facts gave rise to may give rise to more. */
    @Test
    void shouldFollowWhatIsRoutedLaterUntilALookFindsAllOfTheLookBeforeRead() throws Exception {
        // Given
        holds(ROUTING, 7);
        catchUp.look();
        committed(ROUTING, 6);
        holds(ROUTING, 12);
        catchUp.look();

        // When
        committed(ROUTING, 11);
        catchUp.look();
        boolean read11Of12 = catchUp.check().ok();
        committed(ROUTING, 12);
        holds(ROUTING, 14);
        catchUp.look();

        // Then
        assertThat(read11Of12).isFalse();
        assertThat(catchUp.check().ok()).isTrue();
    }

    @Test
    void shouldNotWaitForFactsThatCameAfterTheStart() throws Exception {
        // Given
        holds(CHATS, 10);
        catchUp.look();

        // When
        holds(CHATS, 1_000_000);
        committed(CHATS, 10);
        catchUp.look();
        catchUp.look();

        // Then
        assertThat(catchUp.check().ok()).isTrue();
    }

    @Test
    void shouldStayReached() throws Exception {
        // Given
        catchUp.look();
        catchUp.look();

        // When
        holds(ROUTING, 100);

        // Then
        assertThat(catchUp.check().ok()).isTrue();
    }

    /** The ledger commits nothing in a partition without a record, and cannot read what was deleted by retention. */
    @Test
    void shouldCountWhatWasDeletedAsRead() throws Exception {
        // Given
        consumer.updateBeginningOffsets(Map.of(MESSAGES, 1_000L));
        holds(MESSAGES, 1_000);

        // When
        catchUp.look();
        catchUp.look();

        // Then
        assertThat(catchUp.check().ok()).isTrue();
    }

    /** A transaction leaves a marker behind its records, and one that was given up leaves nothing to read at all. */
    @Test
    void shouldNotWaitForWhatIsNoRecord() throws Exception {
        // Given
        holds(CHATS, 11);
        committed(CHATS, 10);
        catchUp.look();
        consumer.schedulePollTask(() -> consumer.seek(CHATS, 11));

        // When
        catchUp.look();
        catchUp.look();

        // Then
        assertThat(catchUp.check().ok()).isTrue();
    }

    @Test
    void shouldGoOnAfterALookThatFailed() throws Exception {
        // Given
        holds(CHATS, 10);
        consumer.setPollException(new TimeoutException("a time-out that a test made up"));
        assertThatThrownBy(catchUp::look).hasMessageContaining("made up");

        // When
        committed(CHATS, 10);
        catchUp.look();
        catchUp.look();

        // Then
        assertThat(catchUp.check().ok()).isTrue();
    }

    private void holds(TopicPartition partition, long end) {
        consumer.updateEndOffsets(Map.of(partition, end));
    }

    private void committed(TopicPartition partition, long offset) {
        committed.put(partition, new OffsetAndMetadata(offset));
    }
}
