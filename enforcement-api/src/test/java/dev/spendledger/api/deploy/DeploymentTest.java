package dev.spendledger.api.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.Setting;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dockerfile, docker-compose.yml and deploy/kubernetes against the configuration, the documents, and each other. */
class DeploymentTest {
    private static final Path DOCKERFILE = Image.ROOT.resolve("Dockerfile");
    private static final Path README = Image.ROOT.resolve("README.md");
    private static final Path POM = Image.ROOT.resolve("pom.xml");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** A version, and not a name that moves on. */
    private static final Pattern PINNED = Pattern.compile("[a-z/-]+:v?\\d+\\.\\d+\\.\\d+\\S*");

    /**
     * What a stop may take beside the drain, part by part: the views 5 s, Kafka Streams 20 s, the HTTP server 10 s, the
     * writer 5 s, and what the administration still waits for 15 s.
     */
    private static final Duration CLOSES_WITHIN = Duration.ofSeconds(55);

    /** What BoundedRocksDb has beside the heap. */
    private static final long ROCKSDB_MIB = 96;
    /** What the JVM may well have beside the heap: classes, code, threads, its collector's own, buffers of the network. */
    private static final long JVM_MIB = 250;

    private Image image;
    private Compose compose;
    private Kubernetes kubernetes;

    @BeforeEach
    void read() throws IOException {
        image = Image.read();
        compose = Compose.read();
        kubernetes = Kubernetes.read();
    }

    static Stream<Map<String, String>> environments() throws IOException {
        return Stream.of(
                Compose.read().environment("ledger-1"),
                Compose.read().environment("ledger-2"),
                Kubernetes.read().environment("ledger-0"));
    }

    // ---- the settings ----

    @ParameterizedTest
    @MethodSource("environments")
    void shouldSetOnlyWhatIsASettingToWhatIsLegal(Map<String, String> environment) {
        // When
        LedgerConfig config = LedgerConfig.of(environment, Map.of(), Map.of());

        // Then
        assertThat(config.warnings()).isEmpty();
        assertThat(environment.keySet().stream().filter(name -> name.startsWith("LEDGER_")))
                .hasSizeGreaterThan(5);
        assertThat(config.number(Setting.HTTP_PORT)).isEqualTo(image.port());
    }

    @Test
    void shouldNameInEveryFileOnlyWhatIsASetting() throws IOException {
        // Given
        Set<String> known = Stream.concat(
                        Stream.of(Setting.values()).map(Setting::environmentName), Stream.of("LEDGER_PORT"))
                .collect(Collectors.toSet());

        // When
        Set<String> named = Pattern.compile("LEDGER_[A-Z_]*[A-Z]")
                .matcher(String.join("\n", texts()))
                .results()
                .map(found -> found.group())
                .filter(name -> !name.startsWith("LEDGER_KAFKA"))
                .collect(Collectors.toSet());

        // Then
        assertThat(named).isNotEmpty();
        assertThat(known).containsAll(named);
    }

