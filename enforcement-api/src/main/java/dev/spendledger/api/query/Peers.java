package dev.spendledger.api.query;

import dev.spendledger.api.query.StateReader.StoredRow;
import dev.spendledger.streams.topology.LedgerStore;
import io.vertx.core.Future;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Asks other instances for rows that they have. */
public interface Peers {

    /**
     * Rows of one partition of a store, as {@link StateReader#rows} of that instance reads them, of a copy as well; it asks nobody else. The
     * future fails for bugs only: an instance that cannot be reached, or does not answer in time, is a
     * {@link Reading.Unavailable}. Where there are many rows it completes on a worker thread.
     */
    Future<Reading<List<StoredRow>>> rows(URI instance, LedgerStore<?, ?> store, int partition, RowRange range);

    /** What {@link OwnTopTrees#top} of that instance says; {@link TopList#EMPTY nothing} where it does not answer. */
    Future<TopList> topTrees(URI instance, TreeOrder order);

    /** What {@link StateReader#committedAsOf} of that instance says; empty also where it does not answer. */
    Future<Optional<Instant>> committedAsOf(URI instance, LedgerStore<?, ?> store, int partition);
}
