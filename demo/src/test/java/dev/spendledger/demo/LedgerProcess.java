package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code ledger} in a process of its own, with the class path that it is shipped with. Killed when closed. */
final class LedgerProcess implements AutoCloseable {
    private static final Duration STARTS_WITHIN = Duration.ofSeconds(60);
    private static final Pattern LISTENS = Pattern.compile("The ledger listens on (http://[0-9.:]+)");
    private static final Path TARGET = Path.of("target").toAbsolutePath();

    private final Process process;
    private final Path output;
    private final Path errors;

    private LedgerProcess(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /**
     * Starts a command; it knows nothing of the environment of the tests but where programs are.
     *
     * @param dir where it runs, and keeps its temporary files
     */
    static LedgerProcess start(Path dir, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // As ./ledger has it: most of a short life is spent compiling.
        command.add("-XX:TieredStopAtLevel=1");
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.add("-Djava.io.tmpdir=" + dir);
        command.add("-cp");
        command.add(
                TARGET.resolve("*") + File.pathSeparator + TARGET.resolve("lib").resolve("*"));
        command.add(Main.class.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile());
        builder.environment().keySet().retainAll(List.of("PATH"));
        Path output = Files.createTempFile(dir, "output", ".txt");
        Path errors = Files.createTempFile(dir, "errors", ".txt");
        builder.redirectOutput(output.toFile()).redirectError(errors.toFile());
        return new LedgerProcess(builder.start(), output, errors);
    }

    /** What it has printed. */
    String output() throws IOException {
        return Files.readString(output);
    }

    /** What it has printed as an error. */
    String errors() throws IOException {
        return Files.readString(errors);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Where its API listens, once it does. */
    URI awaitUrl() throws IOException {
        awaitOutput(LISTENS);
        Matcher listens = LISTENS.matcher(output());
        assertThat(listens.find()).isTrue();
        return URI.create(listens.group(1));
    }

    void awaitOutput(Pattern pattern) {
        await().atMost(STARTS_WITHIN).until(() -> {
            assertThat(isAlive() || pattern.matcher(output()).find())
                    .as("%s in the output of a process that has ended: %s%s", pattern, output(), errors())
                    .isTrue();
            return pattern.matcher(output()).find();
        });
    }

    /** Its exit status, once it has ended. */
    int awaitEnd(Duration within) throws InterruptedException, IOException {
        assertThat(process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS))
                .as("ended within %s; output: %s%s", within, output(), errors())
                .isTrue();
        return process.exitValue();
    }

    /** Tells it to stop, as Ctrl-C does. */
    void terminate() {
        process.destroy();
    }

    /** Ends it without a word, as a crash does. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
        process.waitFor();
    }
}
