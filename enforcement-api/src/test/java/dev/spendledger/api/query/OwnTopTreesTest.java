package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.query.StateReader.StoredRow;
import dev.spendledger.api.testing.SettableClock;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import dev.spendledger.streams.topology.RecentRows;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ranking of the partitions that an instance owns, on stores in memory. */
class OwnTopTreesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:30Z");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(1);

    private final Vertx vertx = Vertx.vertx();
    private final OwnMemory memory = new OwnMemory(2);
    private final Stores stores = new Stores();
    private final SettableClock clock = new SettableClock(NOW);

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void shouldFindATreeThatIsInTheStoreOnly() {
        // Given
        stores.put(0, "c-1", 5);
        open(0);
        open(1);

        // When
        TopList top = top(LONG);

        // Then
        assertThat(top.trees()).extracting(RankedTree::rootChatId).containsExactly("c-1");
        assertThat(top.partitions()).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void shouldShowATreeAsTheFoldHasItInMemory() {
        // Given
        stores.put(0, "c-1", 5);
        RecentRows<String, TreeSpend> rows = open(0);
        OwnTopTrees trees = trees(LONG);
        trees.top(TreeOrder.SPENT).await();

        // When
        stores.put(0, "c-2", 7);
        rows.get("c-2");
        clock.set(NOW.plusSeconds(2));
        TopList top = trees.top(TreeOrder.SPENT).await();

        // Then
        assertThat(top.trees()).extracting(RankedTree::rootChatId).containsExactly("c-2", "c-1");
    }

    /** What was great stays asked for, however many others come. */
    @Test
    void shouldNotLoseAGreatTreeThatHasLeftTheMemory() {
        // Given
        stores.put(0, "great", 1_000);
        RecentRows<String, TreeSpend> rows = open(0);
        OwnTopTrees trees = trees(LONG);
        trees.top(TreeOrder.SPENT).await();

        // When
        IntStream.range(0, 500).forEach(i -> {
            stores.put(0, "c-" + i, 1);
            rows.get("c-" + i);
        });
        stores.put(0, "great", 2_000);
        clock.set(NOW.plusSeconds(2));
        RankedTree first = trees.top(TreeOrder.SPENT).await().trees().get(0);

        // Then
        assertThat(first.rootChatId()).isEqualTo("great");
    }

    @Test
    void shouldRankNoMoreThanAHundred() {
        // Given
        IntStream.range(0, 2_500).forEach(i -> stores.put(i % 2, "c-" + i, i));
        open(0);
        open(1);

        // When
        TopList top = top(LONG);

        // Then
        assertThat(top.trees()).hasSize(100);
        assertThat(top.trees().get(0).rootChatId()).isEqualTo("c-2499");
        assertThat(top.trees().get(99).rootChatId()).isEqualTo("c-2400");
    }

    @Test
    void shouldLeaveOutAPartitionThatIsNotItsOwn() {
        // Given
        stores.put(1, "c-1", 5);
        open(0);
        open(1);
        stores.own = Set.of(0);

        // When
        TopList top = top(LONG);

        // Then
        assertThat(top.trees()).isEmpty();
        assertThat(top.partitions()).containsExactly(0);
    }

    @Test
    void shouldAnswerFromMemoryWhileAStoreIsGoneThrough() {
        // Given
        CountDownLatch reading = new CountDownLatch(1);
        stores.pause = reading;
        stores.put(0, "c-1", 5);
        stores.put(0, "c-2", 7);
        open(0).get("c-2");
        OwnTopTrees trees = trees(SHORT);

        // When
        TopList meanwhile = trees.top(TreeOrder.SPENT).await();
        reading.countDown();

        // Then
        assertThat(meanwhile.trees()).extracting(RankedTree::rootChatId).containsExactly("c-2");
        assertThat(meanwhile.partitions()).isEmpty();
        await().untilAsserted(() -> {
            TopList later = trees.top(TreeOrder.SPENT).await();
            assertThat(later.trees()).extracting(RankedTree::rootChatId).containsExactly("c-2", "c-1");
            assertThat(later.partitions()).containsExactly(0);
        });
    }

    @Test
    void shouldGoThroughAStoreAgainThatCouldNotBeRead() {
        // Given
        stores.put(0, "c-1", 5);
        open(0);
        OwnTopTrees trees = trees(LONG);
        stores.unreadable = true;
        TopList unreadable = trees.top(TreeOrder.SPENT).await();

        // When
        stores.unreadable = false;
        TopList top = trees.top(TreeOrder.SPENT).await();

        // Then
        assertThat(unreadable.partitions()).isEmpty();
        assertThat(top.trees()).hasSize(1);
        assertThat(top.partitions()).containsExactly(0);
    }

    @Test
    void shouldGoThroughAStoreAgainWhereNobodyHasAskedForLong() {
        // Given
        open(0);
        OwnTopTrees trees = trees(LONG);
        trees.top(TreeOrder.SPENT).await();
        stores.put(0, "c-1", 5);
        clock.advance(Duration.ofMinutes(9));
        TopList before = trees.top(TreeOrder.SPENT).await();

        // When
        clock.advance(Duration.ofMinutes(11));
        TopList after = trees.top(TreeOrder.SPENT).await();

        // Then
        assertThat(before.trees()).isEmpty();
        assertThat(after.trees()).hasSize(1);
    }

    /** What was great stays great while the store is gone through again. */
    @Test
    void shouldShowWhatItHasFoundBeforeWhileAStoreIsGoneThroughAgain() {
        // Given
        IntStream.range(0, 100).forEach(i -> stores.put(0, "c-" + i, i));
        open(0);
        OwnTopTrees trees = trees(SHORT);
        await().untilAsserted(() ->
                assertThat(trees.top(TreeOrder.SPENT).await().partitions()).containsExactly(0));
        CountDownLatch reading = new CountDownLatch(1);
        stores.pause = reading;
        clock.advance(Duration.ofMinutes(11));

        // When
        TopList meanwhile = trees.top(TreeOrder.SPENT).await();
        reading.countDown();

        // Then
        assertThat(meanwhile.trees()).hasSize(100);
        assertThat(meanwhile.partitions()).isEmpty();
        await().untilAsserted(() ->
                assertThat(trees.top(TreeOrder.SPENT).await().partitions()).containsExactly(0));
    }

    @ParameterizedTest
    @CsvSource({"199999, true", "200001, false"})
    void shouldNotSayThatAPartitionIsWholeOfWhichItHasNotSeenTheEnd(int count, boolean whole) {
        // Given
        IntStream.range(0, count).forEach(i -> stores.put(0, "c-" + i, i));
        open(0);

        // When
        TopList top = top(LONG);

        // Then
        assertThat(top.trees()).hasSize(100);
        assertThat(top.partitions().contains(0)).isEqualTo(whole);
    }

    @Test
    void shouldKnowNothingMoreOfAPartitionThatHasMovedAway() {
        // Given
        open(0);
        OwnTopTrees trees = trees(LONG);
        trees.top(TreeOrder.SPENT).await();
        stores.own = Set.of(1);
        trees.top(TreeOrder.SPENT).await();

        // When
        stores.put(0, "c-1", 5);
        stores.own = Set.of(0, 1);
        TopList back = trees.top(TreeOrder.SPENT).await();

        // Then
        assertThat(back.trees()).hasSize(1);
    }

    /** The memory holds ten: while it is gone through, what is read for the ranking pushes others out of it. */
    @Test
    void shouldNotLoseAGreatTreeThatLeavesTheMemoryMeanwhile() {
        // Given
        IntStream.range(0, 100).forEach(i -> stores.put(0, "c-" + i, 1_000 + i));
        RecentRows<String, TreeSpend> rows = open(0);
        OwnTopTrees trees = trees(LONG);
        trees.top(TreeOrder.SPENT).await();
        IntStream.range(0, 10).forEach(i -> rows.get("c-" + i));

        // When
        clock.set(NOW.plusSeconds(2));
        TopList top = trees.top(TreeOrder.SPENT).await();

        // Then
        assertThat(top.trees()).hasSize(100);
    }

    @Test
    void shouldKnowNothingOfWhatItWasBeforeAPartitionWasOpenedAnew() {
        // Given
        stores.put(0, "c-1", 5);
        open(0);
        OwnTopTrees trees = trees(LONG);
        trees.top(TreeOrder.SPENT).await();

        // When
        stores.rows.get(0).clear();
        stores.put(0, "c-2", 3);
        open(0);
        TopList top = trees.top(TreeOrder.SPENT).await();

        // Then
        assertThat(top.trees()).extracting(RankedTree::rootChatId).containsExactly("c-2");
    }

    private TopList top(Duration scanWait) {
        return trees(scanWait).top(TreeOrder.SPENT).await();
    }

    private OwnTopTrees trees(Duration scanWait) {
        return new OwnTopTrees(stores, memory, vertx, clock, scanWait);
    }

    private RecentRows<String, TreeSpend> open(int partition) {
        RecentRows<String, TreeSpend> rows =
                new RecentRows<>(root -> stores.rows.get(partition).get(root), (root, tree) -> {}, 10);
        memory.onTrees(partition, rows);
        return rows;
    }

    /** Of two partitions. */
    private static final class Stores implements StateReader {
        private final List<NavigableMap<String, TreeSpend>> rows = List.of(new TreeMap<>(), new TreeMap<>());
        private Set<Integer> own = Set.of(0, 1);
        private volatile boolean unreadable;
        private volatile CountDownLatch pause = new CountDownLatch(0);

        void put(int partition, String rootChatId, long spent) {
            rows.get(partition)
                    .put(rootChatId, TopTreesTest.tree(rootChatId, spent, 0).tree());
        }

        @Override
        public int partitions() {
            return 2;
        }

        @Override
        public boolean owns(LedgerStore<?, ?> store, int partition) {
            return own.contains(partition);
        }

        @Override
        public Reading<List<StoredRow>> rows(LedgerStore<?, ?> store, int partition, RowRange range, boolean orCopy) {
            try {
                pause.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (unreadable) {
                return new Reading.Unavailable<>(DegradedReason.REBALANCING);
            }
            List<StoredRow> found =
                    rows.get(partition).tailMap(new String(range.from(), StandardCharsets.UTF_8)).entrySet().stream()
                            .limit(range.most())
                            .map(row -> new StoredRow(
                                    row.getKey().getBytes(StandardCharsets.UTF_8),
                                    LedgerTopology.SPEND_BY_ROOT.toBytes(row.getValue())))
                            .toList();
            return new Reading.Answered<>(
                    Optional.of(found), ServedBy.OWNER, new Freshness(Instant.EPOCH, 0, Optional.empty()));
        }

        @Override
        public Optional<Reading.Answered<TreeSpend>> ownTree(int partition, String rootChatId) {
            return Optional.empty();
        }

        @Override
        public Optional<Reading.Answered<TreeSpend>> ownTreeInMemory(int partition, String rootChatId) {
            return Optional.empty();
        }

        @Override
        public Optional<Reading.Answered<Totals>> ownAccount(
                int partition, String accountId, LocalDate first, LocalDate next) {
            return Optional.empty();
        }

        @Override
        public Optional<Reading.Answered<Totals>> ownAccountInMemory(
                int partition, String accountId, LocalDate first, LocalDate next) {
            return Optional.empty();
        }

        @Override
        public Optional<Instant> committedAsOf(LedgerStore<?, ?> store, int partition) {
            return Optional.empty();
        }
    }
}
