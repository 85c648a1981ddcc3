package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.spendledger.api.runtime.LedgerConfig.InvalidConfigException;
import dev.spendledger.api.runtime.LedgerConfig.Origin;
import dev.spendledger.api.runtime.LedgerConfig.Value;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerConfigTest {
    /** The only setting that has no default. */
    private static final Map<String, String> ENOUGH = Map.of("LEDGER_BOOTSTRAP_SERVERS", "localhost:9092");

    // ---- each setting ----

    /** A setting, values at and within its limits, and values beyond them. */
    private record Rule(Setting setting, List<String> right, List<String> wrong) {}

    private static final List<Rule> RULES = List.of(
            new Rule(
                    Setting.BOOTSTRAP_SERVERS,
                    List.of("k:1", "127.0.0.1:9092", "[::1]:9092", "a.example:9092,b.example:9093"),
                    List.of("", "k", "k:", ":9092", "k:port", "k:9092,", "k:9092, l:9092", "k 1:9092")),
            new Rule(
                    Setting.SCHEMA_REGISTRY_URL,
                    List.of("bundled:", "http://registry:8081", "https://r/apis/ccompat/v7,https://s"),
                    List.of("", "bundled", "registry:8081")),
            new Rule(Setting.EVENT_SERDE, List.of("a.B", "a.B$C_1"), List.of("", "a b", "a-b")),
            new Rule(
                    Setting.APPLICATION_ID,
                    List.of("a", "spend-ledger_2.b", "x".repeat(100)),
                    List.of("", "x".repeat(101), "spend ledger", "ledger/2", "ü")),
            new Rule(
                    Setting.TOPIC_PREFIX,
                    List.of("", "eu.", "x".repeat(100)),
                    List.of("x".repeat(101), "eu/", " ", "é")),
            new Rule(
                    Setting.OUTPUT_TOPIC_PREFIX,
                    List.of("", "rebuild-2.", "x".repeat(100)),
                    List.of("x".repeat(101), "eu/", " ", "é")),
            new Rule(Setting.CREATE_TOPICS, List.of("true", "false"), List.of("", "TRUE", "yes", "1")),
            new Rule(
                    Setting.PARTITIONS,
                    List.of("1", "10000"),
                    List.of("", "0", "-1", "10001", "4.0", "four", "99999999999")),
            new Rule(Setting.REPLICATION_FACTOR, List.of("-1", "1", "32767"), List.of("", "0", "-2", "32768", "three")),
            new Rule(Setting.STANDBY_REPLICAS, List.of("0", "10"), List.of("", "-1", "11")),
            new Rule(Setting.HTTP_HOST, List.of("0.0.0.0", "::", "localhost"), List.of("", " ", "a b")),
            new Rule(Setting.HTTP_PORT, List.of("0", "65535"), List.of("", "-1", "65536", "80a", "٨٠")),
            new Rule(Setting.HTTP_KEEP_ALIVE_MS, List.of("5000", "3600000"), List.of("", "4999", "3600001", "75s")),
            new Rule(
                    Setting.ADVERTISED_URL,
                    List.of("", "http://ledger-0:8080", "https://10.0.0.7:443"),
                    List.of("ledger-0:8080", "http://ledger-0", "ftp://ledger-0:21", "http://:8080", "http://a b:1")),
            new Rule(
                    Setting.INSTANCE_ID,
                    List.of("", "ledger-0", "a".repeat(100)),
                    List.of(" ", "a b", "ä", "a/b", "a".repeat(101))),
            new Rule(Setting.STATE_DIR, List.of("/var/lib/ledger", "state", " "), List.of("")),
            new Rule(Setting.COMMIT_INTERVAL_MS, List.of("5", "60000"), List.of("", "4", "60001", "25ms")),
            new Rule(Setting.STALE_AFTER_MS, List.of("100", "3600000"), List.of("", "99", "3600001")),
            new Rule(Setting.CHECK_DEADLINE_MS, List.of("10", "60000"), List.of("", "9", "60001")),
            new Rule(Setting.DRAIN_MS, List.of("0", "300000"), List.of("", "-1", "300001")),
            new Rule(Setting.WRITE_TIMEOUT_MS, List.of("100", "120000"), List.of("", "99", "120001")),
            new Rule(Setting.ON_LOOKUP_ERROR, List.of("open", "closed"), List.of("", "OPEN", "fail")),
            new Rule(
                    Setting.WARN_PERCENTS,
                    List.of("", "1", "100", "50,80,95,100", "80,50"),
                    List.of("0", "101", "50,", "50, 80", "half", "50;80")),
            new Rule(Setting.READY_WHEN, List.of("started", "caught_up"), List.of("", "STARTED", "caught-up")),
            new Rule(Setting.API_TOKENS_FILE, List.of("", "/run/secrets/tokens"), List.of()),
            new Rule(Setting.INTERNAL_TOKEN_FILE, List.of("", "secret"), List.of()),
            new Rule(Setting.TLS_CERTIFICATE_FILE, List.of("", "/run/tls/tls.crt"), List.of()),
            new Rule(Setting.TLS_KEY_FILE, List.of("", "/run/tls/tls.key"), List.of()),
            new Rule(Setting.TLS_CA_FILE, List.of("", "ca.crt"), List.of()),
            new Rule(Setting.CURRENCY, List.of("USD", "EUR"), List.of("", "usd", "EURO", "€")),
            new Rule(Setting.LOG_FORMAT, List.of("text", "json"), List.of("", "xml")),
            new Rule(Setting.REQUEST_LOG, List.of("failed", "traced", "all"), List.of("", "none", "ALL")));

    @Test
    void shouldKnowALimitOfEverySettingsRule() {
        assertThat(RULES).extracting(Rule::setting).containsExactly(Setting.values());
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "'80', '80 100'", "'100', '100'", "'95,50', '50 95 100'", "'7,7', '7 100'"})
    void shouldWarnOfTheLimitItselfWhereItWarnsOfAnything(String text, String percents) {
        // When
        LedgerConfig config = LedgerConfig.of(with("LEDGER_WARN_PERCENTS", text), Map.of(), Map.of());

        // Then
        assertThat(config.thresholds().percents().stream().map(Object::toString).collect(Collectors.joining(" ")))
                .isEqualTo(percents);
    }

    static Stream<Arguments> rightValues() {
        return RULES.stream().flatMap(rule -> rule.right().stream().map(text -> Arguments.of(rule.setting(), text)));
    }

    @ParameterizedTest(name = "{0}={1}")
    @MethodSource("rightValues")
    void shouldTakeAValueWithinTheRule(Setting setting, String text) {
        // When
        LedgerConfig config = LedgerConfig.of(with(setting.environmentName(), text), Map.of(), Map.of());

        // Then
        assertThat(config.value(setting)).isEqualTo(new Value(text, Origin.ENVIRONMENT));
    }

    static Stream<Arguments> wrongValues() {
        return RULES.stream().flatMap(rule -> rule.wrong().stream().map(text -> Arguments.of(rule.setting(), text)));
    }

    @ParameterizedTest(name = "{0}={1}")
    @MethodSource("wrongValues")
    void shouldNameAWrongValueAndWhatWouldBeRight(Setting setting, String text) {
        // Given
        String wanted = setting.wanted(text).orElse("(nothing is wrong with it)");

        // When
        assertThatThrownBy(() -> LedgerConfig.of(with(setting.environmentName(), text), Map.of(), Map.of()))
                // Then
                .isInstanceOf(InvalidConfigException.class)
                .hasMessage(setting.environmentName() + " is \"" + text + "\" and must be " + wanted + ".");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://ledger:hunter2@registry:8081",
                "http://ledger:pw/hunter2@registry:8081",
                "http://ledger:1234/hunter2@registry",
                "ledger:hunter2@registry:8081",
                "http:/ledger:hunter2@registry",
                "http://registry:8081/?apikey=hunter2"
            })
    void shouldNotShowAPasswordInAUrlWhereNoneShouldBe(String url) {
        // When
        String message = catchThrowable(
                        () -> LedgerConfig.of(with("LEDGER_SCHEMA_REGISTRY_URL", url), Map.of(), Map.of()))
                .getMessage();

        // Then
        assertThat(message)
                .startsWith("LEDGER_SCHEMA_REGISTRY_URL is not shown, for it may hold a password, and must be ")
                .doesNotContain("hunter2");
    }

    @Test
    void shouldSayThatThePropertyOfTheRegistryIsASettingOfItsOwn() {
        // When
        LedgerConfig config =
                LedgerConfig.of(with("LEDGER_KAFKA_SCHEMA_REGISTRY_URL", "http://registry:8081"), Map.of(), Map.of());

        // Then
        assertThat(config.warnings())
                .containsExactly(
                        "LEDGER_KAFKA_SCHEMA_REGISTRY_URL is ignored; what counts is LEDGER_SCHEMA_REGISTRY_URL.");
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void shouldHaveADefaultThatKeepsToItsOwnRule(Setting setting) {
        assertThat(setting.defaultValue().flatMap(setting::wanted)).isEmpty();
    }

    @Test
    void shouldReadValuesAsWhatTheyAre() {
        // When
        LedgerConfig config = LedgerConfig.of(ENOUGH, Map.of(), Map.of());

        // Then
        assertThat(config.text(Setting.APPLICATION_ID)).isEqualTo("spend-ledger");
        assertThat(config.number(Setting.PARTITIONS)).isEqualTo(12);
        assertThat(config.millis(Setting.CHECK_DEADLINE_MS)).isEqualTo(Duration.ofMillis(250));
        assertThat(config.flag(Setting.CREATE_TOPICS)).isFalse();
        assertThat(config.warnings()).isEmpty();
        assertThat(config.kafka()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"'', '', chats, tree-status", "eu., '', eu.chats, eu.tree-status", "eu., r2., eu.chats, r2.tree-status"
    })
    void shouldNameTheTopicsThatTheLedgerWritesLikeTheOthersUnlessTheyHaveAPrefixOfTheirOwn(
            String prefix, String outputPrefix, String read, String written) {
        // When
        TopicNames names = LedgerConfig.of(
                        with("LEDGER_TOPIC_PREFIX", prefix, "LEDGER_OUTPUT_TOPIC_PREFIX", outputPrefix),
                        Map.of(),
                        Map.of())
                .topicNames();

        // Then
        assertThat(names.of(Topic.CHATS)).isEqualTo(read);
        assertThat(names.of(Topic.TREE_STATUS)).isEqualTo(written);
    }

    // ---- all that is wrong, at once ----

    @Test
    void shouldNameEveryWrongAndMissingValueAtOnce() {
        // Given
        Map<String, String> environment = Map.of("LEDGER_PARTITIONS", "0", "LEDGER_CURRENCY", "usd");
        Map<Setting, String> flags = Map.of(Setting.HTTP_PORT, "http");

        // When
        assertThatThrownBy(() -> LedgerConfig.of(environment, flags, Map.of()))
                // Then
                .isInstanceOf(InvalidConfigException.class)
                .extracting(failure -> failure.getMessage().lines().toList())
                .isEqualTo(List.of(
                        "LEDGER_BOOTSTRAP_SERVERS (or --bootstrap-servers) is not set and must be: Where Kafka is:"
                                + " host:port, several with commas.",
                        "LEDGER_PARTITIONS is \"0\" and must be a whole number from 1 to 10000.",
                        "--http-port is \"http\" and must be a whole number from 0 to 65535.",
                        "LEDGER_CURRENCY is \"usd\" and must be three capital letters (ISO 4217)."));
    }

    // ---- where a value comes from ----

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "1, 2, 3, 1, FLAG",
                "1, -, -, 1, FLAG",
                "-, 2, 3, 2, ENVIRONMENT",
                "-, 2, -, 2, ENVIRONMENT",
                "-, -, 3, 3, COMMAND",
                "-, -, -, 8080, DEFAULT"
            })
    void shouldTakeAFlagBeforeTheEnvironmentBeforeTheCommandBeforeTheDefault(
            String flag, String environment, String command, String text, Origin origin) {
        // Given
        Map<String, String> variables = environment == null ? ENOUGH : with("LEDGER_HTTP_PORT", environment);

        // When
        LedgerConfig config = LedgerConfig.of(variables, port(flag), port(command));

        // Then
        assertThat(config.value(Setting.HTTP_PORT)).isEqualTo(new Value(text, origin));
    }

    /** Nobody sees the value that another hides, so it need not be right. */
    @Test
    void shouldNotJudgeAValueThatAnotherStandsAbove() {
        // When
        LedgerConfig config = LedgerConfig.of(with("LEDGER_HTTP_PORT", "http"), port("1"), Map.of());

        // Then
        assertThat(config.number(Setting.HTTP_PORT)).isEqualTo(1);
    }

    @Test
    void shouldChangeOneValueForTheCommandThatRuns() {
        // Given
        LedgerConfig config =
                LedgerConfig.of(with("LEDGER_KAFKA_ACKS", "all", "LEDGER_NOTHING", "1"), Map.of(), Map.of());

        // When
        LedgerConfig changed = config.with(Setting.HTTP_PORT, "1");

        // Then
        assertThat(changed.value(Setting.HTTP_PORT)).isEqualTo(new Value("1", Origin.COMMAND));
        assertThat(config.value(Setting.HTTP_PORT).origin()).isEqualTo(Origin.DEFAULT);
        assertThat(changed.kafka()).isEqualTo(config.kafka());
        assertThat(changed.warnings()).isEqualTo(config.warnings());
    }

    @Test
    void shouldNameEverySettingOnceInTheEnvironmentAndOnceAsAFlag() {
        assertThat(names(Setting::environmentName)).hasSize(Setting.values().length);
        assertThat(names(Setting::flag)).hasSize(Setting.values().length).allMatch(flag -> flag.matches("--[a-z-]+"));
    }

    // ---- names that are no settings ----

    @ParameterizedTest
    @CsvSource({
        "LEDGER_HTTP_PROT, LEDGER_HTTP_PORT",
        "LEDGER_BOOTSTRAP_SERVER, LEDGER_BOOTSTRAP_SERVERS",
        "LEDGER_http_port, LEDGER_HTTP_PORT"
    })
    void shouldWarnOfAnUnknownNameWithTheNearestKnownOne(String unknown, String nearest) {
        // When
        LedgerConfig config = LedgerConfig.of(with(unknown, "1"), Map.of(), Map.of());

        // Then
        assertThat(config.warnings())
                .containsExactly(
                        unknown + " is no setting of the ledger and is ignored; the nearest is " + nearest + ".");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"LEDGER", "LEDGERS_HTTP_PORT", "MY_LEDGER_HTTP_PORT", "ledger_http_port", "LEDGER_JAVA_OPTS"})
    void shouldNotMindNamesThatAreNotTheInstances(String name) {
        // When
        LedgerConfig config = LedgerConfig.of(with(name, "nonsense"), Map.of(), Map.of());

        // Then
        assertThat(config.warnings()).isEmpty();
    }

    /** What Kubernetes sets in every pod beside a Service called "ledger", "ledger-http" or "ledger-kafka". */
    @ParameterizedTest
    @CsvSource({
        "LEDGER_SERVICE_HOST, 10.0.0.7",
        "LEDGER_SERVICE_PORT, 8080",
        "LEDGER_SERVICE_PORT_HTTP, 8080",
        "LEDGER_PORT, tcp://10.0.0.7:8080",
        "LEDGER_PORT_8080_TCP, tcp://10.0.0.7:8080",
        "LEDGER_PORT_8080_TCP_PROTO, tcp",
        "LEDGER_PORT_8080_TCP_PORT, 8080",
        "LEDGER_PORT_8080_TCP_ADDR, 10.0.0.7",
        "LEDGER_PORT_53_UDP, udp://10.0.0.7:53",
        "LEDGER_HTTP_SERVICE_HOST, 10.0.0.7",
        "LEDGER_HTTP_SERVICE_PORT, 8080",
        "LEDGER_HTTP_PORT, tcp://10.0.0.7:8080",
        "LEDGER_HTTP_PORT_8080_TCP_ADDR, 10.0.0.7",
        "LEDGER_KAFKA_SERVICE_HOST, 10.0.0.7",
        "LEDGER_KAFKA_PORT, tcp://10.0.0.7:9092",
        "LEDGER_KAFKA_PORT_9092_TCP_PORT, 9092"
    })
    void shouldIgnoreWhatKubernetesSetsForAService(String name, String value) {
        // When
        LedgerConfig config = LedgerConfig.of(with(name, value), Map.of(), Map.of());

        // Then
        assertThat(config.warnings()).isEmpty();
        assertThat(config.kafka()).isEmpty();
        assertThat(config.value(Setting.HTTP_PORT).origin()).isEqualTo(Origin.DEFAULT);
    }

    @Test
    void shouldHandAnyPropertyToTheKafkaClients() {
        // Given
        Map<String, String> environment = with(
                "LEDGER_KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "LEDGER_KAFKA_SASL_JAAS_CONFIG", "x required y=\"Z\";");

        // When
        LedgerConfig config = LedgerConfig.of(environment, Map.of(), Map.of());

        // Then
        assertThat(config.kafka())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("security.protocol", "SASL_SSL", "sasl.jaas.config", "x required y=\"Z\";"));
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void shouldPutAPropertyOfTheDeploymentAboveItsOwnInEveryClient() {
        // Given
        LedgerConfig config = LedgerConfig.of(
                with("LEDGER_KAFKA_REQUEST_TIMEOUT_MS", "77", "LEDGER_KAFKA_SECURITY_PROTOCOL", "SSL"),
                Map.of(),
                Map.of());

        // When
        List<Map<String, Object>> clients = List.of(KafkaSettings.admin(config), KafkaSettings.producer(config));

        // Then
        assertThat(clients)
                .allSatisfy(client -> assertThat(client)
                        .containsEntry("request.timeout.ms", "77")
                        .containsEntry("security.protocol", "SSL")
                        .containsEntry("bootstrap.servers", "localhost:9092"));
    }

    @Test
    void shouldPutAFolderAboveTheEnvironmentAndAFlagAboveTheFolder() {
        // When
        LedgerConfig config = LedgerConfig.ofFolder(
                with(
                        "LEDGER_TOPIC_PREFIX", "eu.",
                        "LEDGER_CURRENCY", "EUR",
                        "LEDGER_KAFKA_BOOTSTRAP_SERVERS", "other:9092"),
                Map.of(Setting.PARTITIONS, "7"),
                Map.of(
                        Setting.BOOTSTRAP_SERVERS,
                        "127.0.0.1:19092",
                        Setting.TOPIC_PREFIX,
                        "",
                        Setting.PARTITIONS,
                        "4"));

        // Then
        assertThat(config.value(Setting.BOOTSTRAP_SERVERS)).isEqualTo(new Value("127.0.0.1:19092", Origin.COMMAND));
        assertThat(config.text(Setting.TOPIC_PREFIX)).isEmpty();
        assertThat(config.text(Setting.PARTITIONS)).isEqualTo("7");
        assertThat(config.text(Setting.CURRENCY)).as("not the folder's").isEqualTo("EUR");
        assertThat(KafkaSettings.reader(config)).containsEntry("bootstrap.servers", "127.0.0.1:19092");
    }

    /** Or it could commit in the ledger's own group, or wait for what the ledger cannot read. */
    @Test
    void shouldLetNoPropertyOfTheDeploymentMakeAnOnlookerAMemberOfAGroup() {
        // Given
        LedgerConfig config = LedgerConfig.of(
                with(
                        "LEDGER_KAFKA_GROUP_ID", "spend-ledger",
                        "LEDGER_KAFKA_GROUP_INSTANCE_ID", "ledger-0",
                        "LEDGER_KAFKA_ENABLE_AUTO_COMMIT", "true",
                        "LEDGER_KAFKA_ISOLATION_LEVEL", "read_uncommitted"),
                Map.of(),
                Map.of());

        // When
        Map<String, Object> onlooker = KafkaSettings.onlooker(config);

        // Then
        assertThat(onlooker)
                .doesNotContainKeys("group.id", "group.instance.id")
                .containsEntry("enable.auto.commit", false)
                .containsEntry("isolation.level", "read_committed");
    }

    private static Map<String, String> with(String... namesAndValues) {
        Map<String, String> environment = new HashMap<>(ENOUGH);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            environment.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return environment;
    }

    private static Map<Setting, String> port(String text) {
        return text == null ? Map.of() : Map.of(Setting.HTTP_PORT, text);
    }

    private static Set<String> names(Function<Setting, String> name) {
        return EnumSet.allOf(Setting.class).stream().map(name).collect(Collectors.toSet());
    }
}
