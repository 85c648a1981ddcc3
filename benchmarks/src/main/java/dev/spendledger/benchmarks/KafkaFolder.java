package dev.spendledger.benchmarks;

import dev.spendledger.streams.topology.LedgerTopology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The folder of the embedded broker: how many bytes its logs have on the disk.
 *
 * @param path the folder
 */
record KafkaFolder(Path path) {
    /** The topics from which the state of a ledger is restored that has the usual application id. */
    static final List<String> CHANGELOGS = LedgerTopology.STORES.stream()
            .map(store -> store.changelog("spend-ledger"))
            .toList();

    private static final String LOG = ".log";

    /** Where the log of a partition begins that is still on the disk, which may be before its first record, and its bytes. */
    record Log(long beginning, long bytes) {}

    /** The log of a partition, without its indexes. */
    Log log(String topic, int partition) throws IOException {
        List<Path> segments = files(path.resolve(topic + "-" + partition), name -> name.endsWith(LOG));
        long bytes = 0;
        long beginning = Long.MAX_VALUE;
        for (Path segment : segments) {
            bytes += Files.size(segment);
            String name = segment.getFileName().toString();
            beginning = Math.min(beginning, Long.parseLong(name.substring(0, name.length() - LOG.length())));
        }
        return new Log(beginning, bytes);
    }

    /** All files of a folder with such names, at any depth. */
    static List<Path> files(Path folder, Predicate<String> names) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> names.test(file.getFileName().toString()))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
