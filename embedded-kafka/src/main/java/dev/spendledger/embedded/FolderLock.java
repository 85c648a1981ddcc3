package dev.spendledger.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Holds a folder for one broker from before its first write to after its last. Kafka's own lock is taken too late for
 * that: a second broker would by then have written to the first one's metadata log.
 *
 * <p>The lock dies with its process. Its file also marks the folder as made by this class.
 */
final class FolderLock implements AutoCloseable {

    private static final String FILE = "embedded-kafka.lock";

    // Within one process the file alone is not enough: opening and closing it a second time would, on POSIX systems,
    // release the lock that the first opening holds.
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel file;

    private FolderLock(Path folder, FileChannel file) {
        this.folder = folder;
        this.file = file;
    }

    /** Creates the folder if need be and holds it; {@link IllegalStateException} if it is in use or not ours. */
    static FolderLock acquire(Path dataDir) throws IOException {
        Path folder = Files.createDirectories(dataDir).toRealPath();
        if (!HELD_HERE.add(folder)) {
            throw inUse(folder);
        }
        try {
            return new FolderLock(folder, lock(folder));
        } catch (IOException | RuntimeException e) {
            HELD_HERE.remove(folder);
            throw e;
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        if (!Files.exists(folder.resolve(FILE)) && !isEmpty(folder)) {
            throw new IllegalStateException("The folder " + folder + " holds files that are not this broker's: "
                    + "choose an empty folder, or one that does not exist yet");
        }
        FileChannel file = FileChannel.open(folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (file.tryLock() == null) {
            file.close();
            throw inUse(folder);
        }
        return file;
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    private static IllegalStateException inUse(Path folder) {
        return new IllegalStateException("The folder " + folder + " is in use by another running broker: "
                + "stop that one, or choose another folder");
    }

    Path folder() {
        return folder;
    }

    @Override
    public void close() throws IOException {
        file.close();
        HELD_HERE.remove(folder);
    }
}
