package dev.spendledger.api.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.runtime.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code ledger config} shows, in a process of its own: only there has it an environment of its own. */
class ConfigCommandTest {
    private static final String SECRET = "s3cr3t-value";

    /** What a command line came to. */
    private record Outcome(int status, List<String> lines) {
        String line(String name) {
            return lines.stream()
                    .filter(line -> line.startsWith(name + " "))
                    .findFirst()
                    .orElse("(no line for " + name + ")");
        }
    }

    private static Outcome outcome;

    @BeforeAll
    static void run() throws IOException, InterruptedException {
        outcome = run(
                Map.ofEntries(
                        Map.entry("LEDGER_BOOTSTRAP_SERVERS", "k:9092"),
                        Map.entry("LEDGER_HTTP_PORT", "8081"),
                        Map.entry("LEDGER_HTTP_PROT", "8082"),
                        Map.entry("LEDGER_SERVICE_HOST", "10.0.0.7"),
                        Map.entry("LEDGER_KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
                        Map.entry("LEDGER_KAFKA_SSL_TRUSTSTORE_LOCATION", "/etc/trust.jks"),
                        Map.entry("LEDGER_KAFKA_SSL_KEYSTORE_KEY", SECRET),
                        Map.entry("LEDGER_KAFKA_SSL_KEYSTORE_PASSWORD", SECRET),
                        Map.entry("LEDGER_KAFKA_SSL_KEY_PASSWORD", SECRET),
                        Map.entry("LEDGER_KAFKA_SSL_TRUSTSTORE_PASSWORD", SECRET),
                        Map.entry("LEDGER_KAFKA_SASL_JAAS_CONFIG", "x required password=\"" + SECRET + "\";"),
                        Map.entry("LEDGER_KAFKA_SASL_OAUTHBEARER_CLIENT_CREDENTIALS_CLIENT_SECRET", SECRET),
                        Map.entry("LEDGER_KAFKA_BASIC_AUTH_USER_INFO", SECRET)),
                "config",
                "--partitions=7");
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void shouldShowEverySetting(Setting setting) {
        assertThat(outcome.lines().stream().filter(line -> line.startsWith(setting.environmentName() + " ")))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "LEDGER_PARTITIONS, 7, flag",
        "LEDGER_HTTP_PORT, 8081, environment",
        "LEDGER_CURRENCY, USD, default",
        "LEDGER_TOPIC_PREFIX, (empty), default"
    })
    void shouldShowAValueAndWhereItCameFrom(String name, String value, String origin) {
        assertThat(outcome.line(name).split(" +")).containsExactly(name, value, origin);
    }

    @Test
    void shouldShowWhatTheKafkaClientsGet() {
        assertThat(outcome.line("Kafka's security.protocol"))
                .contains(" SASL_SSL ")
                .endsWith("environment");
        assertThat(outcome.line("Kafka's ssl.truststore.location")).contains(" /etc/trust.jks ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ssl.keystore.key",
                "ssl.keystore.password",
                "ssl.key.password",
                "ssl.truststore.password",
                "sasl.jaas.config",
                "sasl.oauthbearer.client.credentials.client.secret",
                "basic.auth.user.info"
            })
    void shouldMaskASecret(String property) {
        assertThat(outcome.line("Kafka's " + property)).contains("(set, not shown)");
    }

    @Test
    void shouldShowNoSecretAnywhere() {
        assertThat(outcome.lines()).noneMatch(line -> line.contains(SECRET));
    }

    @Test
    void shouldWarnOfANameThatIsNoSetting() {
        assertThat(outcome.status()).isZero();
        assertThat(outcome.lines().stream().filter(line -> line.contains("is no setting of the ledger")))
                .containsExactly("LEDGER_HTTP_PROT is no setting of the ledger and is ignored; the nearest is"
                        + " LEDGER_HTTP_PORT.");
    }

    @Test
    void shouldNameEverythingThatIsWrongAndShowNothing() throws IOException, InterruptedException {
        // When
        Outcome wrong = run(Map.of("LEDGER_HTTP_PORT", "http"), "config");

        // Then
        assertThat(wrong.status()).isEqualTo(LedgerCommand.EXIT_USAGE);
        assertThat(wrong.lines())
                .hasSize(2)
                .anyMatch(line -> line.startsWith("LEDGER_BOOTSTRAP_SERVERS (or --bootstrap-servers) is not set"))
                .anyMatch(line -> line.startsWith("LEDGER_HTTP_PORT is \"http\""));
    }

    private static Outcome run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        Stream.of(arguments).forEach(command::add);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("LEDGER_") || name.startsWith("JAVA_TOOL"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output.lines().toList());
    }
}
