package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.query.Reading.Answered;
import dev.spendledger.api.query.Reading.Unavailable;
import dev.spendledger.api.query.StateReader.StoredRow;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import io.vertx.core.Future;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who is asked, in which order, and whose word is taken. */
@Tag("P07")
class RoutedReaderTest {
    private static final URI SELF = URI.create("http://127.0.0.1:1");
    private static final URI OTHER = URI.create("http://127.0.0.1:2");
    private static final URI THIRD = URI.create("http://127.0.0.1:3");
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Freshness FRESH = new Freshness(NOW, 2, Optional.empty());
    private static final TreeSpend TREE = TreeSpend.opened(new ChatFact("c-1", null, "a-1", 5L, Instant.EPOCH));

    private final Cluster cluster = new Cluster();
    private Runnable whilePaused = () -> {};
    private int pauses;
    private final RoutedReader reader = new RoutedReader(cluster, cluster, cluster, () -> {
        pauses++;
        whilePaused.run();
        return Future.succeededFuture();
    });

    @Test
    void shouldReadHereWhatIsItsOwnAndAskNobody() {
        // Given
        cluster.owner = Optional.of(OTHER);
        cluster.ownsSurely = true;
        cluster.has(SELF, ServedBy.OWNER, FRESH, TREE);

        // Then
        assertThat(tree()).isEqualTo(new Answered<>(Optional.of(TREE), ServedBy.OWNER, FRESH));
        assertThat(cluster.asked).containsExactly(SELF);
    }

    @Test
    void shouldTakeATreeThatItHasInMemoryAndReadNothing() {
        // Given
        cluster.ownsSurely = true;
        cluster.inMemory = TREE;

        // Then
        assertThat(tree()).isEqualTo(new Answered<>(Optional.of(TREE), ServedBy.OWNER, FRESH));
        assertThat(reader.treeInMemory("c-1")).contains(new Answered<>(Optional.of(TREE), ServedBy.OWNER, FRESH));
        assertThat(cluster.asked).isEmpty();
    }

    @Test
    void shouldAskTheOwnerAndNobodyElse() {
        // Given
        cluster.owner = Optional.of(OTHER);
        cluster.copies = Set.of(SELF, THIRD);
        cluster.has(OTHER, ServedBy.OWNER, FRESH, TREE);

        // Then
        assertThat(tree()).isEqualTo(new Answered<>(Optional.of(TREE), ServedBy.PEER, FRESH));
        assertThat(cluster.asked).containsExactly(OTHER);
    }

    @Test
    void shouldTakeAFreshOwnersWordThatThereIsNoSuchRow() {
        // Given
        cluster.owner = Optional.of(OTHER);
        cluster.has(OTHER, ServedBy.OWNER, FRESH, null);

        // Then
        assertThat(tree()).isEqualTo(new Answered<>(Optional.empty(), ServedBy.PEER, FRESH));
    }

    @Test
    void shouldLookOnceMoreWhoTheOwnerIs() {
        // Given
        cluster.owner = Optional.of(OTHER);
        cluster.ownerNext = Optional.of(THIRD);
        cluster.has(THIRD, ServedBy.OWNER, FRESH, TREE);

        // Then
        assertThat(tree()).isEqualTo(new Answered<>(Optional.of(TREE), ServedBy.PEER, FRESH));
        assertThat(cluster.asked).containsExactly(OTHER, THIRD);
    }

    @Test
    void shouldTakeTheNewestCopyMarkedWithWhyTheOwnerDoesNotAnswer() {
        // Given
        cluster.owner = Optional.of(OTHER);
        cluster.copies = Set.of(SELF, THIRD);
        cluster.has(SELF, ServedBy.STANDBY, copy(NOW.minusSeconds(9), DegradedReason.REBALANCING), TREE);
        cluster.has(THIRD, ServedBy.STANDBY, copy(NOW.minusSeconds(3), DegradedReason.REBALANCING), TREE);

        // Then
        assertThat(tree())
                .isEqualTo(new Answered<>(
                        Optional.of(TREE),
                        ServedBy.STANDBY,
                        copy(NOW.minusSeconds(3), DegradedReason.OWNER_UNREACHABLE)));
        assertThat(cluster.asked).containsExactly(OTHER, SELF, THIRD);
    }

