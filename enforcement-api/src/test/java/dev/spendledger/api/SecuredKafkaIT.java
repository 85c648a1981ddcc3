package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.command.Main;
import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.testing.CommandRun;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.KafkaScript;
import dev.spendledger.api.testing.ProgramRun;
import dev.spendledger.embedded.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A ledger on a Kafka with passwords and ACLs: what {@code topics print} prints is enough, and nothing of it can be left out.
 * One broker for all; each user that lacks something is a user of its own.
 */
@Timeout(180)
class SecuredKafkaIT {
    private static final Duration WITHIN = Duration.ofSeconds(60);
    private static final String PASSWORD = "pw71ax";
    private static final String PARTITIONS = "4";

    @TempDir
    private static Path dir;

    private static EmbeddedKafka kafka;
    private static Admin admin;
    private static KafkaScript script;
    private static List<String> printed;
    private static List<AclBinding> granted;

    @BeforeAll
    static void start() throws ExecutionException, InterruptedException {
        kafka = EmbeddedKafka.startSecured(
                dir.resolve("kafka"), 0, Map.of(EmbeddedKafka.ADMIN, PASSWORD, "ledger", PASSWORD), Map.of());
        Map<String, String> login = EmbeddedKafka.login(EmbeddedKafka.ADMIN, PASSWORD);
        script = new KafkaScript(dir, login);
        Map<String, Object> settings = new HashMap<>(login);
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        admin = Admin.create(settings);
        printed = CommandRun.in(environment("ledger"), "topics", "print")
                .out()
                .lines()
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        printed.forEach(script::run);
        granted = List.copyOf(admin.describeAcls(AclBindingFilter.ANY).values().get());
        createUsersWithoutOne();
    }

