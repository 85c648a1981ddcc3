package dev.spendledger.api.query;

import dev.spendledger.streams.topology.LedgerStore;
import java.util.List;

/** Reads the ledger's stores row by row, for tools that hold the state against the log. */
public interface StateReader {

    /** How many partitions the stores have. */
    int partitions();

    /**
     * Rows of one partition of a store, in the order of their keys, from its owner. May block: called on a worker thread.
     *
     * @param from the key to begin with, in its bytes; empty = the first
     * @param most how many at most
     */
    Reading<List<StoredRow>> rows(LedgerStore<?, ?> store, int partition, byte[] from, int most);

    /** A row in its bytes, whatever they are. */
    record StoredRow(byte[] key, byte[] value) {}
}
