package dev.spendledger.streams.topology;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.streams.errors.InvalidStateStoreException;

/**
 * The rows of one partition of a store that were read or written last, as values: most events are of a tree that has just
 * had one, and so are most checks. Bounded. Made anew each time the partition is opened, so that it knows nothing of a row
 * that a transaction given up has written, or another instance.
 *
 * <p>The one thread that folds the partition writes; any may read, and once a write is done none sees an older row.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public final class RecentRows<K, V> {
    private final Function<K, V> read;
    private final BiConsumer<K, V> write;
    private final Cache<K, V> rows;

    /**
     * @param read of the store
     * @param write of the store
     * @param most how many rows are kept
     */
    public RecentRows(Function<K, V> read, BiConsumer<K, V> write, long most) {
        this.read = read;
        this.write = write;
        // By the thread that has just used it: another one would have to be woken for it.
        this.rows =
                Caffeine.newBuilder().maximumSize(most).executor(Runnable::run).build();
    }

    /**
     * The row, which may have to be read from the store; null = there is none.
     *
     * @throws InvalidStateStoreException if the partition is not open any more
     */
    public V get(K key) {
        // A write of the same row that comes meanwhile waits, and then stands above what is read here.
        return rows.get(key, read);
    }

    /** The row if it is in memory; empty = it is not, or there is none. Reads no store. */
    public Optional<V> ifHeld(K key) {
        return Optional.ofNullable(rows.getIfPresent(key));
    }

    /** Goes through the rows that are in memory, while others are read and written; none counts as used by that. */
    public void forEachHeld(BiConsumer<K, V> visitor) {
        rows.asMap().forEach(visitor);
    }

    /**
     * By the thread that folds the partition.
     *
     * @param value null = there shall be none
     */
    void put(K key, V value) {
        try {
            write.accept(key, value); // First: what is read in between must not outlive it.
        } catch (RuntimeException e) {
            rows.invalidate(key); // Nobody knows which of the two the store has now.
            throw e;
        }
        if (value == null) {
            rows.invalidate(key);
        } else {
            rows.put(key, value);
        }
    }
}
