package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.topology.LedgerTopology;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Statistics;
import org.rocksdb.TickerType;

class BoundedRocksDbTest {
    private static final int ROWS = 1_000_000;
    /** That of a message: all are of one root. */
    private static final int KEY_BYTES = 76;

    private static final int ROOT_BYTES = 38;

    private static final int ROW_BYTES = 90;
    private static final int LOOK_UPS = 3_000;

    @TempDir
    Path dir;

    private final Random random = new Random(1);

    @Test
    void shouldNotReadTheIndexOfALargeStoreForEachLookUp() throws RocksDBException {
        // Given
        BoundedRocksDb bounded = new BoundedRocksDb();
        try (Options options = new Options();
                Statistics statistics = new Statistics()) {
            options.setCreateIfMissing(true);
            options.setStatistics(statistics);
            options.setTableFormatConfig(new BlockBasedTableConfig());
            bounded.setConfig(LedgerTopology.MESSAGE_REVISIONS.name(), options, Map.of());
            try (RocksDB store = RocksDB.open(options, dir.toString())) {
                for (int row = 0; row < ROWS; row++) {
                    store.put(key(row), new byte[ROW_BYTES]);
                }
                store.compactRange();
                lookUp(store);
                long readBefore = read(statistics);

                // When
                lookUp(store);

                // Then
                assertThat(read(statistics) - readBefore)
                        .as("pieces of indexes and filters that were not in the cache")
                        .isLessThan(LOOK_UPS / 10);
            }
        }
    }

    private void lookUp(RocksDB store) throws RocksDBException {
        for (int i = 0; i < LOOK_UPS; i++) {
            assertThat(store.get(key(random.nextInt(ROWS)))).hasSize(ROW_BYTES);
        }
    }

    private static long read(Statistics statistics) {
        return statistics.getTickerCount(TickerType.BLOCK_CACHE_INDEX_MISS)
                + statistics.getTickerCount(TickerType.BLOCK_CACHE_FILTER_MISS);
    }

    /** In no order, as ids are. */
    private static byte[] key(int row) {
        return ByteBuffer.allocate(KEY_BYTES)
                .position(ROOT_BYTES)
                .putLong(row * 0x9E3779B97F4A7C15L)
                .putInt(row)
                .array();
    }
}
