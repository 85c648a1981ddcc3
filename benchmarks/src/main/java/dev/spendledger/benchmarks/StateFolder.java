package dev.spendledger.benchmarks;

import dev.spendledger.api.runtime.BoundedRocksDb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * The local state of an instance that does not run: RocksDB's files, which it has written all that was in memory to.
 *
 * @param path the folder
 */
record StateFolder(Path path) {
    /** Names the files that a store is at present made of. */
    private static final String OF_A_STORE = "CURRENT";

    private static final String ROWS = ".sst";

    /** What the rows and their indexes take on the disk. */
    long bytes() throws IOException {
        long bytes = 0;
        for (Path file : KafkaFolder.files(path, name -> name.endsWith(ROWS))) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    /** Rewrites every store without what was written over, as RocksDB itself does by and by, and as it sets the stores up. */
    void compact() throws IOException, RocksDBException {
        try (Options options = new Options()) {
            // As Kafka Streams has them, before the ledger's own settings.
            options.setCompactionStyle(CompactionStyle.UNIVERSAL);
            options.setCompressionType(CompressionType.NO_COMPRESSION);
            options.setTableFormatConfig(new BlockBasedTableConfig());
            new BoundedRocksDb().setConfig("any", options, Map.of());
            for (Path current : KafkaFolder.files(path, OF_A_STORE::equals)) {
                compact(current.getParent(), options);
            }
        }
    }

    private static void compact(Path store, Options options) throws RocksDBException {
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (DBOptions ofStore = new DBOptions(options);
                ColumnFamilyOptions ofFamily = new ColumnFamilyOptions(options)) {
            List<ColumnFamilyDescriptor> families = RocksDB.listColumnFamilies(options, store.toString()).stream()
                    .map(name -> new ColumnFamilyDescriptor(name, ofFamily))
                    .toList();
            try (RocksDB db = RocksDB.open(ofStore, store.toString(), families, handles)) {
                for (ColumnFamilyHandle handle : handles) {
                    db.compactRange(handle);
                    handle.close();
                }
            }
        }
    }
}
