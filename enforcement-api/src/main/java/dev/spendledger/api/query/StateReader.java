package dev.spendledger.api.query;

import dev.spendledger.api.query.Reading.Answered;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerStore;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** Reads the rows that this instance has, in their bytes. May block: called on a worker thread. */
public interface StateReader {

    /** How many partitions the stores have. */
    int partitions();

    /** Whether this instance surely owns a partition; one that it has just been given may not be sure yet. */
    boolean owns(LedgerStore<?, ?> store, int partition);

    /**
     * Rows of one partition of a store.
     *
     * @param orCopy whether the rows of a copy will do where this instance is not the owner; never the owner's word,
     *     however new they are
     */
    Reading<List<StoredRow>> rows(LedgerStore<?, ?> store, int partition, RowRange range, boolean orCopy);

    /**
     * A tree of a partition that this instance owns, its word as good as an owner's can be; empty = it is not that, or has no
     * such tree.
     */
    Optional<Answered<TreeSpend>> ownTree(int partition, String rootChatId);

    /** The same, if the tree is in memory. Reads no store. */
    Optional<Answered<TreeSpend>> ownTreeInMemory(int partition, String rootChatId);

    /** What an account of a partition that this instance owns has spent, as {@link #ownTree} says it of a tree. */
    Optional<Answered<Totals>> ownAccount(int partition, String accountId, LocalDate first, LocalDate next);

    /** The same, if it is in memory. Reads no store. */
    Optional<Answered<Totals>> ownAccountInMemory(int partition, String accountId, LocalDate first, LocalDate next);

    /** The time up to which all of a partition is folded and committed; empty = it is not this instance's, or not known. */
    Optional<Instant> committedAsOf(LedgerStore<?, ?> store, int partition);

    /** A row in its bytes, whatever they are. */
    record StoredRow(byte[] key, byte[] value) {}
}