    /** Cut off from the broker it does not hear that it is the owner no more. */
    @Test
    void shouldTakeAFreshOwnersWordAboveThatOfAStaleOne() {
        // Given
        cluster.owner = Optional.of(SELF);
        cluster.ownsSurely = true;
        cluster.copies = Set.of(OTHER);
        cluster.has(SELF, ServedBy.OWNER, copy(NOW.plusSeconds(1), DegradedReason.STALE_OWNER), TREE);
        cluster.has(OTHER, ServedBy.OWNER, FRESH, TREE);

        // Then
        assertThat(tree()).isEqualTo(new Answered<>(Optional.of(TREE), ServedBy.PEER, FRESH));
    }

    @Test
    void shouldTakeAStaleOwnersWordMarkedWhereThereIsNoOther() {
        // Given
        Freshness stale = copy(NOW.minusSeconds(9), DegradedReason.STALE_OWNER);
        cluster.owner = Optional.of(SELF);
        cluster.has(SELF, ServedBy.OWNER, stale, TREE);

        // Then
        assertThat(tree()).isEqualTo(new Answered<>(Optional.of(TREE), ServedBy.OWNER, stale));
    }

    @Test
    void shouldNotTakeACopysWordThatThereIsNoSuchRow() {
        // Given
        cluster.owner = Optional.of(OTHER);
        cluster.has(SELF, ServedBy.STANDBY, copy(NOW, DegradedReason.REBALANCING), null);

        // Then
        assertThat(tree()).isEqualTo(new Unavailable<>(DegradedReason.OWNER_UNREACHABLE));
    }

    /** It may still be on its way from an empty folder: then it has no sum to be judged by, but a chat's root is its root. */
    @Test
    void shouldTakeOfACopyOfUnknownAgeOnlyWhatIsSoForEver() {
        // Given
        cluster.owner = Optional.of(OTHER);
        cluster.has(SELF, ServedBy.STANDBY, copy(Instant.EPOCH, DegradedReason.REBALANCING), TREE);
        Reading<TreeSpend> tree = tree();
        ChatSpend member = ChatSpend.joined(null, "a-1");
        cluster.value = LedgerTopology.SPEND_BY_CHAT.toBytes(member);

        // Then
        assertThat(tree).isEqualTo(new Unavailable<>(DegradedReason.OWNER_UNREACHABLE));
        assertThat(reader.member("c-1", "c-1").await())
                .isEqualTo(new Answered<>(
                        Optional.of(member), ServedBy.STANDBY, copy(Instant.EPOCH, DegradedReason.OWNER_UNREACHABLE)));
    }

    @Test
    void shouldNotTakeAStaleOwnersWordThatThereIsNoSuchRow() {
        // Given
        cluster.owner = Optional.of(OTHER);
        cluster.has(OTHER, ServedBy.OWNER, copy(NOW, DegradedReason.CATCHING_UP), null);

        // Then
        assertThat(tree()).isEqualTo(new Unavailable<>(DegradedReason.CATCHING_UP));
    }

    @Test
    void shouldAskOnceMoreWhereAPartitionIsJustHandedOn() {
        // Given
        cluster.has(OTHER, ServedBy.OWNER, FRESH, TREE);
        whilePaused = () -> cluster.owner = Optional.of(OTHER);

        // Then
        assertThat(tree()).isEqualTo(new Answered<>(Optional.of(TREE), ServedBy.PEER, FRESH));
        assertThat(pauses).isEqualTo(1);
    }

    @Test
    void shouldNotWaitForAPartitionThatNobodyGets() {
        // Given
        cluster.owner = Optional.empty();

        // Then
        assertThat(tree()).isInstanceOf(Unavailable.class);
        assertThat(pauses).isEqualTo(2);
    }

    @Test
    void shouldSayWhyNobodyAnswers() {
        // Given
        cluster.owner = Optional.empty();

        // Then
        assertThat(tree()).isEqualTo(new Unavailable<>(DegradedReason.REBALANCING));
    }

