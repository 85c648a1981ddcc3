package dev.spendledger.api.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a program in another language came to.
 *
 * @param out what it has written, errors among it
 */
public record ProgramRun(int status, String out) {

    /** Runs it in a folder, to its end; what takes longer is ended, and fails the test. */
    public static ProgramRun of(Path dir, Map<String, String> environment, Duration within, String... command) {
        try {
            return start(dir, environment, within, List.of(command));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Installs the packages that a folder's lock file names. */
    public static void installPackages(Path dir, Duration within) {
        ProgramRun run = of(
                dir, Map.of(), within, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline");
        assertThat(run.status()).as(run.out()).isZero();
    }

    /** @throws IOException if there is no such program */
    static ProgramRun start(Path dir, Map<String, String> environment, Duration within, List<String> command)
            throws IOException {
        Path out = Files.createTempFile(Files.createDirectories(dir), "out", ".txt");
        try {
            ProcessBuilder program = new ProcessBuilder(command)
                    .directory(dir.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile());
            program.environment().putAll(environment);
            Process process = program.start();
            try {
                process.getOutputStream().close(); // It is asked nothing.
                boolean ended = process.waitFor(within.toSeconds(), TimeUnit.SECONDS);
                assertThat(ended)
                        .as("%s ends within %s; it said:%n%s", command, within, Files.readString(out))
                        .isTrue();
                return new ProgramRun(process.exitValue(), Files.readString(out));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } finally {
            Files.delete(out);
        }
    }
}
