package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.query.StateReader.StoredRow;
import dev.spendledger.api.query.TopTrees.Top;
import dev.spendledger.api.testing.SettableClock;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.Pace;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerStore;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The ranking of the whole ledger, out of what its instances say. */
class TopTreesTest {
    private static final URI SELF = URI.create("http://127.0.0.1:1");
    private static final URI OTHER = URI.create("http://127.0.0.1:2");
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:30Z");

    private final Instances instances = new Instances();
    private final SettableClock clock = new SettableClock(NOW);
    private TopList own = TopList.EMPTY;
    private int asked;
    private final TopTrees trees = new TopTrees(
            order -> {
                asked++;
                return Future.succeededFuture(own);
            },
            instances,
            instances,
            3,
            clock);

    @Test
    void shouldRankTheTreesOfAllInstances() {
        // Given
        own = new TopList(List.of(tree("c-1", 5, 0), tree("c-2", 3, 0)), Set.of(0, 1));
        instances.owner(2, OTHER);
        instances.lists.put(OTHER, new TopList(List.of(tree("c-3", 4, 0)), Set.of(2)));

        // When
        Top top = trees.top(TreeOrder.SPENT, 2).await();

        // Then
        assertThat(roots(top)).containsExactly("c-1", "c-3");
        assertThat(top.incomplete()).isFalse();
    }

    @Test
    void shouldRankByWhatIsSpentInAMinuteNow() {
        // Given
        own = new TopList(
                List.of(tree("c-1", 9, 1), tree("c-2", 8, 3), tree("c-3", 7, 2), tree("c-4", 20, 0)), Set.of(0, 1, 2));

        // When
        Top top = trees.top(TreeOrder.RATE, 100).await();

        // Then
        assertThat(roots(top)).containsExactly("c-2", "c-3", "c-1", "c-4");
    }

    @Test
    void shouldRankTreesThatAreEqualByTheirIds() {
        // Given
        own = new TopList(List.of(tree("c-2", 1, 1), tree("c-1", 1, 1), tree("c-3", 1, 1)), Set.of(0, 1, 2));

        // When
        Top top = trees.top(TreeOrder.RATE, 100).await();

        // Then
        assertThat(roots(top)).containsExactly("c-1", "c-2", "c-3");
    }

    @Test
    void shouldSayThatItIsIncompleteWhereAnInstanceDoesNotAnswer() {
        // Given
        own = new TopList(List.of(tree("c-1", 5, 0)), Set.of(0, 1));
        instances.owner(2, OTHER);

        // When
        Top top = trees.top(TreeOrder.SPENT, 100).await();

        // Then
        assertThat(roots(top)).containsExactly("c-1");
        assertThat(top.incomplete()).isTrue();
    }

    @Test
    void shouldSayThatItIsIncompleteWhereNobodyOwnsAPartition() {
        // Given
        own = new TopList(List.of(), Set.of(0, 2));

        // When
        Top top = trees.top(TreeOrder.SPENT, 100).await();

        // Then
        assertThat(top.incomplete()).isTrue();
    }

    /** While a partition is handed on, two may have it. */
    @Test
    void shouldShowATreeThatTwoInstancesHaveOnce() {
        // Given
        own = new TopList(List.of(tree("c-1", 5, 0)), Set.of(0, 1, 2));
        instances.owner(2, OTHER);
        instances.lists.put(OTHER, new TopList(List.of(tree("c-1", 4, 0)), Set.of(2)));

        // When
        Top top = trees.top(TreeOrder.SPENT, 100).await();

        // Then
        assertThat(roots(top)).containsExactly("c-1");
    }

    @Test
    void shouldAskEachInstanceOnceASecondHoweverManyAsk() {
        // Given
        own = new TopList(List.of(), Set.of(0, 1));
        instances.owner(1, OTHER);
        instances.owner(2, OTHER);

        // When
        IntStream.range(0, 10).forEach(i -> trees.top(TreeOrder.SPENT, 1 + i).await());
        trees.top(TreeOrder.RATE, 100).await();
        clock.set(NOW.plusSeconds(1));
        trees.top(TreeOrder.SPENT, 100).await();

        // Then
        assertThat(asked).isEqualTo(3);
        assertThat(instances.asked).containsExactly(OTHER, OTHER, OTHER);
    }

    @Test
    void shouldHoldNoMoreThanTheGreatest() {
        // Given
        Greatest greatest = new Greatest(TreeOrder.SPENT, 3, NOW);

        // When
        IntStream.range(0, 1_000).map(i -> i * 7 % 1_000).forEach(i -> greatest.add(tree("c-" + i, i, 0)));

        // Then
        assertThat(greatest.list()).extracting(RankedTree::rootChatId).containsExactly("c-999", "c-998", "c-997");
    }

    private static List<String> roots(Top top) {
        return top.trees().stream().map(RankedTree::rootChatId).toList();
    }

    /** @param rate what it has spent in the minute that has begun */
    static RankedTree tree(String rootChatId, long spent, long rate) {
        return new RankedTree(
                rootChatId,
                new TreeSpend(
                        "a-1",
                        new Totals(BigInteger.valueOf(spent), 1, 0),
                        new Limit(null, Limit.AS_CREATED),
                        1,
                        Pace.NONE.plus(NOW, BigInteger.valueOf(rate), 0),
                        Thresholds.NONE_PASSED));
    }

    /** Other instances. */
    private static final class Instances implements Placement, Peers {
        private final Map<Integer, URI> owners = new HashMap<>();
        private final Map<URI, TopList> lists = new HashMap<>();
        private final List<URI> asked = new ArrayList<>();

        void owner(int partition, URI owner) {
            owners.put(partition, owner);
        }

        @Override
        public Holders of(LedgerStore<?, ?> store, int partition) {
            return new Holders(Optional.of(owners.getOrDefault(partition, SELF)), Set.of());
        }

        @Override
        public Set<URI> instances() {
            return Set.of(SELF);
        }

        @Override
        public URI self() {
            return SELF;
        }

        @Override
        public void refresh() {
            // There is nothing to be found out.
        }

        @Override
        public Future<TopList> topTrees(URI instance, TreeOrder order) {
            asked.add(instance);
            return Future.succeededFuture(lists.getOrDefault(instance, TopList.EMPTY));
        }

        @Override
        public Future<Reading<List<StoredRow>>> rows(
                URI instance, LedgerStore<?, ?> store, int partition, RowRange range) {
            return Future.failedFuture("Nobody asks for that here.");
        }

        @Override
        public Future<Optional<Instant>> committedAsOf(URI instance, LedgerStore<?, ?> store, int partition) {
            return Future.failedFuture("Nobody asks for that here.");
        }
    }
}
