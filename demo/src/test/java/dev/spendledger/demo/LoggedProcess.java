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
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** A program in a process of its own, with what it prints. Killed when closed. */
class LoggedProcess extends JavaProcess {
    private static final Duration STARTS_WITHIN = Duration.ofMinutes(3);

    private final Path output;
    private final Path errors;

    /**
     * Starts a program; it knows nothing of the environment of the tests but where programs are.
     *
     * @param dir where it runs, and keeps its temporary files
     * @param environment what its environment holds besides
     */
    LoggedProcess(Path dir, String classPath, Class<?> main, Map<String, String> environment, String... arguments)
            throws IOException {
        this(
                dir,
                JavaProcess.command(options(dir), classPath, main, List.of(arguments)),
                environment,
                Files.createTempFile(dir, "output", ".txt"),
                Files.createTempFile(dir, "errors", ".txt"));
    }

    private LoggedProcess(Path dir, List<String> command, Map<String, String> environment, Path output, Path errors)
            throws IOException {
        super(builder(dir, command, environment).redirectOutput(output.toFile()).redirectError(errors.toFile()));
        this.output = output;
        this.errors = errors;
    }

    private static ProcessBuilder builder(Path dir, List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile());
        builder.environment().keySet().retainAll(List.of("PATH"));
        builder.environment().putAll(environment);
        return builder;
    }

    private static List<String> options(Path dir) {
        List<String> options = new ArrayList<>();
        // As ./ledger has it: most of a short life is spent compiling.
        options.add("-XX:TieredStopAtLevel=1");
        if (Runtime.version().feature() >= 24) {
            options.add("--enable-native-access=ALL-UNNAMED");
            options.add("--sun-misc-unsafe-memory-access=allow");
        }
        options.add("-Djava.io.tmpdir=" + dir);
        return options;
    }

    /** What it has printed. */
    String output() throws IOException {
        return Files.readString(output);
    }

    /** What it has printed as an error. */
    String errors() throws IOException {
        return Files.readString(errors);
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
        OptionalInt status = endWithin(within);
        assertThat(status)
                .as("ended within %s; output: %s%s", within, output(), errors())
                .isPresent();
        return status.getAsInt();
    }
}
