package dev.spendledger.api.http;

import dev.spendledger.api.http.OverviewReplies.TreesReply;
import dev.spendledger.api.http.Replies.Terms;
import dev.spendledger.api.http.Replies.TreeReply;
import dev.spendledger.api.query.LedgerReader;
import dev.spendledger.api.query.RankedTree;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.TopTrees;
import dev.spendledger.api.query.TreeOrder;
import dev.spendledger.streams.domain.Freeze;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.domain.TreeSpend;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The trees as event streams show them: those that spend fastest, and a single one. */
public final class LiveTrees {
    private static final int MOST = 50;

    private final Vertx vertx;
    private final TopTrees topTrees;
    private final LedgerReader reader;
    private final Function<String, Optional<Freeze>> freezes;
    private final String currency;
    private final Thresholds thresholds;
    private final Clock clock;

    /**
     * @param freezes the freeze of the tree of a root; empty = it is not frozen
     * @param currency the currency of all amounts, as shown
     * @param thresholds of the limits, as they are shown to be passed
     */
    public LiveTrees(
            Vertx vertx,
            TopTrees topTrees,
            LedgerReader reader,
            Function<String, Optional<Freeze>> freezes,
            String currency,
            Thresholds thresholds,
            Clock clock) {
        this.vertx = vertx;
        this.topTrees = topTrees;
        this.reader = reader;
        this.freezes = freezes;
        this.currency = currency;
        this.thresholds = thresholds;
        this.clock = clock;
    }

    /** What streams may show of them. */
    public List<LiveSource> sources() {
        return List.of(new Fastest(), new One());
    }

    private Terms terms() {
        return new Terms(currency, thresholds, clock.instant());
    }

    private final class Fastest implements LiveSource {
        @Override
        public String kind() {
            return "trees";
        }

        @Override
        public boolean isOfOneTree() {
            return false;
        }

        @Override
        public long periodMs() {
            return 1_000;
        }

        @Override
        public Future<Optional<Object>> look(Optional<String> rootChatId) {
            return topTrees.top(TreeOrder.RATE, MOST)
                    .map(top -> Optional.of(TreesReply.of(TreeOrder.RATE, top, freezes, terms())));
        }
    }

    private final class One implements LiveSource {
        @Override
        public String kind() {
            return "tree";
        }

        @Override
        public boolean isOfOneTree() {
            return true;
        }

        @Override
        public long periodMs() {
            return 250;
        }

        /** Only a fresh owner's word: by any other the tree would seem to shrink now and then. */
        @Override
        public Future<Optional<Object>> look(Optional<String> rootChatId) {
            String root = rootChatId.orElseThrow();
            Optional<Reading.Answered<TreeSpend>> inMemory = reader.treeInMemory(root);
            return (inMemory.isPresent()
                            ? Future.succeededFuture(inMemory.get().value())
                            // It may read a store.
                            : vertx.executeBlocking(() -> reader.tree(root), false)
                                    .compose(reading -> reading)
                                    .map(One::fresh))
                    .map(found -> found.map(tree -> TreeReply.of(
                            new RankedTree(root, tree), freezes.apply(root).isPresent(), terms())));
        }

        private static Optional<TreeSpend> fresh(Reading<TreeSpend> reading) {
            return reading instanceof Reading.Answered<TreeSpend> answered
                            && answered.freshness().doubt().isEmpty()
                    ? answered.value()
                    : Optional.empty();
        }
    }
}
