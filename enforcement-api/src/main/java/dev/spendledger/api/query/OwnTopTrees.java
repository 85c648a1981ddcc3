package dev.spendledger.api.query;

import dev.spendledger.api.query.StateReader.StoredRow;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import dev.spendledger.streams.topology.RecentRows;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The greatest trees of the partitions that this instance owns. What is spent now is in the fold's memory; what was spent
 * long ago is found by going through the store, which is done only once somebody asks, by one thread of its own, and for each
 * partition up to {@value #SCANNED_MOST} rows: one that has more is never told of as whole. Thread-safe.
 */
public final class OwnTopTrees {
    /** How many trees are ranked. */
    public static final int MOST = 100;

    private static final int SCANNED_MOST = 200_000;
    private static final int SCANNED_AT_ONCE = 1_000;
    /** When nobody has asked for so long, a tree may have become great and left the memory: the store is gone through again. */
    private static final Duration SCANNED_AGAIN_AFTER = Duration.ofMinutes(10);

    private static final Duration KEPT = Duration.ofSeconds(1);
    private static final LedgerStore<?, TreeSpend> STORE = LedgerTopology.SPEND_BY_ROOT;

    private static final Logger log = LoggerFactory.getLogger(OwnTopTrees.class);

    private final StateReader state;
    private final OwnMemory memory;
    private final Vertx vertx;
    private final WorkerExecutor scans;
    private final Clock clock;
    private final Duration scanWait;
    private final Map<Integer, Part> parts = new ConcurrentHashMap<>();

    /** @param scanWait how long an answer may wait for partitions that are being gone through */
    public OwnTopTrees(StateReader state, OwnMemory memory, Vertx vertx, Clock clock, Duration scanWait) {
        this.state = state;
        this.memory = memory;
        this.vertx = vertx;
        this.scans = vertx.createSharedWorkerExecutor("ledger-top-trees", 1);
        this.clock = clock;
        this.scanWait = scanWait;
    }

    /** The greatest trees, {@value #MOST} at most, of the partitions that this instance owns. */
    public Future<TopList> top(TreeOrder order) {
        List<Part> own = IntStream.range(0, state.partitions())
                .mapToObj(this::part)
                .flatMap(Optional::stream)
                .toList();
        return Future.join(own.stream().map(part -> part.scan).toList())
                .mapEmpty()
                .timeout(scanWait.toMillis(), TimeUnit.MILLISECONDS)
                .otherwiseEmpty() // What is gone through by then counts.
                .compose(waited -> vertx.executeBlocking(() -> top(order, own), false));
    }

    private TopList top(TreeOrder order, List<Part> own) {
        Instant now = clock.instant();
        Greatest greatest = new Greatest(order, MOST, now);
        Set<Integer> whole = new HashSet<>();
        for (Part part : own) {
            boolean isWhole = part.isWhole(); // Before: it may become so while it is looked at.
            part.top(order, now).ifPresent(trees -> {
                trees.forEach(greatest::add);
                if (isWhole) {
                    whole.add(part.partition);
                }
            });
        }
        return new TopList(greatest.list(), whole);
    }

    private Optional<Part> part(int partition) {
        Optional<RecentRows<String, TreeSpend>> opened =
                memory.trees(partition).filter(rows -> state.owns(STORE, partition));
        return Optional.ofNullable(parts.compute(
                partition,
                (same, known) -> opened.map(rows ->
                                (known != null && known.rows == rows ? known : new Part(partition, rows)).asked())
                        .orElse(null)));
    }

    /** A partition since it was opened. */
    private final class Part {
        private final int partition;
        private final RecentRows<String, TreeSpend> rows;
        private Instant askedAt = Instant.MIN;
        /** Whether it has come to the end of the store. */
        private volatile Future<Boolean> scan = Future.succeededFuture(false);
        /** The roots of the trees that were greatest last: asked for again each time, so that none of them is an old row. */
        private final Set<String> roots = new HashSet<>();

        private final Map<TreeOrder, List<RankedTree>> tops = new EnumMap<>(TreeOrder.class);
        private Instant workedOutAt = Instant.MIN;

        Part(int partition, RecentRows<String, TreeSpend> rows) {
            this.partition = partition;
            this.rows = rows;
        }

        /** Where the store is gone through again, what is known of it already stays. One thread at a time. */
        Part asked() {
            Instant now = clock.instant();
            if (scan.failed() || !askedAt.isAfter(now.minus(SCANNED_AGAIN_AFTER))) {
                scan = scans.executeBlocking(this::goThroughStore)
                        .onFailure(failure -> log.warn(
                                "The trees of a partition cannot be gone through. It is tried again when somebody asks. partition={}",
                                partition,
                                failure));
            }
            askedAt = now;
            return this;
        }

        boolean isWhole() {
            Future<Boolean> last = scan;
            return last.succeeded() && last.result();
        }

        /** Whether it has come to the end. */
        private boolean goThroughStore() {
            Map<TreeOrder, Greatest> greatest = none(clock.instant());
            byte[] from = {};
            List<StoredRow> found;
            int read = 0;
            do {
                Reading<List<StoredRow>> reading =
                        state.rows(STORE, partition, RowRange.from(from, SCANNED_AT_ONCE), false);
                if (reading instanceof Reading.Unavailable<List<StoredRow>> unavailable) {
                    throw new InvalidStateStoreException(unavailable.reason().code());
                }
                found = ((Reading.Answered<List<StoredRow>>) reading).value().orElseThrow();
                found.forEach(row ->
                        tree(row).ifPresent(tree -> greatest.values().forEach(each -> each.add(tree))));
                if (!found.isEmpty()) {
                    from = RowRange.successor(found.get(found.size() - 1).key());
                }
                read += found.size();
            } while (found.size() == SCANNED_AT_ONCE && read < SCANNED_MOST);
            remember(greatest);
            return found.size() < SCANNED_AT_ONCE;
        }

        private void add(Map<TreeOrder, Greatest> greatest, String root, TreeSpend tree) {
            RankedTree ranked = new RankedTree(root, tree);
            greatest.values().forEach(each -> each.add(ranked));
        }

        private Map<TreeOrder, Greatest> none(Instant now) {
            Map<TreeOrder, Greatest> greatest = new EnumMap<>(TreeOrder.class);
            for (TreeOrder order : TreeOrder.values()) {
                greatest.put(order, new Greatest(order, MOST, now));
            }
            return greatest;
        }

        private synchronized void remember(Map<TreeOrder, Greatest> greatest) {
            greatest.values().forEach(each -> each.list().forEach(tree -> roots.add(tree.rootChatId())));
            workedOutAt = Instant.MIN;
        }

        /** Empty = the partition has gone. */
        synchronized Optional<List<RankedTree>> top(TreeOrder order, Instant now) {
            if (workedOutAt.plus(KEPT).isBefore(now)) {
                try {
                    workOut(now);
                } catch (InvalidStateStoreException e) {
                    return Optional.empty();
                }
            }
            return state.owns(STORE, partition) ? Optional.of(tops.get(order)) : Optional.empty();
        }

        private void workOut(Instant now) {
            Map<TreeOrder, Greatest> greatest = none(now);
            Set<String> left = new HashSet<>(roots);
            rows.forEachHeld((root, tree) -> {
                left.remove(root);
                add(greatest, root, tree);
            });
            // Behind those in memory, so that none is lost that leaves it meanwhile.
            left.forEach(root -> add(greatest, root, rows.get(root)));
            roots.clear();
            greatest.forEach((order, each) -> tops.put(order, each.list()));
            tops.values().forEach(top -> top.forEach(tree -> roots.add(tree.rootChatId())));
            workedOutAt = now;
        }
    }

    private static Optional<RankedTree> tree(StoredRow row) {
        try {
            return Optional.of(
                    new RankedTree(new String(row.key(), StandardCharsets.UTF_8), STORE.valueOf(row.value())));
        } catch (SerializationException e) {
            log.warn("A row cannot be read. store={}", STORE.name(), e);
            return Optional.empty();
        }
    }
}
