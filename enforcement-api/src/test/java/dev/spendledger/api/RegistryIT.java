package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.ApicurioRegistry;
import dev.spendledger.api.testing.CommandRun;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.PasswordProxy;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.TreeStatus;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole ledger on a schema registry that no one here wrote, which is killed and started again. */
class RegistryIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path AVSC = Path.of("../schemas/src/main/avro/events");

    @TempDir
    private static Path dir;

    private static ApicurioRegistry registry;
    private static TestLedger ledger;
    private static Events events;
    private static EventSerde serde;

    @BeforeAll
    static void start() {
        registry = ApicurioRegistry.start(dir.resolve("registry"));
        ledger = TestLedger.start(
                dir, Map.of(Setting.SCHEMA_REGISTRY_URL, registry.url().toString()));
        events = new Events(ledger);
        serde = serde(registry.url(), Map.of());
    }

    @AfterAll
    static void stop() {
        try (ApicurioRegistry stoppedLast = registry;
                TestLedger stopped = ledger) {
            events.close();
        }
    }

    // ---- with the registry ----

    @Test
    void shouldCountEventsOfTheRegistryThoseOfTheHttpApiAndThoseWrittenWithoutARegistryAlike() {
        // Given
        create("mixed", 60);

        // When
        sendOwn(Topic.PRICED_MESSAGES, "mixed", Events.message("of-the-registry", "mixed", null, 10));
        events.send(Topic.PRICED_MESSAGES, "mixed", Events.message("bundled", "mixed", null, 20));
        Reply posted = ledger.http()
                .post(
                        "/v1/messages",
                        "{\"message_id\": \"http\", \"chat_id\": \"mixed\", \"account_id\": \"a-1\", \"cost_micros\": 30}");

        // Then
        assertThat(posted.status()).isEqualTo(202);
        awaitSpent("mixed", 60);
        assertThat(ledger.http().post("/v1/chats/mixed/check").status()).isEqualTo(409);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(statuses())
                        .filteredOn(status -> status.getRootChatId().equals("mixed"))
                        .last()
                        .extracting(TreeStatus::getSpentMicros)
                        .isEqualTo(60L));
        assertThat(verify().out()).contains("No difference.");
    }

    @Test
    void shouldRegisterJustWhatStandsInTheSchemaFiles() throws IOException {
        for (Topic topic : List.of(Topic.CHATS, Topic.PRICED_MESSAGES, Topic.CHAT_LIMITS, Topic.TREE_STATUS)) {
            // When
            JsonNode registered = JSON.readTree(http().get("/subjects/" + topic.baseName() + "-value/versions/1")
                    .json()
                    .get("schema")
                    .asText());

            // Then
            assertThat(registered)
                    .isEqualTo(JSON.readTree(
                            avsc(topic.recordSchema().orElseThrow().getName())));
        }
    }

    // ---- other versions of a schema ----

    @Test
    void shouldCountWhatANewerWriterWritesWhoseSchemaHasAFieldMore() throws IOException {
        // Given
        create("newer", null);
        Schema newer = changed(
                "MessagePriced",
                schema -> field(schema, "cached_tokens")
                        .putNull("default")
                        .putArray("type")
                        .add("null")
                        .add("long"));
        int id = register("priced-messages-value", newer);

        // When
        GenericRecord message = message(newer, "m", "newer", 7);
        message.put("cached_tokens", 99L);
        send(Topic.PRICED_MESSAGES, "newer", id, message);

        // Then
        awaitSpent("newer", 7);
    }

    @Test
    void shouldCountWhatAnOlderWriterWritesWhoseSchemaLacksOptionalFields() throws IOException {
        // Given
        create("older", null);
        Schema older = changed("MessagePriced", schema -> {
            var fields = schema.withArray("fields").elements();
            while (fields.hasNext()) {
                if (List.of("root_chat_id", "revision", "model", "input_tokens", "output_tokens")
                        .contains(fields.next().get("name").asText())) {
                    fields.remove();
                }
            }
        });
        int id = register("priced-messages-value", older);

        // When
        send(Topic.PRICED_MESSAGES, "older", id, message(older, "m", "older", 8));

        // Then
        awaitSpent("older", 8);
    }

    @Test
    void shouldBuryWhatWasWrittenWithASchemaThatCannotBeReadAsTheLedgersOwn() throws IOException {
        // Given a registry that does not look at compatibility
        create("strange", null);
        Schema strange = changed(
                "MessagePriced",
                schema -> schema.withArray("fields").forEach(field -> {
                    if (field.get("name").asText().equals("cost_micros")) {
                        ((ObjectNode) field).put("type", "string").remove("default");
                    }
                }));
        int id = register("elsewhere-value", strange);

        // When
        GenericRecord message = message(strange, "m", "strange", 1);
        message.put("cost_micros", "1.50");
        send(Topic.PRICED_MESSAGES, "strange", id, message);
        send(Topic.PRICED_MESSAGES, "strange", 1_000_000, message);

        // Then
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(deadLetters("strange"))
                        .contains("unreadable", "Found string, expecting union[null, long]")
                        .contains("unknown_schema", "1000000"));
    }

    @Test
    void shouldRefuseASchemaThatIsNotCompatibleWithWhatIsRegistered() throws IOException {
        // Given
        Schema required =
                changed("ChatCreated", schema -> field(schema, "colour").put("type", "string"));
        put("/config/other.chats-value", "{\"compatibility\": \"FULL\"}");
        register("other.chats-value", required);

        // When
        Throwable write =
                catchThrowable(() -> serde.serializer().serialize("other.chats", Events.chat("c-1", null, null)));
        Throwable start = catchThrowable(
                () -> startBeside(Map.of(Setting.TOPIC_PREFIX, "other.", Setting.APPLICATION_ID, "other"), Map.of()));

        // Then
        assertThat(write)
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("other.chats-value")
                .hasMessageContaining("compatible");
        assertThat(start)
                .isInstanceOf(StartException.class)
                .hasMessageContaining("other.chats-value")
                .hasMessageContaining("LEDGER_SCHEMA_REGISTRY_URL");
    }

    @Test
    void shouldNotRegisterASchemaItMustNotRegister() {
        // When
        Throwable start = catchThrowable(() -> startBeside(
                Map.of(Setting.TOPIC_PREFIX, "unregistered.", Setting.APPLICATION_ID, "unregistered"),
                Map.of("LEDGER_KAFKA_AUTO_REGISTER_SCHEMAS", "false")));

        // Then
        assertThat(start)
                .isInstanceOf(StartException.class)
                .hasMessageContaining("unregistered.chats-value")
                .hasMessageContaining("auto.register.schemas");
        assertThat(http().get("/subjects/unregistered.chats-value/versions").status())
                .isEqualTo(404);
    }

    // ---- who may ----

    @Test
    void shouldReachARegistryThatAsksForAPassword() throws StartException {
        try (PasswordProxy proxy = new PasswordProxy(registry.url(), "ledger:secret:1")) {
            // When
            Throwable without = catchThrowable(() ->
                    startBeside(Map.of(Setting.SCHEMA_REGISTRY_URL, proxy.url().toString()), Map.of()));
            byte[] bytes = serde(proxy.url(), Map.of(EventSerde.USER_INFO, "ledger:secret:1"))
                    .serializer()
                    .serialize("chats", Events.chat("c-1", null, null));

            // Then
            assertThat(without)
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("401")
                    .hasMessageContaining("basic.auth.user.info");
            assertThat(serde.deserializer().deserialize("chats", bytes)).isInstanceOf(ChatCreated.class);
        }
    }

    // ---- without the registry ----

    @Test
    void shouldNotStartWithoutItsRegistryAndSayWhichOneDoesNotAnswer() {
        // When
        Throwable start = catchThrowable(
                () -> startBeside(Map.of(Setting.SCHEMA_REGISTRY_URL, "http://127.0.0.1:1/apis/ccompat/v7"), Map.of()));

        // Then
        assertThat(start)
                .isInstanceOf(StartException.class)
                .hasMessageContaining("http://127.0.0.1:1/apis/ccompat/v7 does not answer")
                .hasMessageContaining("LEDGER_SCHEMA_REGISTRY_URL");
    }

    @Test
    void shouldGoOnWithWhatItKnowsWhileTheRegistryIsLostAndCountTheRestOnceItIsReplayed() throws IOException {
        // Given a version of the schema that is registered after the start, and that the ledger has not met
        create("lost", null);
        sendOwn(Topic.PRICED_MESSAGES, "lost", Events.message("before", "lost", null, 1));
        awaitSpent("lost", 1);
        Schema newer = changed(
                "MessagePriced",
                schema -> field(schema, "note_for_lost")
                        .putNull("default")
                        .putArray("type")
                        .add("null")
                        .add("string"));
        int id = register("priced-messages-value", newer);

        // When
        registry.kill();
        try {
            send(Topic.PRICED_MESSAGES, "lost", id, message(newer, "new-id", "lost", 100));
            sendOwn(Topic.PRICED_MESSAGES, "lost", Events.message("known-id", "lost", null, 10));
            Reply posted = ledger.http()
                    .post(
                            "/v1/messages",
                            "{\"message_id\": \"http\", \"chat_id\": \"lost\", \"account_id\": \"a-1\", \"cost_micros\": 20}");

            // Then
            assertThat(posted.status()).isEqualTo(202);
            awaitSpent("lost", 31);
            assertThat(ledger.http()
                            .post("/v1/chats/lost/check")
                            .json()
                            .get("served_by")
                            .asText())
                    .isEqualTo("owner");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(deadLetters("lost")).contains("registry_unavailable"));
            assertThat(ledger.http().get("/readyz").status()).isEqualTo(200);
            assertThat(ledger.http().get("/metrics").body())
                    .contains("ledger_dead_letters_total{reason=\"registry_unavailable\"} 1.0");
        } finally {
            registry.startAgain();
        }

        // And once it is back
        CommandRun replay = command("dead-letters", "--reason=registry_unavailable", "--replay");
        assertThat(replay.status()).as(replay.out() + replay.err()).isZero();
        awaitSpent("lost", 131);
        assertThat(verify().out()).contains("No difference.");
    }

    /** What cannot be read for want of the registry is neither wrong nor never seen. */
    @ParameterizedTest
    @ValueSource(strings = {"verify", "trace untold --chat=silent", "replay --limit=1 --all"})
    void shouldSayWhatItCannotTellWithoutTheRegistry(String words) {
        // Given
        create("silent", null);
        sendOwn(Topic.PRICED_MESSAGES, "silent", Events.message("untold", "silent", null, 1));

        // When
        CommandRun run = command(Stream.concat(
                        Stream.of(words.split(" ")),
                        Stream.of("--schema-registry-url=http://127.0.0.1:1/apis/ccompat/v7"))
                .toArray(String[]::new));

        // Then
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("http://127.0.0.1:1/apis/ccompat/v7 does not answer");
    }

    // ---- fixtures ----

    private static void create(String rootChatId, Integer limit) {
        Reply created = ledger.http()
                .post(
                        "/v1/chats",
                        "{\"chat_id\": \"" + rootChatId + "\", \"account_id\": \"a-1\", \"spend_limit_micros\": "
                                + limit + "}");
        assertThat(created.status()).as(created.body()).isEqualTo(201);
    }

    private static void awaitSpent(String chatId, long micros) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(ledger.http()
                                .get("/v1/chats/" + chatId + "/spend")
                                .json()
                                .at("/tree/spent_micros"))
                        .hasToString(Long.toString(micros)));
    }

    private static List<TreeStatus> statuses() {
        List<TreeStatus> statuses = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : events.readAll(Topic.TREE_STATUS)) {
            if (record.value() != null) {
                assertThat(ByteBuffer.wrap(record.value(), 1, 4).getInt()).isPositive();
                statuses.add((TreeStatus) serde.deserializer().deserialize("tree-status", record.value()));
            }
        }
        return statuses;
    }

    private static LedgerInstance startBeside(Map<Setting, String> changes, Map<String, String> environment)
            throws StartException {
        return ledger.startBeside(changes, environment);
    }

    private static EventSerde serde(URI url, Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(properties);
        all.put(EventSerde.REGISTRY_URL, url.toString());
        EventSerde configured = new EventSerde();
        configured.configure(all, false);
        return configured;
    }

    /** Sends an event as a Java producer with the ledger's own serde does. */
    private static void sendOwn(Topic topic, String key, SpecificRecord event) {
        events.sendBytes(
                topic,
                null,
                key.getBytes(StandardCharsets.UTF_8),
                serde.serializer().serialize(topic.baseName(), event));
        events.flush();
    }

    private static void send(Topic topic, String key, int schemaId, GenericRecord record) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0);
        out.writeBytes(ByteBuffer.allocate(4).putInt(schemaId).array());
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        events.sendBytes(topic, null, key.getBytes(StandardCharsets.UTF_8), out.toByteArray());
        events.flush();
    }

    private static GenericRecord message(Schema schema, String messageId, String chatId, long costMicros) {
        GenericRecord message = new GenericData.Record(schema);
        schema.getFields().stream()
                .filter(Schema.Field::hasDefaultValue)
                .forEach(field -> message.put(field.name(), GenericData.get().getDefaultValue(field)));
        message.put("message_id", messageId);
        message.put("chat_id", chatId);
        message.put("account_id", "a-1");
        message.put("cost_micros", costMicros);
        message.put("priced_at", Instant.now().toEpochMilli());
        return message;
    }

    // ---- the registry ----

    private static Http http() {
        return new Http(registry.url());
    }

    private static String avsc(String name) throws IOException {
        return Files.readString(AVSC.resolve(name + ".avsc"));
    }

    private static Schema changed(String name, Consumer<ObjectNode> change) throws IOException {
        var schema = (ObjectNode) JSON.readTree(avsc(name));
        change.accept(schema);
        return new Schema.Parser().parse(schema.toString());
    }

    private static ObjectNode field(ObjectNode schema, String name) {
        return schema.withArray("fields").addObject().put("name", name);
    }

    private static int register(String subject, Schema schema) {
        Reply registered = http().send(http().request("/subjects/" + subject + "/versions")
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .POST(BodyPublishers.ofString(
                        JSON.createObjectNode().put("schema", schema.toString()).toString())));
        assertThat(registered.status()).as(registered.body()).isEqualTo(200);
        return registered.json().get("id").asInt();
    }

    private static void put(String path, String json) {
        assertThat(http().put(path, json).status()).isEqualTo(200);
    }

    // ---- commands ----

    private static String deadLetters(String chatId) {
        return command("dead-letters", "--chat=" + chatId).out();
    }

    private static CommandRun verify() {
        return command("verify", "--timeout=120");
    }

    private static CommandRun command(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--bootstrap-servers=" + ledger.bootstrapServers());
        all.add("--partitions=" + ledger.partitions());
        all.add("--advertised-url=" + ledger.url());
        if (all.stream().noneMatch(word -> word.startsWith("--schema-registry-url"))) {
            all.add("--schema-registry-url=" + registry.url());
        }
        return CommandRun.of(all.toArray(String[]::new));
    }
}
