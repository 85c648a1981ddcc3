package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that are told of a folder, as they are shipped, in an environment that is meant for another ledger. */
@Timeout(180)
class DataDirIT {
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(60);
    /** Where nothing listens, and of a ledger that would have nothing in common with that of the folder. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "LEDGER_BOOTSTRAP_SERVERS", "127.0.0.1:1",
            "LEDGER_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1",
            "LEDGER_TOPIC_PREFIX", "elsewhere.",
            "LEDGER_PARTITIONS", "7",
            "LEDGER_ADVERTISED_URL", "http://127.0.0.1:1");

    @TempDir
    static Path dir;

    private static EmbeddedLedger ledger;

    @BeforeAll
    static void start() throws Exception {
        ledger = EmbeddedLedger.start(Map.of(), OptionalInt.of(0), dir.resolve("data"));
        LedgerClient client = new LedgerClient(ledger.url(), trouble -> {});
        client.createRoot("root", "account", 24_000);
        for (int i = 0; i < 20; i++) {
            client.post("m-" + i, "root", "root", "account", new AgentPlan.Message(Model.GPT_4_1, 2_000, 1_000));
        }
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "verify",
                "trace m-1 --chat root",
                "replay --limit 24000 --all",
                "dead-letters --reason wrong_partition --replay",
                "topics check"
            })
    void shouldReachTheLedgerOfTheFolderAndSayNothingBesides(String command) throws Exception {
        // When
        try (LedgerProcess process = run(command + " --data-dir data")) {

            // Then
            assertThat(process.awaitEnd(ENDS_WITHIN))
                    .as(process.output() + process.errors())
                    .isZero();
            assertThat(process.errors()).doesNotContain("WARN", "ERROR");
        }
    }

    @Test
    void shouldPutAFlagAboveTheFolder() throws Exception {
        // When
        try (LedgerProcess process = run("topics check --data-dir data --partitions 7")) {

            // Then
            assertThat(process.awaitEnd(ENDS_WITHIN)).isEqualTo(1);
            assertThat(process.output()).contains("chats", "4 partitions", "7");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify", "trace m-1 --chat root", "dead-letters", "topics check"})
    void shouldSayAtOnceThatNoLedgerRunsOnTheFolder(String command) throws Exception {
        // Given
        Path folder = Files.createDirectories(dir.resolve("stopped"));
        Files.writeString(
                folder.resolve("dev.properties"), "LEDGER_BOOTSTRAP_SERVERS=127.0.0.1:1\nurl=http\\://127.0.0.1\\:1\n");

        // When
        try (LedgerProcess process = run(command + " --data-dir stopped")) {

            // Then
            assertThat(process.awaitEnd(ENDS_WITHIN)).isEqualTo(1);
            assertThat(process.errors())
                    .contains("No ledger runs on the folder stopped", "ledger dev --data-dir stopped")
                    .hasLineCount(1);
        }
    }

    private static LedgerProcess run(String command) throws IOException {
        return LedgerProcess.command(dir, ELSEWHERE, command.split(" "));
    }
}