    /** The user {@code without-7} has all that was granted but the seventh. */
    private static void createUsersWithoutOne() throws ExecutionException, InterruptedException {
        admin.alterUserScramCredentials(IntStream.range(0, granted.size())
                        .mapToObj(i -> new UserScramCredentialUpsertion(
                                "without-" + i, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4_096), PASSWORD))
                        .collect(Collectors.toList()))
                .all()
                .get();
        List<AclBinding> acls = new ArrayList<>();
        for (int without = 0; without < granted.size(); without++) {
            for (int i = 0; i < granted.size(); i++) {
                if (i != without) {
                    acls.add(new AclBinding(
                            granted.get(i).pattern(),
                            entry("without-" + without, granted.get(i).entry().operation())));
                }
            }
        }
        admin.createAcls(acls).all().get();
    }

    private static AccessControlEntry entry(String user, AclOperation operation) {
        return new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW);
    }

    @AfterAll
    static void stop() {
        admin.close();
        kafka.close();
    }

    // ---- All that is printed ----

    @Test
    void shouldServeWithTheRightsThatAreMadeByTheLinesPrinted() throws Exception {
        // Given
        CommandRun check = CommandRun.in(environment("ledger"), "topics", "check");

        // When
        try (LedgerInstance instance = startAndAwait(environment("ledger"))) {
            Http http = new Http(instance.url());
            post(http, "/v1/chats", "{\"chat_id\": \"r\", \"account_id\": \"a\", \"spend_limit_micros\": 100}", 201);
            post(http, "/v1/chats", "{\"chat_id\": \"c\", \"parent_chat_id\": \"r\", \"account_id\": \"a\"}", 201);
            message(http, "m-1", "c", 100);
            awaitRejection(http, "c", "spend_limit_exceeded");
            assertThat(http.put("/v1/chats/r/limit", "{\"spend_limit_micros\": 200}")
                            .status())
                    .isEqualTo(200);

            assertThat(http.put("/v1/limits/accounts/a", "{\"spend_limit_micros\": 150}")
                            .status())
                    .isEqualTo(200);
            assertThat(http.put("/v1/accounts/a/groups", "{\"group_ids\": [\"g\"]}")
                            .status())
                    .isEqualTo(200);
            message(http, "m-2", "r", 50);
            awaitRejection(http, "c", "spend_limit_exceeded");
            assertThat(http.delete("/v1/limits/accounts/a").status()).isEqualTo(204);

            assertThat(http.put("/v1/chats/r/freeze", "{}").status()).isEqualTo(200);
            awaitRejection(http, "c", "frozen");
            assertThat(http.delete("/v1/chats/r/freeze").status()).isEqualTo(200);
            message(http, "m-3", "c", 50);
            awaitRejection(http, "c", "spend_limit_exceeded");

            // Then
            assertThat(check.out()).isEqualToIgnoringNewLines("The topics are as the ledger needs them.");
            assertThat(check.status()).isZero();
            await().atMost(WITHIN).until(() -> beginning("ledger-routing") > 0 && beginning("account-deltas") > 0);
            assertThatTheCommandsWork(instance);
        }
        try (LedgerInstance again = startAndAwait(environment("ledger"))) {
            awaitRejection(new Http(again.url()), "c", "spend_limit_exceeded");
        }
    }

    /** With a fact that is a dead letter, for as long as it takes to look at it. */
    private static void assertThatTheCommandsWork(LedgerInstance instance) throws Exception {
        Map<String, Object> settings = new HashMap<>(EmbeddedKafka.login(EmbeddedKafka.ADMIN, PASSWORD));
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        try (Producer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("chats", "rubbish", "no event")).get();
        }
        Map<String, String> environment = environment("ledger");
        environment.put("LEDGER_ADVERTISED_URL", instance.url().toString());
        CommandRun letters = await().atMost(WITHIN)
                .until(
                        () -> CommandRun.in(environment, "dead-letters", "--all", "--replay"),
                        run -> run.out().contains("chats"));
        assertThat(letters.status()).as(letters.err()).isZero();
        for (String command : List.of("verify", "trace m-1 --chat=c", "replay --limit=1 --all")) {
            CommandRun run = CommandRun.in(environment, command.split(" "));
            assertThat(run.err()).as(command).isEmpty();
            assertThat(run.status()).as(command).isZero();
        }
    }

    // ---- One fewer ----

    static IntStream withoutOne() {
        return IntStream.range(0, granted.size());
    }

    @ParameterizedTest
    @MethodSource("withoutOne")
    void shouldSayWhatIsMissingAndHowToGrantIt(int missing) {
        // Given
        AclBinding right = granted.get(missing);
        String user = "without-" + missing;
        String command = "kafka-acls.sh --bootstrap-server " + kafka.bootstrapServers()
                + " --add --allow-principal User:ledger --operation " + operation(right) + " " + resource(right);
        Map<String, String> environment = environment(user);
        environment.put("LEDGER_STATE_DIR", dir.resolve(user).toString());

        // When
        CommandRun check = CommandRun.in(environment, "topics", "check");
        var starting = assertThatThrownBy(() -> LedgerInstance.start(config(environment)));

        // Then
        assertThat(check.out())
                .isEqualToIgnoringNewLines("The ledger's user has no right to " + operation(right) + " on "
                        + resource(right)
                                .replaceAll("--resource-pattern-type prefixed (.*)", "$1*")
                                .replaceAll("--transactional-id", "transactional id")
                                .replaceAll("--", "")
                        + "; grant it, in the user's own name, with: " + command);
        assertThat(check.status()).isEqualTo(1);
        starting.isInstanceOf(StartException.class).hasMessage(check.out().strip());
        assertThat(dir.resolve(user)).doesNotExist();
        script.run(command.replace("User:ledger", "User:" + user));
        await().atMost(WITHIN)
                .until(() -> CommandRun.in(environment, "topics", "check").status() == 0);
    }

    private static String operation(AclBinding right) {
        return switch (right.entry().operation()) {
            case READ -> "Read";
            case WRITE -> "Write";
            case DELETE -> "Delete";
            case DESCRIBE_CONFIGS -> "DescribeConfigs";
            default -> throw new AssertionError(right);
        };
    }

    private static String resource(AclBinding right) {
        ResourcePattern resource = right.pattern();
        return (resource.patternType() == PatternType.PREFIXED ? "--resource-pattern-type prefixed " : "")
                + switch (resource.resourceType()) {
                    case TOPIC -> "--topic ";
                    case GROUP -> "--group ";
                    case TRANSACTIONAL_ID -> "--transactional-id ";
                    default -> throw new AssertionError(right);
                }
                + resource.name();
    }

    @Test
    void shouldEndTheProcessOfAnInstanceThatLacksARight() {
        // Given
        Map<String, String> environment = environment("ledger");
        environment.put("LEDGER_APPLICATION_ID", "another");

        // When
        ProgramRun serve = ProgramRun.of(
                dir,
                environment,
                WITHIN,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve");

        // Then
        assertThat(serve.status()).isEqualTo(1);
        assertThat(serve.out())
                .contains("no right to Read on group another")
                .doesNotContain("listens on", "\tat ", PASSWORD);
    }

    @Test
    void shouldSayThatItMayNotCreateTopics() throws Exception {
        // Given
        admin.createAcls(List.of(new AclBinding(
                        new ResourcePattern(ResourceType.TOPIC, "fresh.", PatternType.PREFIXED),
                        entry("ledger", AclOperation.DESCRIBE))))
                .all()
                .get();
        Map<String, String> environment = environment("ledger");
        environment.put("LEDGER_CREATE_TOPICS", "true");
        environment.put("LEDGER_TOPIC_PREFIX", "fresh.");

        // When
        String message = await().atMost(WITHIN)
                .until(() -> messageOfStart(environment), said -> said.contains("may not create"));

        // Then
        assertThat(message)
                .containsPattern("This user of Kafka may not create topic fresh\\.[a-z-]+\\.")
                .contains("topics print", "LEDGER_CREATE_TOPICS");
    }

    @Test
    void shouldNeedNoRightToCreateWhereNothingIsMissing() {
        // Given
        Map<String, String> environment = environment("ledger");
        environment.put("LEDGER_CREATE_TOPICS", "true");
        environment.put("LEDGER_STATE_DIR", dir.resolve("created").toString());

        // When
        String message = messageOfStart(environment);

        // Then
        assertThat(message).startsWith("started at");
    }

    @Test
    void shouldSayInACommandWhatItMayNotLookAt() {
        // Given
        Map<String, String> environment = environment("ledger");
        environment.put("LEDGER_TOPIC_PREFIX", "hidden.");

        // When
        CommandRun verify = CommandRun.in(environment, "verify");

        // Then
        assertThat(verify.status()).isEqualTo(1);
        assertThat(verify.err()).containsPattern("This user of Kafka may not look at topic hidden\\.[a-z-]+\\.");
    }

    private static String messageOfStart(Map<String, String> environment) {
        try (LedgerInstance instance = LedgerInstance.start(config(environment))) {
            return "started at " + instance.url();
        } catch (StartException e) {
            return e.getMessage();
        }
    }

    // ---- Not let in ----

    static Stream<List<String>> wrongLogins() {
        String login = "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"ledger\" password=";
        return Stream.of(
                List.of("SASL_PLAINTEXT", "SCRAM-SHA-512", login + "\"wrong81x\";", "does not let the ledger in"),
                List.of(
                        "SASL_PLAINTEXT",
                        "SCRAM-SHA-256",
                        login + "\"" + PASSWORD + "\";",
                        "does not let the ledger in"),
                List.of("SASL_PLAINTEXT", "SCRAM-SHA-512", login + "two " + PASSWORD + ";", "cannot be read"),
                List.of("SASL_PLAINTEXT", "SCRAM-SHA-512", "", "is not set or cannot be read"),
                List.of("PLAINTEXT", "SCRAM-SHA-512", login + "\"" + PASSWORD + "\";", "does it speak PLAINTEXT there"),
                List.of("SASL_PLAIN", "SCRAM-SHA-512", login + "\"" + PASSWORD + "\";", "SASL_PLAINTEXT"));
    }

    @ParameterizedTest
    @MethodSource("wrongLogins")
    void shouldSayPlainlyThatItIsNotLetInAndNotSayThePassword(List<String> login) {
        // Given
        Map<String, String> environment = environment("ledger");
        environment.put("LEDGER_KAFKA_SECURITY_PROTOCOL", login.get(0));
        environment.put("LEDGER_KAFKA_SASL_MECHANISM", login.get(1));
        environment.put("LEDGER_KAFKA_SASL_JAAS_CONFIG", login.get(2));
        if (login.get(2).isEmpty()) {
            environment.remove("LEDGER_KAFKA_SASL_JAAS_CONFIG");
        }
        environment.put("LEDGER_KAFKA_DEFAULT_API_TIMEOUT_MS", "2000");
        environment.put("LEDGER_KAFKA_REQUEST_TIMEOUT_MS", "1000");

        // When
        CommandRun check = CommandRun.in(environment, "topics", "check");
        String start = messageOfStart(environment);

        // Then
        assertThat(check.status()).isEqualTo(1);
        assertThat(check.err())
                .hasLineCount(1)
                .contains(login.get(3), "LEDGER_KAFKA_")
                .doesNotContain(PASSWORD, "wrong81x");
        assertThat(start).isEqualTo(check.err().strip());
    }

    // ---- TLS ----

    @Test
    void shouldSpeakTlsToWhoHasACertificateThatItTrusts() throws Exception {
        // Given
        Path keys = dir.resolve("keys.p12");
        Path certificate = dir.resolve("certificate.pem");
        keytool("-genkeypair -alias broker -keyalg EC -dname CN=broker -ext SAN=ip:127.0.0.1 -keystore " + keys);
        keytool("-exportcert -rfc -alias broker -file " + certificate + " -keystore " + keys);
        Map<String, String> tls = Map.of(
                "listener.security.protocol.map",
                "BROKER:SASL_SSL,CONTROLLER:SASL_PLAINTEXT",
                "ssl.keystore.location",
                keys.toString(),
                "ssl.keystore.password",
                PASSWORD,
                "ssl.truststore.location",
                certificate.toString(),
                "ssl.truststore.type",
                "PEM");
        try (EmbeddedKafka secure =
                EmbeddedKafka.startSecured(dir.resolve("tls"), 0, Map.of(EmbeddedKafka.ADMIN, PASSWORD), tls)) {
            Map<String, String> untrusting = environment(EmbeddedKafka.ADMIN);
            untrusting.put("LEDGER_BOOTSTRAP_SERVERS", secure.bootstrapServers());
            untrusting.put("LEDGER_CREATE_TOPICS", "true");
            untrusting.put("LEDGER_STATE_DIR", dir.resolve("tls-state").toString());
            untrusting.put("LEDGER_KAFKA_SECURITY_PROTOCOL", "SASL_SSL");
            Map<String, String> trusting = new HashMap<>(untrusting);
            trusting.put("LEDGER_KAFKA_SSL_TRUSTSTORE_TYPE", "PEM");
            trusting.put("LEDGER_KAFKA_SSL_TRUSTSTORE_LOCATION", certificate.toString());

            // When
            String refused = messageOfStart(untrusting);
            try (LedgerInstance instance = startAndAwait(trusting)) {
                Http http = new Http(instance.url());
                post(http, "/v1/chats", "{\"chat_id\": \"r\", \"account_id\": \"a\", \"spend_limit_micros\": 1}", 201);
                message(http, "m-1", "r", 1);

                // Then
                awaitRejection(http, "r", "spend_limit_exceeded");
                assertThat(refused).contains("does not let the ledger in", "LEDGER_KAFKA_SSL_");
            }
        }
    }

    private static void keytool(String arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments.split(" ")));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
        ProgramRun run = ProgramRun.of(dir, Map.of(), WITHIN, command.toArray(String[]::new));
        assertThat(run.status()).as(run.out()).isZero();
    }

    // ---- What they share ----

    private static Map<String, String> environment(String user) {
        Map<String, String> environment = new HashMap<>();
        environment.put("LEDGER_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
        environment.put("LEDGER_PARTITIONS", PARTITIONS);
        environment.put("LEDGER_HTTP_PORT", "0");
        environment.put("LEDGER_DRAIN_MS", "0");
        environment.put("LEDGER_STATE_DIR", dir.resolve("state").toString());
        EmbeddedKafka.login(user, PASSWORD)
                .forEach((property, value) -> environment.put(
                        "LEDGER_KAFKA_" + property.toUpperCase(Locale.ROOT).replace('.', '_'), value));
        return environment;
    }

    private static LedgerConfig config(Map<String, String> environment) {
        return LedgerConfig.of(environment, Map.of(), Map.of());
    }

    private static LedgerInstance startAndAwait(Map<String, String> environment) throws StartException {
        LedgerInstance instance = LedgerInstance.start(config(environment));
        await().atMost(WITHIN).until(instance::isReady);
        return instance;
    }

    private static void post(Http http, String path, String body, int status) {
        Http.Reply reply = http.post(path, body);
        assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    }

    private static void message(Http http, String id, String chat, int micros) {
        post(
                http,
                "/v1/messages",
                "{\"message_id\": \"" + id + "\", \"chat_id\": \"" + chat
                        + "\", \"account_id\": \"a\", \"cost_micros\": " + micros + "}",
                202);
    }

    private static void awaitRejection(Http http, String chat, String code) {
        await().atMost(WITHIN).untilAsserted(() -> {
            Http.Reply reply = http.post("/v1/chats/" + chat + "/check");
            assertThat(reply.status()).as(reply.body()).isEqualTo(409);
            assertThat(reply.json().get("code").asText()).isEqualTo(code);
        });
    }

    /** Where the records of a topic begin, in the partition where that is furthest. */
    private static long beginning(String topic) throws ExecutionException, InterruptedException {
        return admin
                .listOffsets(IntStream.range(0, Integer.parseInt(PARTITIONS))
                        .boxed()
                        .collect(Collectors.toMap(
                                partition -> new TopicPartition(topic, partition), any -> OffsetSpec.earliest())))
                .all()
                .get()
                .values()
                .stream()
                .mapToLong(found -> found.offset())
                .max()
                .orElseThrow();
    }
}
