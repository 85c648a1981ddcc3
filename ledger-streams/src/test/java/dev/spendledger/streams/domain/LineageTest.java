package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineageTest {
    private static final Instant AT = Instant.parse("2026-11-23T12:00:00Z");

    @Test
    void shouldKnowARootChatsRootAsSoonAsItIsCreated() {
        // When
        Lineage lineage = Lineage.HEARD_OF.withCreated(new ChatFact("c-1", null, "a-1", null, AT));

        // Then
        assertThat(lineage.root()).isEqualTo(new Root.Rooted("c-1", 0));
        assertThat(lineage.rootChatId()).contains("c-1");
    }

    @Test
    void shouldNotKnowAChildsRootWhenItIsCreated() {
        // When
        Lineage lineage = Lineage.HEARD_OF.withCreated(new ChatFact("c-2", "c-1", "a-1", null, AT));

        // Then
        assertThat(lineage.isCreated()).isTrue();
        assertThat(lineage.rootChatId()).isEqualTo(Optional.empty());
    }

    @Test
    void shouldKeepWhatIsParkedWhenItIsCreatedAndWhenItsRootIsFound() {
        // Given
        Totals parked = Totals.ZERO.plus(5L).plus(null);

        // When
        Lineage lineage = Lineage.HEARD_OF
                .withParked(parked)
                .withCreated(new ChatFact("c-2", "c-1", "a-1", null, AT))
                .withRoot(new Root.Rooted("c-1", 1));

        // Then
        assertThat(lineage.parked()).isEqualTo(parked);
    }

    @Test
    void shouldHaveNoRootChatWhenItHasNoRoot() {
        assertThat(Lineage.HEARD_OF.withRoot(new Root.Unrooted("circle")).rootChatId())
                .isEmpty();
    }

    /** Which of a circle's chats meets it first is a matter of order; that it has no root is not. */
    @Test
    @Tag("P05")
    void shouldDetermineThatThereIsNoRootAndNotTheWordsForIt() {
        // Given
        Lineage child = Lineage.HEARD_OF.withCreated(new ChatFact("c-2", "c-1", "a-1", null, AT));

        // When
        Lineage determined = child.withRoot(new Root.Unrooted("circle")).determined();

        // Then
        assertThat(determined)
                .isEqualTo(child.withRoot(new Root.Unrooted("too deep")).determined())
                .isNotEqualTo(child.determined());
    }

    @Test
    @Tag("P05")
    void shouldDetermineTheRootWithItsDepth() {
        // Given
        Lineage rooted = Lineage.HEARD_OF.withRoot(new Root.Rooted("c-1", 3));

        // Then
        assertThat(rooted.determined()).isEqualTo(rooted);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "c-1, none, a-1, 5, true",
                "c-1, none, a-1, none, false",
                "c-1, none, a-1, 6, false",
                "c-1, none, a-2, 5, false",
                "c-1, c-0, a-1, 5, false",
                "c-2, none, a-1, 5, false"
            })
    void shouldTellARepeatFromARedefinition(
            String chatId, String parentChatId, String accountId, Long limit, boolean same) {
        // Given
        ChatFact first = new ChatFact("c-1", null, "a-1", 5L, AT);
        ChatFact second = new ChatFact(chatId, parentChatId, accountId, limit, AT.plusSeconds(60));

        // Then
        assertThat(first.saysTheSameAs(second)).isEqualTo(same);
        assertThat(second.saysTheSameAs(first)).isEqualTo(same);
    }
}
