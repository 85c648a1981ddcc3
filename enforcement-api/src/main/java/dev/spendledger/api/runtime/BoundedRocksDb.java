package dev.spendledger.api.runtime;

import dev.spendledger.streams.topology.LedgerTopology;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.IndexType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * Bounds the memory of all stores of the process together: by default each of them (stores times partitions) has a cache
 * and write buffers of its own. Named in Kafka Streams' configuration, which makes the instances.
 */
public final class BoundedRocksDb implements RocksDBConfigSetter {
    private static final long CACHE_BYTES = 96L << 20;
    /** A block larger than its shard is never kept; by default there would be 64, of a megabyte and a half each. */
    private static final int CACHE_SHARD_BITS = 2;

    /** The share of the cache that rows do not drive indexes and filters out of. */
    private static final double FOR_INDEXES = 0.5;

    private static final long WRITE_BUFFERS_BYTES = 64L << 20;
    private static final long WRITE_BUFFER_BYTES = 8L << 20;
    private static final int BLOOM_BITS_PER_KEY = 10;
    private static final double MEMTABLE_BLOOM_SHARE = 0.05;

    static {
        // Kafka Streams loads it with its first store, which is too late for what is made here.
        RocksDB.loadLibrary();
    }

    // For the life of the process: stores come and go with their partitions.
    private static final Cache CACHE = new LRUCache(CACHE_BYTES, CACHE_SHARD_BITS, false, FOR_INDEXES);
    private static final WriteBufferManager WRITE_BUFFERS = new WriteBufferManager(WRITE_BUFFERS_BYTES, CACHE);
    private static final BloomFilter BLOOM_FILTER = new BloomFilter(BLOOM_BITS_PER_KEY);

    /** Shows how much of the memory for all stores is in use; it counts the write buffers as well. */
    static void bindTo(MeterRegistry registry) {
        Gauge.builder("ledger.rocksdb.memory", CACHE, Cache::getUsage)
                .description("What the stores of this process hold in memory outside of the heap.")
                .baseUnit("bytes")
                .register(registry);
    }

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(CACHE);
        table.setCacheIndexAndFilterBlocks(true);
        // Most look-ups are for a message never seen before: the filter answers them without a read.
        table.setFilterPolicy(BLOOM_FILTER);
        // In pieces. By default a file has its index in one block, and its filter in another: with half a million
        // messages in a partition they were larger than what the cache keeps, and each look-up read them.
        table.setIndexType(IndexType.kTwoLevelIndexSearch);
        table.setPartitionFilters(true);
        options.setTableFormatConfig(table);
        if (storeName.equals(LedgerTopology.MESSAGE_REVISIONS.name())) {
            // The same for what is not in a table yet. Of this store only: the filter takes its memory at once, and the
            // stores of all partitions share what there is.
            options.setMemtableWholeKeyFiltering(true);
            options.setMemtablePrefixBloomSizeRatio(MEMTABLE_BLOOM_SHARE);
        }
        options.setWriteBufferManager(WRITE_BUFFERS);
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
    }

    @Override
    public void close(String storeName, Options options) {
        // Nothing of a single store's: what is set here is shared.
    }
}
