package dev.spendledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
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
        "freshness, --rate 10 --seconds 1 --runs 1, routed_10_p50_ms",
        "account-check, --messages 100 --checks 10 --runs 1, many_to_few",
        "sizing, --trees 100 --chats 100 --messages 100 --steps 1, message_state",
        "restore, --trees 100 --messages 1 --instances 2 --runs 1, no_copy_s",
        "jmh, --filter RouteBenchmark.partition --forks 1 --iterations 1 --millis 100, route_partition_ns",
        "growth, --most 100 --chats 10 --depth 5 --checks 10 --first-checks 5 --seen 5 --folded 100 --runs 1, messages_100_to_10",
        "check, --connections 2 --rate 100 --fold-rate 100 --trees 10 --seconds 1 --runs 1, open_100_p50_ms",
        "start, --trees 10 --runs 1, serve_kept_readyz_s",
        "fold, --events 100 --trees 10 --runs 1 --variant routed-spread-2-threads --watchers 2, routed_spread_2_threads_watched_to_unwatched",
    })
    void shouldComeToFigures(String bench, String flags, String figure) throws Exception {
        // Given
        List<String> java = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", // Most of its short life is spent compiling.
                "-Djava.io.tmpdir=" + dir,
                "-cp",
                Path.of("target", "*").toAbsolutePath()
                        + File.pathSeparator
                        + Path.of("target", "lib", "*").toAbsolutePath());
        launcher(java);
        List<String> command = new ArrayList<>(java);
        command.add(1, "-Dledger.home=" + dir);
        command.addAll(List.of(Main.class.getName(), "bench", bench));
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

    @Test
    void shouldComeToFiguresBesidePostgres() throws Exception {
        assumeTrue(PostgresServer.installed().isPresent(), "There is no PostgreSQL on this machine");
        // As root it runs as another user, and its folder is below this one.
        assertThat(dir.toFile().setExecutable(true, false)).isTrue();
        shouldComeToFigures(
                "postgres",
                "--clients 2 --trees 2 --messages 10 --large 100 --seconds 1 --events 10 --runs 1",
                "ledger_to_counter");
    }

    /** In place of {@code ./ledger}, which would first build: the project is being built right now. */
    private void launcher(List<String> java) throws IOException {
        String words = java.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        Path launcher = Files.writeString(
                dir.resolve("ledger"),
                "#!/bin/sh\nexec " + words + " " + dev.spendledger.demo.Main.class.getName() + " \"$@\"\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    }
}
