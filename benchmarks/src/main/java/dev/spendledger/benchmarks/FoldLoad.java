package dev.spendledger.benchmarks;

import dev.spendledger.demo.Cluster;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * A broker in this process and an instance in one of its own, which is stopped, given priced messages to catch up with, and
 * started again. A message is done once it is counted in its tree and in its account, and both are committed.
 *
 * <p>That is seen by the changelogs of the two stores that get one write for each message: {@code message-revisions} and
 * {@code account-spend}. A consumer reads them meanwhile; that costs the broker a little, and is in the figures.
 */
final class FoldLoad implements AutoCloseable {
    /** Those below its root. */
    static final int CHATS_PER_TREE = 10;

    /** As {@code demo} and {@code dev} have it. */
    static final int PARTITIONS = 4;

    private static final int INSTANCE = 1;
    private static final String KAFKA_SETTINGS = "LEDGER_KAFKA_";

    private final Cluster cluster;
    private final Ends ends;
    private final Keyed keyed;
    private final int trees;
    private final Facts facts;
    private CommittedRows rows;

    private FoldLoad(Cluster cluster, Ends ends, Keyed keyed, int trees) {
        this.cluster = cluster;
        this.ends = ends;
        this.keyed = keyed;
        this.trees = trees;
        this.facts = new Facts(cluster.bootstrapServers());
    }

    /**
     * Starts both on a folder in which nothing is.
     *
     * @param spread how many trees there are to be where they are spread
     */
    static FoldLoad start(Path dataDir, FoldVariant variant, int spread) throws Exception {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.keySet().removeIf(name -> name.startsWith("LEDGER_") && !name.startsWith(KAFKA_SETTINGS));
        environment.put("LEDGER_PARTITIONS", "" + PARTITIONS);
        environment.put("LEDGER_STANDBY_REPLICAS", "0");
        environment.putAll(variant.settings());
        Ends ends = new Ends();
        Cluster cluster = Cluster.start(environment, OptionalInt.of(0), INSTANCE, dataDir, ends);
        return new FoldLoad(cluster, ends, variant.keyed(), variant.trees(spread));
    }

    /** Creates the trees, and waits until every chat is a member of its tree. */
    void prepare() throws InterruptedException, TimeoutException {
        int chats = trees * CHATS_PER_TREE;
        facts.trees(0, trees);
        facts.chats(0, chats, trees);
        try (CommittedRows members = rows(List.of(LedgerTopology.SPEND_BY_CHAT))) {
            Wait.until("all chats are members", ends, () -> members.least() >= trees + chats);
        }
        rows = rows(List.of(LedgerTopology.MESSAGE_REVISIONS, LedgerTopology.ACCOUNT_SPEND));
    }

    private CommittedRows rows(List<LedgerStore<?, ?>> stores) {
        return new CommittedRows(cluster.bootstrapServers(), PARTITIONS, stores);
    }

    /**
     * Has the instance fold so many new messages for each run, of all runs one after the other, from its start. It runs
     * afterwards.
     *
     * @param watchers how many watch it
     * @param watched in which of the runs, from 0 on
     * @param done hears of each run
     */
    void run(int events, int runs, int watchers, IntPredicate watched, Consumer<Pace> done)
            throws IOException, InterruptedException, TimeoutException {
        cluster.stop(INSTANCE);
        facts.messages(0, events * runs, trees, trees * CHATS_PER_TREE, keyed);
        cluster.start(INSTANCE);
        for (int run = 0; run < runs; run++) {
            if (watched.test(run)) {
                runWatched(run, events, watchers, done);
            } else {
                run(run, events, done);
            }
        }
    }

    private void runWatched(int run, int events, int watchers, Consumer<Pace> done)
            throws IOException, InterruptedException, TimeoutException {
        try (Watchers watching = Watchers.open(cluster.urls().get(0), Facts.rootId(0), watchers)) {
            run(run, events, done);
            Wait.until("the event streams have shown something", ends, () -> watching.events() >= watchers);
        }
    }

    private void run(int run, int events, Consumer<Pace> done) throws InterruptedException, TimeoutException {
        long before = (long) run * events;
        Pace pace = Pace.start(events);
        Wait.until("all messages are folded", ends, () -> {
            pace.look(rows.least() - before);
            return pace.isDone();
        });
        done.accept(pace);
    }

    @Override
    public void close() {
        try (cluster;
                facts) {
            if (rows != null) {
                rows.close();
            }
        }
    }
}
