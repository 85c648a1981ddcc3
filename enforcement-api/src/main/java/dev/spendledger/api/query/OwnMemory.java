package dev.spendledger.api.query;

import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerObserver;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import dev.spendledger.streams.topology.RecentAccounts;
import dev.spendledger.streams.topology.RecentRows;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Where the fold keeps in memory what was last asked for or folded, of each partition that it has open. Thread-safe. */
public final class OwnMemory implements LedgerObserver {
    private final AtomicReferenceArray<RecentRows<String, TreeSpend>> trees;
    private final AtomicReferenceArray<RecentAccounts> accounts;

    public OwnMemory(int partitions) {
        this.trees = new AtomicReferenceArray<>(partitions);
        this.accounts = new AtomicReferenceArray<>(partitions);
    }

    @Override
    public void onTrees(int partition, RecentRows<String, TreeSpend> opened) {
        trees.set(partition, opened);
    }

    @Override
    public void onAccounts(int partition, RecentAccounts opened) {
        accounts.set(partition, opened);
    }

    @Override
    public void onClosed(LedgerStore<?, ?> store, int partition) {
        (store == LedgerTopology.ACCOUNT_SPEND ? accounts : trees).set(partition, null);
    }

    /** The trees of a partition, by their roots; empty = it is not open here. */
    Optional<RecentRows<String, TreeSpend>> trees(int partition) {
        return Optional.ofNullable(trees.get(partition));
    }

    /** The accounts of a partition; empty = it is not open here. */
    Optional<RecentAccounts> accounts(int partition) {
        return Optional.ofNullable(accounts.get(partition));
    }
}
