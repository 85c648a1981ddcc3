package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.embedded.EmbeddedKafka;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicAdmin;
import dev.spendledger.schemas.TopicNames;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The catalogue of topics against a real broker; each test has topics of its own by their prefix. */
class TopicAdminIT {
    @TempDir
    static Path dir;

    private static EmbeddedKafka kafka;
    private static Admin admin;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start(dir.resolve("kafka"));
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    @AfterAll
    static void stop() {
        admin.close();
        kafka.close();
    }

    @Test
    void shouldCreateWhatIsMissingAndNothingTwice() {
        // Given
        TopicAdmin topics = topics("create.");

        // When
        List<String> first = topics.create(3, (short) -1);
        List<String> second = topics.create(3, (short) -1);

        // Then
        assertThat(first)
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(Stream.of(Topic.values()).map(Topic::baseName), Stream.of("state"))
                                .map(name -> "create." + name)
                                .toList());
        assertThat(second).isEmpty();
        assertThat(topics.check(3)).isEmpty();
        assertThat(topics.partitions()).hasSize(Topic.values().length).containsValue(3);
    }

    @ParameterizedTest
    @EnumSource
    void shouldCreateATopicWithItsSetup(Topic topic) throws ExecutionException, InterruptedException {
        // Given
        topics("made.").create(2, (short) -1);

        // When
        Map<String, String> made = ownSetup("made." + topic.baseName());

        // Then
        assertThat(made).isEqualTo(topic.setup());
    }

    @Test
    void shouldCreateATopicOfTheStateAsKafkaStreamsDoes() throws ExecutionException, InterruptedException {
        // Given
        topics("made.").create(2, (short) -1);

        // When
        Map<String, String> made = ownSetup("made.state");

        // Then
        assertThat(made)
                .isEqualTo(Map.of(
                        "cleanup.policy", "compact",
                        "max.message.bytes", "2097152",
                        "message.timestamp.type", "CreateTime"));
    }

    @Test
    void shouldAskForAsManyReplicasAsItIsTold() {
        // Given a cluster of one broker
        TopicAdmin topics = topics("replicated.");

        // When
        assertThatThrownBy(() -> topics.create(2, (short) 3))

                // Then
                .isInstanceOf(InvalidReplicationFactorException.class)
                .hasMessageContaining("3");
    }

    private static Map<String, String> ownSetup(String topic) throws ExecutionException, InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(List.of(resource)).all().get().get(resource).entries().stream()
                .filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
                .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value));
    }

    @Test
    void shouldSayWhichTopicsAreMissing() {
        // Given
        TopicAdmin topics = topics("missing.");

        // When
        List<String> findings = topics.check(3);

        // Then
        assertThat(findings)
                .hasSize(Topic.values().length + 1)
                .allSatisfy(finding -> assertThat(finding).contains("does not exist", "ledger topics create"));
    }

    @Test
    void shouldRefuseCoPartitionedTopicsOfUnequalCounts() throws ExecutionException, InterruptedException {
        // Given
        TopicAdmin topics = topics("unequal.");
        topics.create(2, (short) -1);
        admin.createPartitions(Map.of("unequal.ledger-routing", NewPartitions.increaseTo(3)))
                .all()
                .get();

        // When
        List<String> findings = findingsOnceKnown(topics, 1);

        // Then
        assertThat(findings)
                .singleElement()
                .asString()
                .contains("unequal.ledger-routing", "3", "2", "LEDGER_PARTITIONS");
    }

    @Test
    void shouldRefuseATopicThatWouldLoseFactsOrStateOrTrustAProducersClock()
            throws ExecutionException, InterruptedException {
        // Given
        TopicAdmin topics = topics("setup.");
        topics.create(2, (short) -1);
        alter("setup.priced-messages", "cleanup.policy", "compact");
        alter("setup.chats", "message.timestamp.type", "CreateTime");
        alter("setup.state", "cleanup.policy", "delete");

        // When
        List<String> findings = findingsOnceKnown(topics, 3);

        // Then
        assertThat(findings).anySatisfy(finding -> assertThat(finding).contains("setup.priced-messages", "compact"));
        assertThat(findings).anySatisfy(finding -> assertThat(finding).contains("setup.chats", "LogAppendTime"));
        assertThat(findings).anySatisfy(finding -> assertThat(finding).contains("setup.state", "compact"));
    }

    @Test
    void shouldNotStartAnInstanceOnMissingTopics() {
        // Given
        LedgerConfig config = config(kafka.bootstrapServers(), "absent.");

        // When
        var starting = assertThatThrownBy(() -> LedgerInstance.start(config));

        // Then
        starting.isInstanceOf(StartException.class).hasMessageContaining("absent.chats does not exist");
    }

    @Test
    void shouldSayPlainlyThatKafkaDoesNotAnswer() {
        // Given an address where nobody listens
        LedgerConfig config = config("127.0.0.1:1", "");

        // When
        var starting = assertThatThrownBy(() -> LedgerInstance.start(config));

        // Then
        starting.isInstanceOf(StartException.class)
                .hasMessageContaining("Kafka at 127.0.0.1:1 does not answer")
                .hasMessageContaining("LEDGER_BOOTSTRAP_SERVERS");
    }

    /** With one topic that keeps state. */
    private static TopicAdmin topics(String prefix) {
        return new TopicAdmin(admin, new TopicNames(prefix), List.of(prefix + "state"));
    }

    /** A broker shows a change of its topics a moment after it has taken it. */
    private static List<String> findingsOnceKnown(TopicAdmin topics, int count) {
        return await().until(() -> topics.check(2), findings -> findings.size() == count);
    }

    private static LedgerConfig config(String bootstrapServers, String prefix) {
        return LedgerConfig.of(
                Map.of("LEDGER_KAFKA_DEFAULT_API_TIMEOUT_MS", "2000", "LEDGER_KAFKA_REQUEST_TIMEOUT_MS", "1000"),
                Map.of(
                        Setting.BOOTSTRAP_SERVERS,
                        bootstrapServers,
                        Setting.TOPIC_PREFIX,
                        prefix,
                        Setting.HTTP_PORT,
                        "0",
                        Setting.STATE_DIR,
                        dir.resolve("state").toString()),
                Map.of());
    }

    private static void alter(String topic, String property, String value)
            throws ExecutionException, InterruptedException {
        admin.incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(new AlterConfigOp(new ConfigEntry(property, value), AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }
}