    private static List<String> texts() throws IOException {
        try (Stream<Path> files =
                Stream.concat(Stream.of(DOCKERFILE, Compose.FILE), Files.walk(Image.ROOT.resolve("deploy")))) {
            return files.filter(Files::isRegularFile).map(DeploymentTest::text).toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    // ---- what runs ----

    @Test
    void shouldPinEveryImage() {
        // When
        List<String> images = Stream.concat(
                        image.bases().stream(),
                        compose.services()
                                .filter(service -> !service.getValue().has("build"))
                                .map(service -> service.getValue().get("image").textValue()))
                .toList();

        // Then
        assertThat(images).hasSize(6).allMatch(PINNED.asMatchPredicate());
        assertThat(kubernetes.container().get("image").textValue())
                .isEqualTo("spend-ledger:" + inPom("version").replace("-SNAPSHOT", ""));
        assertThat(compose.service("kafka").get("image").textValue())
                .isEqualTo("apache/kafka:" + inPom("kafka.version"));
    }

    private static String inPom(String element) {
        Matcher matcher = Pattern.compile("<" + element + ">([^<]+)<").matcher(text(POM));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    @Test
    void shouldRunAsNobodyWhoMayDoMore() {
        // Given
        JsonNode pod = kubernetes.pod().get("securityContext");
        JsonNode container = kubernetes.container().get("securityContext");

        // Then
        assertThat(image.user()).isEqualTo("10001:10001");
        assertThat(pod.get("runAsUser").asText() + ":" + pod.get("runAsGroup").asText())
                .isEqualTo(image.user());
        assertThat(pod.get("fsGroup")).isEqualTo(pod.get("runAsGroup"));
        assertThat(pod.get("runAsNonRoot").booleanValue()).isTrue();
        assertThat(container.get("readOnlyRootFilesystem").booleanValue()).isTrue();
        assertThat(container.get("allowPrivilegeEscalation").booleanValue()).isFalse();
        assertThat(container.at("/capabilities/drop/0").textValue()).isEqualTo("ALL");
        for (String instance : Compose.INSTANCES) {
            assertThat(compose.service(instance).get("read_only").booleanValue())
                    .isTrue();
            assertThat(Compose.texts(compose.service(instance).get("cap_drop"))).containsExactly("ALL");
        }
    }

    @Test
    void shouldHaveARoomForAllThatIsWritten() {
        // Given
        Set<String> written = Set.of(
                image.volume(),
                Path.of(image.environment().get("ROCKSDB_SHAREDLIB_DIR")).toString());

        // Then
        assertThat(image.environment().get("LEDGER_STATE_DIR")).startsWith(image.volume() + "/");
        assertThat(StreamSupport.stream(
                                kubernetes.container().get("volumeMounts").spliterator(), false)
                        .filter(mount -> !mount.path("readOnly").booleanValue())
                        .map(mount -> mount.get("mountPath").textValue()))
                .containsExactlyInAnyOrderElementsOf(written);
        for (String instance : Compose.INSTANCES) {
            JsonNode service = compose.service(instance);
            assertThat(Compose.texts(service.get("volumes"))).containsExactly(instance + ":" + image.volume());
            // A tmpfs of Docker's lets nothing be run unless it is told to, and native libraries are.
            assertThat(Compose.texts(service.get("tmpfs")))
                    .singleElement(InstanceOfAssertFactories.STRING)
                    .startsWith("/tmp:exec,");
        }
    }

    @Test
    void shouldLeaveRoomBesideTheHeap() throws IOException {
        // Given
        double heap = image.command().stream()
                .filter(word -> word.startsWith("-XX:MaxRAMPercentage="))
                .mapToDouble(word -> Double.parseDouble(word.substring(word.indexOf('=') + 1)) / 100)
                .findFirst()
                .orElseThrow();

        // Then
        assertThat(kubernetes.container().at("/resources/limits/memory").textValue())
                .isEqualTo("1Gi")
                .isEqualTo(
                        kubernetes.container().at("/resources/requests/memory").textValue());
        for (String instance : Compose.INSTANCES) {
            assertThat(compose.service(instance).get("mem_limit").textValue()).isEqualTo("1g");
        }
        assertThat(1_024 * (1 - heap)).isGreaterThan(ROCKSDB_MIB + JVM_MIB);
    }

    @Test
    void shouldHaveTimeToStop() throws IOException {
        // Given
        Duration preStop = Duration.ofSeconds(
                kubernetes.container().at("/lifecycle/preStop/exec/command/1").asInt());
        Duration grace = Duration.ofSeconds(
                kubernetes.pod().get("terminationGracePeriodSeconds").asInt());

        // Then
        assertThat(preStop.plus(drain(kubernetes.environment("ledger-0"))).plus(CLOSES_WITHIN))
                .isPositive()
                .isLessThan(grace);
        for (String instance : Compose.INSTANCES) {
            assertThat(drain(compose.environment(instance)).plus(CLOSES_WITHIN))
                    .isLessThan(Duration.parse("PT"
                            + compose.service(instance).get("stop_grace_period").textValue()));
        }
    }

    private static Duration drain(Map<String, String> environment) {
        return Duration.ofMillis(Long.parseLong(environment.get(Setting.DRAIN_MS.environmentName())));
    }

    // ---- Compose ----

    @Test
    void shouldPublishOnLoopbackOnlyWhatTheReadmeNames() {
        // Given
        String section = text(README)
                .replaceFirst("(?s).*\n## With Docker Compose\n", "")
                .replaceFirst("(?s)\n## .*", "");

        // When
        List<String> ports = compose.ports().toList();

        // Then
        assertThat(ports).hasSize(6).allMatch(port -> port.matches("127\\.0\\.0\\.1:\\d+:\\d+"));
        assertThat(ports.stream().map(port -> port.replaceFirst(":\\d+$", "")))
                .allSatisfy(port -> assertThat(section).contains("`" + port + "`"));
    }

    @Test
    void shouldMountOnlyFilesThatAreThere() {
        // When
        List<String> mounts = compose.services()
                .flatMap(service -> Compose.texts(service.getValue().path("volumes")))
                .filter(volume -> volume.startsWith("./"))
                .toList();

        // Then
        assertThat(mounts).hasSize(5).allMatch(mount -> mount.endsWith(":ro"));
        assertThat(mounts)
                .allSatisfy(mount -> assertThat(Image.ROOT.resolve(mount.substring(0, mount.indexOf(':'))))
                        .isRegularFile());
    }

    @Test
    void shouldScrapeBothInstancesAndLookAtThemByTheDashboard() throws IOException {
        // Given
        JsonNode prometheus = Yaml.read(Image.ROOT.resolve("deploy/compose/prometheus.yaml"));
        JsonNode source = Yaml.read(Image.ROOT.resolve("deploy/compose/grafana-datasource.yaml"));
        JsonNode provider = Yaml.read(Image.ROOT.resolve("deploy/compose/grafana-dashboards.yaml"));
        List<String> mounted =
                Compose.texts(compose.service("grafana").get("volumes")).toList();
        String dashboards = provider.at("/providers/0/options/path").textValue();

        // Then
        assertThat(Compose.texts(prometheus.at("/scrape_configs/0/static_configs/0/targets")))
                .containsExactly("ledger-1:" + image.port(), "ledger-2:" + image.port());
        assertThat(prometheus.at("/scrape_configs/0/job_name").textValue()).isEqualTo("spend-ledger");
        assertThat(Compose.texts(prometheus.get("rule_files"))).containsExactly("alerts.yaml");
        assertThat(Compose.texts(compose.service("prometheus").get("volumes")))
                .contains("./ops/alerts.yaml:/etc/prometheus/alerts.yaml:ro");
        assertThat(source.at("/datasources/0/url").textValue()).isEqualTo("http://prometheus:9090");
        assertThat(mounted).contains("./ops/dashboard.json:" + dashboards + "/spend-ledger.json:ro");
        assertThat(compose.service("grafana")
                        .at("/environment/GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH")
                        .textValue())
                .isEqualTo(dashboards + "/spend-ledger.json");
    }

    // ---- Kubernetes ----

    static Stream<JsonNode> resources() throws IOException {
        return Kubernetes.read().resources().stream();
    }

    /** The models of Kubernetes' own client refuse what its API does not know; what they read is all that was written. */
    @ParameterizedTest
    @MethodSource("resources")
    void shouldSayOnlyWhatKubernetesKnows(JsonNode resource) throws IOException {
        // Given
        JsonElement written = JsonParser.parseString(MAPPER.writeValueAsString(resource));
        Class<?> model = Map.of(
                        "apps/v1 StatefulSet", V1StatefulSet.class,
                        "policy/v1 PodDisruptionBudget", V1PodDisruptionBudget.class,
                        "v1 Service", V1Service.class)
                .get(resource.get("apiVersion").textValue() + " "
                        + resource.get("kind").textValue());
        new JSON(); // Makes the reader that knows the models.

        // When
        Object read = JSON.getGson().fromJson(written, model);

        // Then
        assertThat(leaves(MAPPER.readTree(JSON.getGson().toJson(read)))).isEqualTo(leaves(resource));
    }

    /** Every value by its path; what is empty says nothing, and the models are full of it. */
    private static Map<String, String> leaves(JsonNode json) {
        Map<String, String> leaves = new TreeMap<>();
        collect("", json, leaves);
        return leaves;
    }

    private static void collect(String path, JsonNode json, Map<String, String> leaves) {
        if (json.isValueNode()) {
            leaves.put(path, json.toString());
        } else if (json.isArray()) {
            for (int i = 0; i < json.size(); i++) {
                collect(path + "/" + i, json.get(i), leaves);
            }
        } else {
            json.properties().forEach(field -> collect(path + "/" + field.getKey(), field.getValue(), leaves));
        }
    }

    @Test
    void shouldReachEachInstanceByItsPodsNameBeforeItIsReady() throws IOException {
        // Given
        JsonNode set = kubernetes.resource("StatefulSet", "ledger");
        JsonNode headless =
                kubernetes.resource("Service", set.at("/spec/serviceName").textValue());

        // When
        Map<String, String> environment = kubernetes.environment("ledger-2");

        // Then
        assertThat(environment)
                .containsEntry("LEDGER_INSTANCE_ID", "ledger-2")
                .containsEntry("LEDGER_ADVERTISED_URL", "http://ledger-2.ledger-instances:" + image.port());
        assertThat(headless.at("/metadata/name").textValue()).isEqualTo("ledger-instances");
        assertThat(headless.at("/spec/clusterIP").textValue()).isEqualTo("None");
        assertThat(headless.at("/spec/publishNotReadyAddresses").booleanValue()).isTrue();
        assertThat(kubernetes.pod().get("enableServiceLinks").booleanValue()).isFalse();
    }

    @Test
    void shouldMeanTheSamePodsEverywhere() {
        // Given
        JsonNode set = kubernetes.resource("StatefulSet", "ledger").get("spec");
        JsonNode labels = set.at("/template/metadata/labels");

        // Then
        assertThat(labels).isNotEmpty();
        assertThat(set.at("/selector/matchLabels")).isEqualTo(labels);
        for (String service : List.of("ledger", "ledger-instances")) {
            JsonNode spec = kubernetes.resource("Service", service).get("spec");
            assertThat(spec.get("selector")).isEqualTo(labels);
            assertThat(spec.at("/ports/0/targetPort").textValue())
                    .isEqualTo(kubernetes.container().at("/ports/0/name").textValue());
        }
        assertThat(kubernetes.container().at("/ports/0/containerPort").asInt()).isEqualTo(image.port());
        JsonNode disruption =
                kubernetes.resource("PodDisruptionBudget", "ledger").get("spec");
        assertThat(disruption.at("/selector/matchLabels")).isEqualTo(labels);
        assertThat(disruption.get("maxUnavailable").asInt()).isEqualTo(1);
        assertThat(kubernetes.pod().get("topologySpreadConstraints"))
                .hasSize(2)
                .allSatisfy(spread ->
                        assertThat(spread.at("/labelSelector/matchLabels")).isEqualTo(labels));
    }

    /** A restore may take as long as it takes: only /readyz waits for it. */
    @Test
    void shouldProbeWhatTheProbesMean() {
        for (String probe : List.of("startupProbe", "livenessProbe")) {
            assertThat(kubernetes.container().get(probe).at("/httpGet/path").textValue())
                    .isEqualTo("/livez");
        }
        assertThat(kubernetes.container().at("/readinessProbe/httpGet/path").textValue())
                .isEqualTo("/readyz");
    }

    @Test
    void shouldStartNoInstanceWithoutTokens() throws IOException {
        // Given
        Map<String, String> environment = kubernetes.environment("ledger-0");
        JsonNode mount = kubernetes.container().at("/volumeMounts/2");
        JsonNode secret = kubernetes.pod().at("/volumes/1");
        String readme = text(Kubernetes.FOLDER.resolve("README.md"));

        // Then
        assertThat(mount.get("name")).isEqualTo(secret.get("name"));
        assertThat(secret.at("/secret/optional").booleanValue()).isFalse();
        assertThat(readme)
                .contains("kubectl create secret generic "
                        + secret.at("/secret/secretName").textValue());
        for (Setting setting : List.of(Setting.API_TOKENS_FILE, Setting.INTERNAL_TOKEN_FILE)) {
            Path file = Path.of(environment.get(setting.environmentName()));
            assertThat(file.getParent()).hasToString(mount.get("mountPath").textValue());
            assertThat(readme).contains("--from-file=" + file.getFileName() + "=");
        }
    }
}
