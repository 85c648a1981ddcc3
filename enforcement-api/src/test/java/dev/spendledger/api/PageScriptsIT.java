package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.testing.ProgramRun;
import dev.spendledger.api.testing.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Those scripts of the page that need no browser, with tests in their own language. */
class PageScriptsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path SCRIPTS = Path.of("src/main/resources/web");
    private static final Path TESTS = Path.of("src/test/resources/page");

    @TempDir
    Path dir;

    @Test
    void shouldReadAndFollowEventsAndReadAmounts() throws IOException {
        // Given
        Toolchain.NODE.require();
        for (Path from : List.of(SCRIPTS, TESTS)) {
            try (Stream<Path> files = Files.list(from)) {
                for (Path file : files.toList()) {
                    Files.copy(file, dir.resolve(file.getFileName()));
                }
            }
        }
        // Else Node takes them for scripts of its older kind.
        Files.writeString(dir.resolve("package.json"), "{\"type\": \"module\"}");

        // When
        ProgramRun run = ProgramRun.of(dir, Map.of(), PATIENCE, "node", "--test");

        // Then
        assertThat(run.status()).as(run.out()).isZero();
        assertThat(run.out()).containsPattern("pass [1-9]");
    }
}
