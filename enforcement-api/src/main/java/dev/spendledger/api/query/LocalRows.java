package dev.spendledger.api.query;

import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.StreamsNotStartedException;
import org.apache.kafka.streams.errors.StreamsStoppedException;
import org.apache.kafka.streams.errors.UnknownStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the partitions that this instance owns, strictly: the active store of exactly that partition, or nothing. By IQv1
 * with {@code withPartition}: without it a partition that has moved away reads as empty, and IQv2 deadlocks in Kafka 4.3.1.
 * What the fold keeps in memory of a partition that it has open stands for the row in its store.
 * The reads are dirty: what they show may not be committed yet, which for a limiter errs to the right side. Copies are read
 * only where the caller says so.
 */
public final class LocalRows implements StateReader {
    private static final Logger log = LoggerFactory.getLogger(LocalRows.class);

    private final LocalStores stores;
    private final OwnMemory memory;
    private final int partitions;
    private final Progress trees;
    private final Progress accounts;

    /**
     * @param memory what the fold of these partitions has in memory
     * @param partitions how many partitions the ledger's topics have
     * @param trees how far those of the trees have come
     * @param accounts how far those of the accounts have come
     */
    public LocalRows(LocalStores stores, OwnMemory memory, int partitions, Progress trees, Progress accounts) {
        this.stores = stores;
        this.memory = memory;
        this.partitions = partitions;
        this.trees = trees;
        this.accounts = accounts;
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public boolean owns(LedgerStore<?, ?> store, int partition) {
        return progress(store).owns(partition);
    }

    @Override
    public Reading<List<StoredRow>> rows(LedgerStore<?, ?> store, int partition, RowRange range, boolean orCopy) {
        Progress progress = progress(store);
        StoreQueryParameters<ReadOnlyKeyValueStore<Bytes, byte[]>> strictly = store.queryBytes(partition);
        Reading<List<StoredRow>> strict = read(strictly, partition, range, ServedBy.OWNER, progress.ofOwner(partition));
        // Asked behind the reading: what was emptied before it is not this instance's own any more.
        boolean owns = progress.owns(partition);
        if (owns && strict instanceof Reading.Answered) {
            return strict;
        }
        Reading.Unavailable<List<StoredRow>> unavailable = strict instanceof Reading.Unavailable<List<StoredRow>> known
                ? known
                : new Reading.Unavailable<>(DegradedReason.REBALANCING);
        if (owns) {
            Reading<List<StoredRow>> held =
                    read(strictly.enableStaleStores(), partition, range, ServedBy.OWNER, progress.ofOwner(partition));
            return held instanceof Reading.Answered && progress.owns(partition) ? held : unavailable;
        }
        if (orCopy) {
            Freshness freshness = progress.ofCopy(partition, unavailable.reason());
            Reading<List<StoredRow>> copy =
                    read(strictly.enableStaleStores(), partition, range, ServedBy.STANDBY, freshness);
            return copy instanceof Reading.Answered
                    ? copy
                    : handedOn(store, partition, range, freshness).orElse(copy);
        }
        return unavailable;
    }

    private Optional<Reading<List<StoredRow>>> handedOn(
            LedgerStore<?, ?> store, int partition, RowRange range, Freshness freshness) {
        try {
            return stores.held(store, partition)
                    .map(held -> new Reading.Answered<>(Optional.of(rows(held, range)), ServedBy.STANDBY, freshness));
        } catch (InvalidStateStoreException e) {
            return Optional.empty(); // Closed in this very moment.
        }
    }

    @Override
    public Optional<Reading.Answered<TreeSpend>> ownTree(int partition, String rootChatId) {
        return unlessItFails(() ->
                own(trees, partition, () -> memory.trees(partition).map(recent -> recent.get(rootChatId))));
    }

    @Override
    public Optional<Reading.Answered<TreeSpend>> ownTreeInMemory(int partition, String rootChatId) {
        return own(trees, partition, () -> memory.trees(partition).flatMap(recent -> recent.ifHeld(rootChatId)));
    }

    @Override
    public Optional<Reading.Answered<Totals>> ownAccount(
            int partition, String accountId, LocalDate first, LocalDate next) {
        return unlessItFails(() -> own(
                accounts,
                partition,
                () -> memory.accounts(partition).map(recent -> recent.spent(accountId, first, next))));
    }

    @Override
    public Optional<Reading.Answered<Totals>> ownAccountInMemory(
            int partition, String accountId, LocalDate first, LocalDate next) {
        return own(
                accounts,
                partition,
                () -> memory.accounts(partition).flatMap(recent -> recent.ifHeld(accountId, first, next)));
    }

    /** Then the rows themselves are read, which says why and logs it. */
    private static <T> Optional<T> unlessItFails(Supplier<Optional<T>> reading) {
        try {
            return reading.get();
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    private static <T> Optional<Reading.Answered<T>> own(
            Progress progress, int partition, Supplier<Optional<T>> reading) {
        Freshness freshness = progress.ofOwner(partition);
        if (freshness.doubt().isPresent()) {
            return Optional.empty();
        }
        return reading.get()
                // Asked behind the reading: what was given up before it is not this instance's own any more.
                .filter(read -> progress.owns(partition))
                .map(read -> new Reading.Answered<>(Optional.of(read), ServedBy.OWNER, freshness));
    }

    @Override
    public Optional<Instant> committedAsOf(LedgerStore<?, ?> store, int partition) {
        return progress(store).committedAsOf(partition);
    }

    private Progress progress(LedgerStore<?, ?> store) {
        return store == LedgerTopology.ACCOUNT_SPEND ? accounts : trees;
    }

    private Reading<List<StoredRow>> read(
            StoreQueryParameters<ReadOnlyKeyValueStore<Bytes, byte[]>> query,
            int partition,
            RowRange range,
            ServedBy servedBy,
            Freshness freshness) {
        try {
            return new Reading.Answered<>(Optional.of(rows(stores.find(query), range)), servedBy, freshness);
        } catch (StreamsNotStartedException e) {
            return new Reading.Unavailable<>(DegradedReason.STARTING);
        } catch (UnknownStateStoreException e) {
            throw e; // A bug: the graph has no such store.
        } catch (StreamsStoppedException e) {
            return new Reading.Unavailable<>(DegradedReason.STORE_ERROR);
        } catch (InvalidStateStoreException e) {
            return new Reading.Unavailable<>(DegradedReason.REBALANCING);
        } catch (IllegalStateException e) {
            // What was not started yet was told apart above: the instance is giving its partitions up.
            return new Reading.Unavailable<>(DegradedReason.REBALANCING);
        } catch (RuntimeException e) {
            log.warn("Reading a state store failed. partition={}", partition, e);
            return new Reading.Unavailable<>(DegradedReason.STORE_ERROR);
        }
    }

    private static List<StoredRow> rows(ReadOnlyKeyValueStore<Bytes, byte[]> store, RowRange range) {
        if (range.isOneKey()) {
            byte[] value = store.get(Bytes.wrap(range.from()));
            return value == null ? List.of() : List.of(new StoredRow(range.from(), value));
        }
        List<StoredRow> found = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> rows = store.range(bound(range.from()), bound(range.next()))) {
            while (found.size() < range.most() && rows.hasNext()) {
                KeyValue<Bytes, byte[]> row = rows.next();
                if (!Arrays.equals(row.key.get(), range.next())) { // A range includes where it ends.
                    found.add(new StoredRow(row.key.get(), row.value));
                }
            }
        }
        return found;
    }

    private static Bytes bound(byte[] key) {
        return key.length == 0 ? null : Bytes.wrap(key);
    }
}
