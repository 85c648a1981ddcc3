package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.query.SpendQuery.UnavailableException;
import dev.spendledger.api.testing.FakeFreezes;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.streams.domain.Timeline.Point;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a tree has come to what it has spent, on partitions in memory. */
class TreeHistoriesTest {
    private final Vertx vertx = Vertx.vertx();
    private final FakeReader reader = new FakeReader();
    private final Turns turns = new Turns(vertx, 2, Duration.ofSeconds(30));
    private final TreeHistories histories = new TreeHistories(
            new SpendQuery(reader, new FakeFreezes().view(), new Announcements(), turns), reader, turns);

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void shouldTellTheSpendOfTheWholeTreeInTheOrderOfTime() {
        // Given
        reader.root("c-1", 5L)
                .child("c-7", "c-1", "c-1")
                .spent("c-1", "c-1", 2L)
                .spent("c-1", "c-7", null)
                .spent("c-1", "c-7", 1L);

        // When
        TreeHistory history = find("c-7");

        // Then
        assertThat(history.messages().orElseThrow().points())
                .containsExactly(
                        new Point(FakeReader.FIRST_PRICED_AT, 2),
                        new Point(FakeReader.FIRST_PRICED_AT.plusSeconds(2), 3));
        assertThat(history.spend().tree().orElseThrow().totals().spentMicros()).isEqualTo(3);
    }

    @Test
    void shouldShowTheTenMessagesThatWerePricedLast() {
        // Given
        reader.root("c-1", 5L);
        IntStream.range(0, 2_345).forEach(i -> reader.spent("c-1", "c-1", (long) i));

        // When
        TreeHistory history = find("c-1");

        // Then
        assertThat(history.messages().orElseThrow().latest())
                .extracting(counted -> counted.message().pricing().costMicros())
                .containsExactly(2_344L, 2_343L, 2_342L, 2_341L, 2_340L, 2_339L, 2_338L, 2_337L, 2_336L, 2_335L);
        assertThat(history.messages().orElseThrow().points()).hasSize(300);
    }

    @ParameterizedTest
    @CsvSource({"100000, true", "100001, false"})
    void shouldGoThroughNoMoreThanAHundredThousandMessages(int messages, boolean told) {
        // Given
        reader.root("c-1", 5L);
        IntStream.range(0, messages).forEach(i -> reader.spent("c-1", "c-1", 1L));

        // When
        TreeHistory history = find("c-1");

        // Then
        assertThat(history.messages().isPresent()).isEqualTo(told);
    }

    @Test
    void shouldReadTheMessagesOnceForAllWhoLookAtTheTree() {
        // Given
        reader.root("c-1", 5L).child("c-7", "c-1", "c-1").spent("c-1", "c-1", 3L);

        // When
        TreeHistory.Messages root = find("c-1").messages().orElseThrow();
        TreeHistory.Messages child = find("c-7").messages().orElseThrow();

        // Then
        assertThat(child).isEqualTo(root);
        assertThat(reader.reads()).filteredOn("messages c-1"::equals).hasSize(1);
    }

    @Test
    void shouldSayWhenTheTreeHasReachedItsLimit() {
        // Given
        reader.root("c-1", 5L).spent("c-1", "c-1", 3L).spent("c-1", "c-1", 3L).spent("c-1", "c-1", 3L);

        // When
        TreeHistory.Messages messages = find("c-1").messages().orElseThrow();

        // Then
        assertThat(messages.exhaustedAt()).contains(messages.points().get(1).at());
        assertThat(messages.points().get(1).spentMicros()).isEqualTo(6);
    }

    @Test
    void shouldNotSayWhenATreeWithinItsLimitHasReachedOne() {
        // Given
        reader.root("c-1", 7L).spent("c-1", "c-1", 6L);

        // Then
        assertThat(find("c-1").messages().orElseThrow().exhaustedAt()).isEmpty();
    }

    @Test
    void shouldTellOfNoMessagesWhileTheRootIsNotKnown() {
        // Given
        reader.unresolved("c-21", "c-20").parked("c-21", 700);

        // When
        TreeHistory history = find("c-21");

        // Then
        assertThat(history.messages().orElseThrow().points()).isEmpty();
        assertThat(history.messages().orElseThrow().latest()).isEmpty();
    }

    @Test
    void shouldKnowNothingOfAChatNeverHeardOf() {
        assertThat(histories.find("c-99").await()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lineage c-7", "tree c-1", "messages c-1"})
    void shouldSayWhichReadKeepsItFromAnswering(String read) {
        // Given
        reader.root("c-1", 5L)
                .child("c-7", "c-1", "c-1")
                .spent("c-1", "c-7", 1L)
                .unreadable(read, DegradedReason.REBALANCING);

        // When
        Future<Optional<TreeHistory>> found = histories.find("c-7");
        Throwable failure =
                found.transform(ended -> Future.succeededFuture(ended.cause())).await();

        // Then
        assertThat(failure).isInstanceOf(UnavailableException.class).hasMessage("rebalancing");
    }

    private TreeHistory find(String chatId) {
        return histories.find(chatId).await().orElseThrow();
    }
}
