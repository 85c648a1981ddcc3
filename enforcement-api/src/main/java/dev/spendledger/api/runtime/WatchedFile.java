package dev.spendledger.api.runtime;

import dev.spendledger.api.runtime.LedgerInstance.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a file of secrets says, or several together, read again every {@value #PERIOD_MS} ms. While it cannot be read, or says what it must not,
 * what it said before stays in force, and the log tells so without what is in it.
 *
 * @param <T> what it says
 */
final class WatchedFile<T> implements Supplier<T>, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WatchedFile.class);
    private static final long PERIOD_MS = 1_000;

    private final List<Path> paths;
    private final String setting;
    private final Function<String, T> parse;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ledger-watched-file");
        thread.setDaemon(true);
        return thread;
    });
    private volatile T content;
    private volatile Consumer<T> onChange = changed -> {};
    private String text;
    private String complaint = "";

    private WatchedFile(String setting, List<Path> paths, Function<String, T> parse, String text, T content) {
        this.text = text;
        this.content = content;
        this.setting = setting;
        this.paths = paths;
        this.parse = parse;
    }

    /**
     * @param setting that names the first file
     * @param paths what is in them is taken together, in this order
     * @param parse throws an {@link IllegalArgumentException} that says what is wrong, without the content
     * @throws StartException if the file cannot be read, or says what it must not
     */
    static <T> WatchedFile<T> open(String setting, List<Path> paths, Function<String, T> parse) throws StartException {
        String text = text(setting, paths);
        WatchedFile<T> file = new WatchedFile<>(setting, paths, parse, text, content(setting, paths, text, parse));
        file.timer.scheduleWithFixedDelay(file::look, PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
        return file;
    }

    /** What a file says just now; as {@link #open}. */
    static <T> T read(String setting, Path path, Function<String, T> parse) throws StartException {
        return content(setting, List.of(path), text(setting, List.of(path)), parse);
    }

    private static String text(String setting, List<Path> paths) throws StartException {
        try {
            return text(paths);
        } catch (IOException e) {
            throw cannotBeUsed(setting, paths, e);
        }
    }

    private static String text(List<Path> paths) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Path path : paths) {
            text.append(Files.readString(path));
        }
        return text.toString();
    }

    private static <T> T content(String setting, List<Path> paths, String text, Function<String, T> parse)
            throws StartException {
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw cannotBeUsed(setting, paths, e);
        }
    }

    private static StartException cannotBeUsed(String setting, List<Path> paths, Exception cause) {
        return new StartException(setting + " is " + paths.get(0) + ", and " + why(cause) + ".", null);
    }

    @Override
    public T get() {
        return content;
    }

    /** Who is to be told what it says: at once, and whenever it says something else. */
    synchronized void onContent(Consumer<T> told) {
        onChange = told;
        told.accept(content);
    }

    private synchronized void look() {
        String found = "";
        try {
            String now = text(paths);
            if (!now.equals(text)) {
                T changed = parse.apply(now);
                onChange.accept(changed);
                content = changed;
                text = now;
                log.info("A file has changed and is in force. setting={} files={}", setting, paths);
            }
        } catch (IOException | RuntimeException e) { // Which would end the looking.
            found = why(e);
        }
        if (!found.isEmpty() && !found.equals(complaint)) {
            log.error(
                    "A file has changed and cannot be used; what it said before stays in force. setting={} files={} cause={}",
                    setting,
                    paths,
                    found);
        }
        complaint = found;
    }

    private static String why(Exception e) {
        return e instanceof IOException
                ? "it cannot be read (" + e + ")"
                : e instanceof IllegalArgumentException ? e.getMessage() : "it cannot be put in force (" + e + ")";
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
