package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A program in a process of its own. Killed when closed. */
class JavaProcess implements AutoCloseable {
    private static final Duration STARTS_WITHIN = Duration.ofMinutes(3);

    private final Process process;
    private final Path output;
    private final Path errors;

    /**
     * Starts a program; it knows nothing of the environment of the tests but where programs are.
     *
     * @param dir where it runs, and keeps its temporary files
     * @param environment what its environment holds besides
     */
    JavaProcess(Path dir, String classPath, Class<?> main, Map<String, String> environment, String... arguments)
            throws IOException {
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
        command.add(classPath);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile());
        builder.environment().keySet().retainAll(List.of("PATH"));
        builder.environment().putAll(environment);
        output = Files.createTempFile(dir, "output", ".txt");
        errors = Files.createTempFile(dir, "errors", ".txt");
        process = builder.redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
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
