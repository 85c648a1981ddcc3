package dev.spendledger.api.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.AccessTable;
import dev.spendledger.api.testing.ApicurioRegistry;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.ProgramRun;
import dev.spendledger.api.testing.Toolchain;
import dev.spendledger.embedded.EmbeddedKafka;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The two instances of docker-compose.yml, by the command of the image and with the environment as it stands there, on a
 * broker, with users and passwords, and a registry of this machine. There is no Docker to run them in.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ComposeIT {
    private static final Duration STARTS_WITHIN = Duration.ofMinutes(3);
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration INSTALLS_WITHIN = Duration.ofMinutes(3);
    private static final List<String> ROOTS =
            IntStream.range(0, 24).mapToObj(i -> "root-" + i).toList();

    /** Not in a temporary folder: it is full of links, which JUnit would warn of. */
    private static final Path ROOT_OF_IMAGE = Path.of("target", "image").toAbsolutePath();

    @TempDir
    private static Path dir;

    private static Compose compose;
    private static ApicurioRegistry registry;
    private static EmbeddedKafka kafka;
    private static final List<ContainerProcess> instances = new ArrayList<>();
    private static final List<Http> http = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        compose = Compose.read();
        registry = ApicurioRegistry.start(dir.resolve("registry"));
        kafka = EmbeddedKafka.startSecured(dir.resolve("kafka"), 0, Map.of(EmbeddedKafka.ADMIN, "password"), Map.of());
        // What a production has beside what the file says: a Kafka with users, and tokens.
        Map<String, String> more = new LinkedHashMap<>();
        EmbeddedKafka.login(EmbeddedKafka.ADMIN, "password")
                .forEach((property, value) -> more.put(
                        "LEDGER_KAFKA_" + property.toUpperCase(Locale.ROOT).replace('.', '_'), value));
        more.put(Setting.API_TOKENS_FILE.environmentName(), "/run/secrets/tokens");
        more.put(Setting.INTERNAL_TOKEN_FILE.environmentName(), "/run/secrets/secret");
        Path secrets = Files.createDirectory(dir.resolve("secrets"));
        Files.writeString(secrets.resolve("tokens"), AccessTable.file());
        Files.writeString(secrets.resolve("secret"), AccessTable.SECRET);
        Image image = Image.read();
        image.layOut(ROOT_OF_IMAGE);
        List<Integer> ports = freePorts();
        Map<String, String> here = new LinkedHashMap<>();
        here.put("/run/secrets", secrets.toString());
        here.put("kafka:19092", kafka.bootstrapServers());
        here.put("http://registry:8081", registry.url().toString());
        for (int i = 0; i < Compose.INSTANCES.size(); i++) {
            here.put("http://" + Compose.INSTANCES.get(i) + ":8080", "http://127.0.0.1:" + ports.get(i));
        }
        for (int i = 0; i < Compose.INSTANCES.size(); i++) {
            String name = Compose.INSTANCES.get(i);
            Map<String, String> its = new LinkedHashMap<>(here);
            its.put("8080", ports.get(i).toString());
            instances.add(ContainerProcess.start(
                    ROOT_OF_IMAGE,
                    dir.resolve(name),
                    its,
                    with(compose.environment(name), more),
                    image.command(),
                    compose.service(name).get("mem_limit").textValue()));
            http.add(new Http(URI.create("http://127.0.0.1:" + ports.get(i))));
        }
        for (int i = 0; i < instances.size(); i++) {
            awaitHealth(i);
        }
    }

    private static Map<String, String> with(Map<String, String> environment, Map<String, String> more) {
        Map<String, String> both = new LinkedHashMap<>(environment);
        both.putAll(more);
        return both;
    }

    private static void awaitHealth(int i) {
        List<String> command = compose.healthCheck(Compose.INSTANCES.get(i));
        await().atMost(STARTS_WITHIN).until(() -> {
            assertThat(instances.get(i).isAlive())
                    .as("it runs: %s", instances.get(i).log())
                    .isTrue();
            return instances.get(i).execute(command, Duration.ofSeconds(10)) == 0;
        });
    }

    @AfterAll
    static void stop() {
        instances.forEach(ContainerProcess::close);
        try (ApicurioRegistry stoppedLast = registry;
                EmbeddedKafka stopped = kafka) {
            // Closed by the way it is written.
        }
    }

    // ---- the instances ----

    static List<AccessTable.Route> routes() {
        return AccessTable.routes();
    }

    @ParameterizedTest
    @MethodSource("routes")
    void shouldLetEveryCallerDoAtBothWhatItsTokenIsFor(AccessTable.Route route) {
        for (Http one : http) {
            route.assertHolds(caller -> send(one, caller, route.method(), route.path(), Optional.empty())
                    .status());
        }
    }

    private static Reply send(Http http, String caller, String method, String path, Optional<String> json) {
        HttpRequest.Builder request = http.request(path)
                .method(method, json.map(BodyPublishers::ofString).orElse(BodyPublishers.noBody()));
        json.ifPresent(body -> request.header("Content-Type", "application/json"));
        AccessTable.authorization(caller).ifPresent(header -> request.header("Authorization", header));
        return http.send(request);
    }

    /** It has said so of both already, when they were waited for. */
    @Test
    void shouldFindAnInstanceIllWhereNobodyListens() throws Exception {
        // Given
        List<String> command = compose.healthCheck("ledger-1").stream()
                .map(word -> word.replace("$LEDGER_HTTP_PORT", "1"))
                .toList();

        // When
        int status = instances.get(0).execute(command, Duration.ofSeconds(10));

        // Then
        assertThat(status).isNotZero();
    }

    @Test
    void shouldAnswerForThePartitionsOfTheOther() {
        // Given
        for (String root : ROOTS) {
            create(http.get(0), root, "null");
        }

        // When
        await().atMost(PATIENCE).untilAsserted(() -> {
            Set<List<String>> answers = new HashSet<>();
            for (String root : ROOTS) {
                answers.add(http.stream()
                        .map(one -> check(one, root))
                        .map(reply -> reply.json().get("served_by").textValue())
                        .toList());
            }

            // Then
            assertThat(answers).containsExactlyInAnyOrder(List.of("owner", "peer"), List.of("peer", "owner"));
        });
    }

    @Test
    void shouldRejectAtBothOnceTheLimitIsReached() {
        // Given
        create(http.get(0), "limited", "100");

        // When
        Reply written = send(
                http.get(1),
                "write",
                "POST",
                "/v1/messages",
                Optional.of(
                        "{\"message_id\": \"m-1\", \"chat_id\": \"limited\", \"account_id\": \"acme\", \"cost_micros\": 100}"));

        // Then
        assertThat(written.status()).as(written.body()).isEqualTo(202);
        for (Http one : http) {
            await().atMost(PATIENCE).untilAsserted(() -> {
                Reply reply = check(one, "limited");
                assertThat(reply.status()).isEqualTo(409);
                assertThat(reply.json().get("scope").textValue()).isEqualTo("chat_lifetime");
            });
        }
    }

    @Test
    void shouldGiveTheHeapHalfOfTheContainersMemory() {
        // When
        String metrics = send(http.get(0), "metrics", "GET", "/metrics", Optional.empty())
                .body();

        // Then
        assertThat(metrics).contains("jvm_memory_max_bytes{area=\"heap\",id=\"G1 Old Gen\"} " + (double) (512L << 20));
    }

    /** A second copy of the same library, at each crash one more, would fill a small disk. */
    @Test
    void shouldUnpackTheLibraryOfRocksDbUnderOneNameAndWriteNowhereElse() throws IOException {
        // When
        List<String> tmp = names(instances.get(0).folder().resolve("tmp"));

        // Then
        assertThat(tmp).anyMatch(name -> name.matches("librocksdbjni-[a-z0-9_-]+\\.\\w+"));
        assertThat(names(instances.get(0).folder().resolve("empty"))).isEmpty();
        assertThat(instances.get(0).folder().resolve("volume/state/spend-ledger"))
                .isDirectory();
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void shouldRunTheOtherCommandsOfTheImage() throws Exception {
        // When
        int status = instances.get(0).execute(Image.read().command("topics", "check"), PATIENCE);

        // Then
        assertThat(instances.get(0).executedLog()).contains("The topics are as the ledger needs them.");
        assertThat(status).isZero();
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void shouldEndWithStatus0WithinTheGracePeriod() throws Exception {
        // When
        instances.forEach(ContainerProcess::terminate);

        // Then
        for (int i = 0; i < instances.size(); i++) {
            Duration grace = Duration.parse("PT"
                    + compose.service(Compose.INSTANCES.get(i))
                            .get("stop_grace_period")
                            .textValue());
            assertThat(instances.get(i).endWithin(grace))
                    .as(instances.get(i).log())
                    .isEqualTo(OptionalInt.of(0));
        }
    }

    private static void create(Http http, String root, String limit) {
        Reply reply = send(
                http,
                "write",
                "POST",
                "/v1/chats",
                Optional.of("{\"chat_id\": \"" + root + "\", \"account_id\": \"acme\", \"spend_limit_micros\": " + limit
                        + "}"));
        assertThat(reply.status()).as(reply.body()).isEqualTo(201);
    }

    private static Reply check(Http http, String chat) {
        return send(http, "check", "POST", "/v1/chats/" + chat + "/check", Optional.empty());
    }

    private static List<Integer> freePorts() throws IOException {
        try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return List.of(one.getLocalPort(), other.getLocalPort());
        }
    }

    // ---- the files ----

    /** By a linter that brings the schema of Compose files with it, and finds some mistakes that no schema does. */
    @Test
    void shouldWriteOnlyWhatComposeKnows() throws IOException {
        // Given
        Toolchain.NODE.require();
        Path tools = Files.createDirectories(Path.of("target", "compose").toAbsolutePath());
        for (String file : List.of("package.json", "package-lock.json")) {
            Files.copy(
                    Path.of("src/test/resources/compose", file),
                    tools.resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        ProgramRun.installPackages(tools, INSTALLS_WITHIN);

        // When
        ProgramRun run = ProgramRun.of(
                tools,
                Map.of(),
                PATIENCE,
                "node_modules/.bin/dclint",
                "--quiet",
                Compose.FILE.toAbsolutePath().normalize().toString());

        // Then
        assertThat(run.status()).as(run.out()).isZero();
    }

    /** On a machine that has kubectl; all else about these files is told without it. */
    @Test
    void shouldBeWhatKustomizeTakes() throws IOException {
        // When
        String built = kustomized(Kubernetes.FOLDER);

        // Then
        assertThat(built).containsPattern("configMapRef:\\s+name: ledger-\\w+");
    }

    /** Where a variable names another, that must stand above it, and a patch can turn them about. */
    @Test
    void shouldAdvertiseHttpsByThePodsNameWithTheComponentForTls() throws IOException {
        // Given
        Path overlay = Files.createDirectories(Path.of("target", "kustomize"));
        Path base = overlay.toAbsolutePath()
                .relativize(Kubernetes.FOLDER.toAbsolutePath().normalize());
        Files.writeString(
                overlay.resolve("kustomization.yaml"),
                "resources: [" + base + "]\ncomponents: [" + base.resolve("tls") + "]\n");

        // When
        String built = kustomized(overlay);

        // Then
        assertThat(built)
                .containsSubsequence(
                        "name: LEDGER_INSTANCE_ID",
                        "value: https://$(LEDGER_INSTANCE_ID).ledger-instances:8080",
                        "LEDGER_TLS_CERTIFICATE_FILE")
                .doesNotContain("http://");
        assertThat(built.split("scheme: HTTPS", -1)).hasSize(4);
    }

    private static String kustomized(Path folder) throws IOException {
        Toolchain.KUBECTL.offer();
        ProgramRun run = ProgramRun.of(
                Path.of("target"),
                Map.of(),
                PATIENCE,
                "kubectl",
                "kustomize",
                folder.toAbsolutePath().normalize().toString());
        assertThat(run.status()).as(run.out()).isZero();
        return run.out();
    }
}