    @Test
    void shouldNotTakeForARowWhatIsNone() {
        // Given
        cluster.owner = Optional.of(SELF);
        cluster.has(SELF, ServedBy.OWNER, FRESH, TREE);
        cluster.value = new byte[] {1, 2, 3};

        // Then
        assertThat(tree()).isEqualTo(new Unavailable<>(DegradedReason.STORE_ERROR));
    }

    private Reading<TreeSpend> tree() {
        return reader.tree("c-1").await();
    }

    private static Freshness copy(Instant asOf, DegradedReason reason) {
        return new Freshness(asOf, 9, Optional.of(reason));
    }

    /** Instances that have what a test gives them. Those that have nothing cannot be reached. */
    private static final class Cluster implements StateReader, Placement, Peers {
        private final Map<URI, Reading<List<StoredRow>>> readings = new HashMap<>();
        private final List<URI> asked = new ArrayList<>();
        private Optional<URI> owner = Optional.empty();
        private Optional<URI> ownerNext = Optional.empty();
        private Set<URI> copies = Set.of();
        private boolean ownsSurely;
        private TreeSpend inMemory;
        private byte[] value;

        void has(URI instance, ServedBy servedBy, Freshness freshness, TreeSpend tree) {
            readings.put(
                    instance,
                    new Answered<>(
                            Optional.of(tree == null ? List.of() : List.of(new StoredRow(new byte[0], new byte[0]))),
                            servedBy,
                            freshness));
            value = tree == null ? null : LedgerTopology.SPEND_BY_ROOT.toBytes(tree);
        }

        private Reading<List<StoredRow>> answer(URI instance, DegradedReason otherwise) {
            asked.add(instance);
            Reading<List<StoredRow>> reading = readings.getOrDefault(instance, new Unavailable<>(otherwise));
            if (reading instanceof Answered<List<StoredRow>> answered
                    && !answered.value().orElseThrow().isEmpty()) {
                byte[] key = "c-1".getBytes(StandardCharsets.UTF_8);
                return new Answered<>(
                        Optional.of(List.of(new StoredRow(key, value))), answered.servedBy(), answered.freshness());
            }
            return reading;
        }

        @Override
        public int partitions() {
            return 1;
        }

        @Override
        public boolean owns(LedgerStore<?, ?> store, int partition) {
            return ownsSurely;
        }

        @Override
        public Optional<Answered<TreeSpend>> ownTree(int partition, String rootChatId) {
            return ownTreeInMemory(partition, rootChatId);
        }

        @Override
        public Optional<Answered<TreeSpend>> ownTreeInMemory(int partition, String rootChatId) {
            return Optional.ofNullable(inMemory).map(tree -> new Answered<>(Optional.of(tree), ServedBy.OWNER, FRESH));
        }

        @Override
        public Optional<Answered<Totals>> ownAccount(int partition, String accountId, LocalDate first, LocalDate next) {
            return Optional.empty();
        }

        @Override
        public Optional<Answered<Totals>> ownAccountInMemory(
                int partition, String accountId, LocalDate first, LocalDate next) {
            return Optional.empty();
        }

        @Override
        public Reading<List<StoredRow>> rows(LedgerStore<?, ?> store, int partition, RowRange range, boolean orCopy) {
            return answer(SELF, DegradedReason.REBALANCING);
        }

        @Override
        public Future<Reading<List<StoredRow>>> rows(
                URI instance, LedgerStore<?, ?> store, int partition, RowRange range) {
            return Future.succeededFuture(answer(instance, DegradedReason.OWNER_UNREACHABLE));
        }

        @Override
        public Optional<Instant> committedAsOf(LedgerStore<?, ?> store, int partition) {
            return Optional.empty();
        }

        @Override
        public Future<TopList> topTrees(URI instance, TreeOrder order) {
            return Future.failedFuture("Nobody asks for that here.");
        }

        @Override
        public Future<Optional<Instant>> committedAsOf(URI instance, LedgerStore<?, ?> store, int partition) {
            return Future.succeededFuture(Optional.empty());
        }

        @Override
        public Holders of(LedgerStore<?, ?> store, int partition) {
            return new Holders(owner, copies);
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
            owner = ownerNext.or(() -> owner);
        }
    }
}
