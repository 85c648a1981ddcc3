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
 * partition up to {@value #SCANNED_MOST} rows. Thread-safe.
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
            part.top(order, now).ifPresent(trees -> {
                trees.forEach(greatest::add);
                if (part.scan.succeeded()) {
                    whole.add(part.partition);
                }
            });
        }
        return new TopList(greatest.list(), whole);
    }

    private Optional<Part> part(int partition) {
        return memory.trees(partition)
                .filter(rows -> state.owns(STORE, partition))
                .map(rows -> parts.compute(
                        partition,
                        (same, known) ->
                                known != null && known.isStill(rows) ? known.asked() : new Part(partition, rows)));
    }

    /** A partition since it was opened. */
    private final class Part {
        private final int partition;
        private final RecentRows<String, TreeSpend> rows;
        private volatile Instant askedAt = clock.instant();
        private final Future<Void> scan;
        /** The roots of the trees that were greatest last: asked for again each time, so that none of them is an old row. */
        private final Set<String> roots = new HashSet<>();

        private final Map<TreeOrder, List<RankedTree>> tops = new EnumMap<>(TreeOrder.class);
        private Instant workedOutAt = Instant.MIN;

        Part(int partition, RecentRows<String, TreeSpend> rows) {
            this.partition = partition;
            this.rows = rows;
            this.scan = scans.<Void>executeBlocking(() -> {
                        goThroughStore();
                        return null;
                    })
                    .onFailure(failure -> log.warn(
                            "The trees of a partition cannot be gone through. It is tried again when somebody asks. partition={}",
                            partition,
                            failure));
        }

        boolean isStill(RecentRows<String, TreeSpend> opened) {
            return rows == opened
                    && !scan.failed()
                    && askedAt.plus(SCANNED_AGAIN_AFTER).isAfter(clock.instant());
        }

        Part asked() {
            askedAt = clock.instant();
            return this;
        }

        private void goThroughStore() {
            Map<TreeOrder, Greatest> greatest = none(askedAt);
            byte[] from = {};
            for (int left = SCANNED_MOST; left > 0; ) {
                Reading<List<StoredRow>> reading =
                        state.rows(STORE, partition, RowRange.from(from, Math.min(left, SCANNED_AT_ONCE)), false);
                if (reading instanceof Reading.Unavailable<List<StoredRow>> unavailable) {
                    throw new InvalidStateStoreException(unavailable.reason().code());
                }
                List<StoredRow> found =
                        ((Reading.Answered<List<StoredRow>>) reading).value().orElseThrow();
                found.forEach(row ->
                        tree(row).ifPresent(tree -> greatest.values().forEach(each -> each.add(tree))));
                if (found.size() < SCANNED_AT_ONCE) {
                    break;
                }
                left -= found.size();
                from = RowRange.successor(found.get(found.size() - 1).key());
            }
            remember(greatest);
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
            roots.removeIf(root -> rows.ifHeld(root).isPresent());
            roots.forEach(root -> add(greatest, root, rows.get(root)));
            rows.forEachHeld((root, tree) -> {
                if (!roots.contains(root)) {
                    add(greatest, root, tree);
                }
            });
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
