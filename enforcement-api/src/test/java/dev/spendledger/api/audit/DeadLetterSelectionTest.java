package dev.spendledger.api.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.RecordId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each record once, however often it stands in the topic. */
class DeadLetterSelectionTest {
    private static final Predicate<DeadLetter> ALL = letter -> true;

    private final Letters topic = new Letters();

    @Test
    void shouldHandOverEachRecordOnceAndSayHowOftenItStandsThere() {
        // Given
        topic.add(0, "chats-0@1", "unreadable", "a", null)
                .add(0, "chats-0@2", "unreadable", "b", null)
                .add(0, "chats-0@1", "unreadable", "a", null)
                .add(1, "chats-0@1", "unreadable", "a", null)
                .add(1, "chats-1@1", "unreadable", "c", null)
                .add(1, "chats-1@1", "null_value", "c", null);

        // When
        DeadLetterSelection selection = new DeadLetterSelection(topic.reader(), ALL);

        // Then
        assertThat(selection.count()).isEqualTo(4);
        assertThat(selection.countByReason())
                .containsExactlyInAnyOrderEntriesOf(Map.of(RejectReason.UNREADABLE, 3, RejectReason.NULL_VALUE, 1));
        assertThat(listed(selection, 10))
                .containsExactly(
                        "chats-0@1 unreadable 3",
                        "chats-0@2 unreadable 1",
                        "chats-1@1 unreadable 1",
                        "chats-1@1 null_value 1");
    }

    /** Whatever the order in which they became dead letters, and however few can be held at once. */
    @ParameterizedTest
    @ValueSource(longs = {1, 6, 1_000})
    void shouldHandThemOverInTheOrderOfTheLog(long heldBytesMax) {
        // Given
        topic.add(0, "chats-0@9", "unreadable", "a", new byte[2], 30)
                .add(0, "chats-0@1", "unreadable", "a", new byte[2], 10)
                .add(0, "chats-0@9", "unreadable", "a", new byte[2], 30)
                .add(0, "chats-1@5", "unreadable", "b", new byte[2], 20)
                .add(1, "chats-0@8", "unreadable", "c", new byte[2], 20)
                .add(1, "chats-0@7", "unreadable", "c", new byte[2], 20);

        // When
        DeadLetterSelection selection = new DeadLetterSelection(topic.reader(), ALL, 10, heldBytesMax);

        // Then
        List<String> all = new ArrayList<>();
        selection.forEachInOrderOfTheLog(
                10, letter -> all.add(letter.id().source().toString()));
        assertThat(all).containsExactly("chats-0@1", "chats-0@7", "chats-0@8", "chats-1@5", "chats-0@9");
        List<String> first = new ArrayList<>();
        selection.forEachInOrderOfTheLog(
                2, letter -> first.add(letter.id().source().toString()));
        assertThat(first).containsExactly("chats-0@1", "chats-0@7");
    }

    @Test
    void shouldSayWhichRecordsAreNotAmongThem() {
        // Given
        topic.add(0, "chats-0@1", "unreadable", "a", null);
        List<RecordId> named = List.of(new RecordId("chats", 0, 1), new RecordId("chats", 0, 2));

        // When
        DeadLetterSelection selection = new DeadLetterSelection(topic.reader(), ALL);

        // Then
        assertThat(selection.missing(named)).containsExactly(new RecordId("chats", 0, 2));
    }

    @Test
    void shouldCountAllAndHandOverAsManyAsAreWanted() {
        // Given
        topic.add(0, "chats-0@1", "unreadable", "a", null).add(1, "chats-0@2", "unreadable", "b", null);

        // When
        DeadLetterSelection selection = new DeadLetterSelection(topic.reader(), ALL);

        // Then
        assertThat(listed(selection, 1)).containsExactly("chats-0@1 unreadable 1");
        assertThat(selection.count()).isEqualTo(2);
    }

    @Test
    void shouldHoldOnlyWhatTheFilterLetsPass() {
        // Given
        topic.add(0, "chats-0@1", "unreadable", "a", null).add(0, "chats-0@2", "null_value", "b", null);

        // When
        DeadLetterSelection selection =
                new DeadLetterSelection(topic.reader(), letter -> letter.id().reason() == RejectReason.NULL_VALUE);

        // Then
        assertThat(selection.count()).isEqualTo(1);
        assertThat(listed(selection, 10)).containsExactly("chats-0@2 null_value 1");
    }

    @Test
    void shouldPassOverWhatIsNoDeadLetterAndCountIt() {
        // Given
        topic.addStranger(0).add(0, "chats-0@1", "unreadable", "a", null).addStranger(1);

        // When
        DeadLetterSelection selection = new DeadLetterSelection(topic.reader(), ALL);

        // Then
        assertThat(selection.strangers()).isEqualTo(2);
        assertThat(listed(selection, 10)).containsExactly("chats-0@1 unreadable 1");
    }

    @Test
    void shouldNotReadWhatIsWrittenMeanwhile() {
        // Given
        topic.add(0, "chats-0@1", "unreadable", "a", null);
        DeadLetterReader reader = topic.reader();

        // When
        topic.add(0, "chats-0@2", "unreadable", "b", null).add(1, "chats-0@3", "unreadable", "c", null);

        // Then
        assertThat(listed(new DeadLetterSelection(reader, ALL), 10)).containsExactly("chats-0@1 unreadable 1");
    }

    @Test
    void shouldHandOverNothingOfAnEmptyTopic() {
        // When
        DeadLetterSelection selection = new DeadLetterSelection(topic.reader(), ALL);

        // Then
        assertThat(selection.count()).isZero();
        assertThat(listed(selection, 10)).isEmpty();
    }

    @Test
    void shouldRefuseMoreThanItCanHold() {
        // Given
        topic.add(0, "chats-0@1", "unreadable", "a", null)
                .add(0, "chats-0@1", "unreadable", "a", null)
                .add(0, "chats-0@2", "unreadable", "b", null);

        // When
        DeadLetterSelection two = new DeadLetterSelection(topic.reader(), ALL, 2, 1);
        var one = assertThatThrownBy(() -> new DeadLetterSelection(topic.reader(), ALL, 1, 1));

        // Then
        assertThat(two.count()).isEqualTo(2);
        one.isInstanceOf(DeadLetterSelection.TooManyException.class).hasMessageContaining("More than 1", "--since");
    }

    @Test
    void shouldNotWaitForEverForAKafkaThatIsLost() {
        // Given
        topic.add(0, "chats-0@1", "unreadable", "a", null).lose(0);

        // When
        var reading = assertThatThrownBy(() -> new DeadLetterSelection(topic.reader(), ALL));

        // Then
        reading.isInstanceOf(TimeoutException.class).hasMessageContaining("ledger-dead-letters-0", "offset 1");
    }

    private static List<String> listed(DeadLetterSelection selection, int limit) {
        List<String> listed = new ArrayList<>();
        selection.forEach(
                limit,
                (letter, times) -> listed.add(
                        letter.id().source() + " " + letter.id().reason().code() + " " + times));
        return listed;
    }
}
