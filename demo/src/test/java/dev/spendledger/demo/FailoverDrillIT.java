package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code ledger drill failover}: instances and the broker go and come back, and nothing gets through. */
@Timeout(900)
class FailoverDrillIT {
    private static final Duration ENDS_WITHIN = Duration.ofMinutes(12);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path dir;

    @Test
    void shouldEnforceWithoutAGapWhileInstancesAndBrokerComeAndGo() throws Exception {
        // When
        try (LedgerProcess drill = LedgerProcess.start(dir, "drill", "failover", "--short")) {
            int status = drill.awaitEnd(ENDS_WITHIN);

            // Then
            System.out.println(drill.output()); // The figures are of use also where all are as required.
            assertThat(status)
                    .as("exit status; the logs are in %s:%n%s", dir, drill.output())
                    .isZero();
            JsonNode figures = new ObjectMapper()
                    .readTree(dir.resolve("ledger-data/drill/failover.json").toFile());
            assertThat(figures.path("ok").asBoolean()).isTrue();
            assertThat(figures.path("scenarios").findValuesAsText("scenario"))
                    .containsExactly("kill", "rolling", "broker", "cutoff");
        }
    }
}
