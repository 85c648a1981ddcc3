package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of a command line that cannot be right, before anything starts. */
@Timeout(60)
class CommandLineIT {
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(30);

    @TempDir
    Path dir;

    @Test
    void shouldNameEverySettingOfServeThatIsMissingOrWrong() throws Exception {
        // When
        try (LedgerProcess serve = LedgerProcess.start(
                dir, "serve", "--partitions", "none", "--currency", "dollar", "--http-port", "-1")) {

            // Then
            assertThat(serve.awaitEnd(ENDS_WITHIN)).isEqualTo(2);
            assertThat(serve.errors().lines())
                    .satisfiesExactlyInAnyOrder(
                            line -> assertThat(line).contains("LEDGER_BOOTSTRAP_SERVERS", "is not set"),
                            line -> assertThat(line).contains("--partitions", "\"none\"", "must be"),
                            line -> assertThat(line).contains("--currency", "\"dollar\"", "must be"),
                            line -> assertThat(line).contains("--http-port", "\"-1\"", "must be"));
            assertThat(serve.output()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "demo"})
    void shouldNameAPortThatIsNone(String command) throws Exception {
        // When
        try (LedgerProcess ledger = LedgerProcess.start(dir, command, "--port", "70000")) {

            // Then
            assertThat(ledger.awaitEnd(ENDS_WITHIN)).isEqualTo(2);
            assertThat(ledger.errors()).contains("port", "70000", "must be").hasLineCount(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "9", "-1"})
    void shouldNameANumberOfInstancesThatThereCannotBe(String instances) throws Exception {
        // When
        try (LedgerProcess ledger = LedgerProcess.start(dir, "dev", "--instances", instances)) {

            // Then
            assertThat(ledger.awaitEnd(ENDS_WITHIN)).isEqualTo(2);
            assertThat(ledger.errors())
                    .contains("--instances", instances, "must be from 1 to 8")
                    .hasLineCount(1);
        }
    }

    @Test
    void shouldNameAPortBehindWhichThereAreNotEnough() throws Exception {
        // When
        try (LedgerProcess ledger = LedgerProcess.start(dir, "dev", "--instances", "3", "--port", "65534")) {

            // Then
            assertThat(ledger.awaitEnd(ENDS_WITHIN)).isEqualTo(2);
            assertThat(ledger.errors()).contains("65534", "3 instances").hasLineCount(1);
        }
    }

    @Test
    void shouldSayWhichScenariosOfADrillThereAre() throws Exception {
        // When
        try (LedgerProcess ledger = LedgerProcess.start(dir, "drill", "failover", "--scenario", "fire")) {

            // Then
            assertThat(ledger.awaitEnd(ENDS_WITHIN)).isEqualTo(2);
            assertThat(ledger.errors()).contains("--scenario", "kill, rolling, broker, cutoff");
        }
    }

    @Test
    void shouldSayWhichCommandsThereAreForOneItDoesNotKnow() throws Exception {
        // When
        try (LedgerProcess ledger = LedgerProcess.start(dir, "demmo")) {

            // Then
            assertThat(ledger.awaitEnd(ENDS_WITHIN)).isEqualTo(2);
            assertThat(ledger.errors()).contains("demmo", "demo").doesNotContain("\tat ");
        }
    }
}
