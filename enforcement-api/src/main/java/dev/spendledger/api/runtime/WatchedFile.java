package dev.spendledger.api.runtime;

import dev.spendledger.api.runtime.LedgerInstance.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a file of secrets says, read again every {@value #PERIOD_MS} ms. While it cannot be read, or says what it must not,
 * what it said before stays in force, and the log tells so without what is in it.
 *
 * @param <T> what it says
 */
final class WatchedFile<T> implements Supplier<T>, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WatchedFile.class);
    private static final long PERIOD_MS = 1_000;

    private final Path path;
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

    private WatchedFile(String setting, Path path, Function<String, T> parse, String text, T content) {
        this.text = text;
        this.content = content;
        this.setting = setting;
        this.path = path;
        this.parse = parse;
    }

    /**
     * @param setting that names the file
     * @param parse throws an {@link IllegalArgumentException} that says what is wrong, without the content
     * @throws StartException if the file cannot be read, or says what it must not
     */
    static <T> WatchedFile<T> open(String setting, Path path, Function<String, T> parse) throws StartException {
        String text = text(setting, path);
        WatchedFile<T> file = new WatchedFile<>(setting, path, parse, text, content(setting, path, text, parse));
        file.timer.scheduleWithFixedDelay(file::look, PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
        return file;
    }

    /** What a file says just now; as {@link #open}. */
    static <T> T read(String setting, Path path, Function<String, T> parse) throws StartException {
        return content(setting, path, text(setting, path), parse);
    }

    private static String text(String setting, Path path) throws StartException {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw cannotBeUsed(setting, path, e);
        }
    }

    private static <T> T content(String setting, Path path, String text, Function<String, T> parse)
            throws StartException {
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw cannotBeUsed(setting, path, e);
        }
    }

    private static StartException cannotBeUsed(String setting, Path path, Exception cause) {
        return new StartException(setting + " is " + path + ", and " + why(cause) + ".", null);
    }

    @Override
    public T get() {
        return content;
    }

    /** Who is to be told when it says something else. */
    void onChange(Consumer<T> told) {
        onChange = told;
    }

    private void look() {
        String found = "";
        try {
            String now = Files.readString(path);
            if (!now.equals(text)) {
                content = parse.apply(now);
                text = now;
                onChange.accept(content);
                log.info("A file has changed and is in force. setting={} file={}", setting, path);
            }
        } catch (IOException | IllegalArgumentException e) {
            found = why(e);
        }
        if (!found.isEmpty() && !found.equals(complaint)) {
            log.error(
                    "A file has changed and cannot be used; what it said before stays in force. setting={} file={} cause={}",
                    setting,
                    path,
                    found);
        }
        complaint = found;
    }

    private static String why(Exception e) {
        return e instanceof IOException ? "it cannot be read (" + e + ")" : e.getMessage();
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
