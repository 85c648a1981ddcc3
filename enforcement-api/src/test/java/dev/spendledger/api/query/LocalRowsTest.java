package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerTopology;
import dev.spendledger.streams.topology.RecentRows;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.junit.jupiter.api.Test;

/** What this instance says of its own trees from memory, and when it does not. */
class LocalRowsTest {
    private static final TreeSpend TREE = TreeSpend.opened(new ChatFact("c-1", null, "a-1", 5L, Instant.EPOCH));
    private static final Freshness FRESH = new Freshness(Instant.EPOCH.plusSeconds(1), 2, Optional.empty());

    private final OwnMemory memory = new OwnMemory(1);
    private final FixedProgress progress = new FixedProgress();
    private final LocalRows rows = new LocalRows(null, memory, 1, progress, progress);

    private static final class FixedProgress implements Progress {
        private Freshness freshness = FRESH;
        private boolean owns = true;

        @Override
        public Freshness ofOwner(int partition) {
            return freshness;
        }

        @Override
        public Freshness ofCopy(int partition, DegradedReason reason) {
            return freshness.withDoubt(Optional.of(reason));
        }

        @Override
        public Optional<Instant> committedAsOf(int partition) {
            return Optional.empty();
        }

        @Override
        public boolean owns(int partition) {
            return owns;
        }
    }

    private void open(RecentRows<String, TreeSpend> trees) {
        memory.onTrees(0, trees);
    }

    private static RecentRows<String, TreeSpend> stored() {
        return new RecentRows<>(root -> root.equals("c-1") ? TREE : null, (root, tree) -> {}, 10);
    }

    @Test
    void shouldReadATreeOnceAndThenHaveItInMemory() {
        // Given
        open(stored());

        // When
        Optional<Reading.Answered<TreeSpend>> before = rows.ownTreeInMemory(0, "c-1");
        Optional<Reading.Answered<TreeSpend>> read = rows.ownTree(0, "c-1");

        // Then
        assertThat(before).isEmpty();
        assertThat(read).contains(new Reading.Answered<>(Optional.of(TREE), ServedBy.OWNER, FRESH));
        assertThat(rows.ownTreeInMemory(0, "c-1")).isEqualTo(read);
    }

    /** An owner that may be behind says so, with what its store has. */
    @Test
    void shouldSayNothingFromMemoryInDoubt() {
        // Given
        open(stored());
        rows.ownTree(0, "c-1");

        // When
        progress.freshness = FRESH.withDoubt(Optional.of(DegradedReason.STALE_OWNER));

        // Then
        assertThat(rows.ownTreeInMemory(0, "c-1")).isEmpty();
        assertThat(rows.ownTree(0, "c-1")).isEmpty();
    }

    @Test
    void shouldSayNothingOfAPartitionThatIsNotItsOwn() {
        // Given
        open(stored());
        rows.ownTree(0, "c-1");

        // When
        progress.owns = false;

        // Then
        assertThat(rows.ownTreeInMemory(0, "c-1")).isEmpty();
    }

    @Test
    void shouldForgetAPartitionThatIsClosed() {
        // Given
        open(stored());
        rows.ownTree(0, "c-1");

        // When
        memory.onClosed(LedgerTopology.SPEND_BY_ROOT, 0);

        // Then
        assertThat(rows.ownTreeInMemory(0, "c-1")).isEmpty();
        assertThat(rows.ownTree(0, "c-1")).isEmpty();
    }

    /** Then it is asked for in the usual way, which says why it cannot be read: a check has to be answered all the same. */
    @Test
    void shouldSayNothingWhereTheStoreCannotBeRead() {
        // Given
        open(new RecentRows<>(
                root -> {
                    throw new ProcessorStateException("a block is broken");
                },
                (root, tree) -> {},
                10));

        // When
        Optional<Reading.Answered<TreeSpend>> read = rows.ownTree(0, "c-1");

        // Then
        assertThat(read).isEmpty();
    }
}
