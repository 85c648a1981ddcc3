package dev.spendledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every measurement in its smallest form: whether it comes to figures, which at this size say nothing. */
@Timeout(600)
class BenchIT {
    private static final int ENDS_WITHIN_MINUTES = 8;

    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource({
        "freshness, --rate 10 --seconds 1 --runs 1, p50_ms",
        "account-check, --messages 100 --checks 10 --runs 1, many_to_few",
        "sizing, --trees 100 --chats 100 --messages 100 --steps 1, message_state",
        "restore, --trees 100 --messages 1 --instances 2 --runs 1, no_copy_s",
    })
    void shouldComeToFigures(String bench, String flags, String figure) throws Exception {
        // Given
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", // Most of its short life is spent compiling.
                "-Djava.io.tmpdir=" + dir,
                "-cp",
                Path.of("target", "*").toAbsolutePath()
                        + File.pathSeparator
                        + Path.of("target", "lib", "*").toAbsolutePath(),
                Main.class.getName(),
                "bench",
                bench));
        command.addAll(List.of(flags.split(" ")));
        File output = dir.resolve("output.txt").toFile();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output);
        builder.environment().keySet().removeIf(name -> name.startsWith("LEDGER_"));
        // A dead instance is missed sooner, so that less time is spent waiting.
        builder.environment().put("LEDGER_KAFKA_SESSION_TIMEOUT_MS", "2000");

        // When
        Process run = builder.start();
        try {
            assertThat(run.waitFor(ENDS_WITHIN_MINUTES, TimeUnit.MINUTES)).isTrue();
        } finally {
            run.destroyForcibly();
        }

        // Then
        assertThat(run.exitValue()).as(() -> output + " says why").isZero();
        JsonNode result = new ObjectMapper()
                .readTree(dir.resolve("ledger-data/bench/" + bench + ".json").toFile());
        assertThat(result.at("/figures/" + figure + "/median").asDouble()).isPositive();
    }
}
