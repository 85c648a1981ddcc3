package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.ApicurioRegistry;
import dev.spendledger.api.testing.CommandRun;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.ProgramRun;
import dev.spendledger.api.testing.Tale;
import dev.spendledger.api.testing.Tale.Fact;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.api.testing.Toolchain;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in other languages, and a client library that no one here wrote, against the whole ledger. */
class ClientsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration INSTALLS_WITHIN = Duration.ofMinutes(3);
    private static final Path EXAMPLES = Path.of("../examples");
    private static final Path AVSC = Path.of("../schemas/src/main/avro/events");

    /** Copies, laid out as the repository is: nothing is installed or built among the sources. */
    private static final Path COPIES = Path.of("target", "clients").toAbsolutePath();

    private static final Path JAVASCRIPT = COPIES.resolve("examples/javascript");
    private static final Path GO = COPIES.resolve("examples/go");

    @TempDir
    private static Path dir;

    private static ApicurioRegistry registry;
    private static TestLedger ledger;
    private static Events events;
    private static EventSerde serde;
    private static boolean isInstalled;

    @BeforeAll
    static void start() throws IOException {
        copy(EXAMPLES.resolve("javascript"), JAVASCRIPT);
        copy(EXAMPLES.resolve("go"), GO);
        copy(Path.of("src/test/resources/clients"), JAVASCRIPT);
        copy(AVSC, COPIES.resolve("schemas/src/main/avro/events"));
        registry = ApicurioRegistry.start(dir.resolve("registry"));
        ledger = TestLedger.start(
                dir, Map.of(Setting.SCHEMA_REGISTRY_URL, registry.url().toString()));
        events = new Events(ledger);
        serde = new EventSerde();
        serde.configure(Map.of(EventSerde.REGISTRY_URL, registry.url().toString()), false);
    }

    @AfterAll
    static void stop() {
        try (ApicurioRegistry stoppedLast = registry;
                TestLedger stopped = ledger) {
            events.close();
        }
    }

    // ---- the examples ----

    @Test
    void shouldStopTheJavaScriptChatServiceAtItsLimitAndTellItSoInTreeStatus() {
        // Given
        Toolchain.NODE.require();
        install();

        // When
        ProgramRun run =
                javaScript(ledger, Map.of("SCHEMA_REGISTRY_URL", registry.url().toString()), "chat-service.js");

        // Then
        assertWasStopped(run, ledger);
        assertThat(run.out()).containsPattern("tree-status: EXHAUSTED, \\d+ of 100000 micros");
        for (Topic topic : List.of(Topic.CHATS, Topic.PRICED_MESSAGES, Topic.CHAT_LIMITS, Topic.TREE_STATUS)) {
            assertThat(new Http(registry.url())
                            .get("/subjects/" + topic.baseName() + "-value/versions")
                            .body())
                    .as("it registers what the ledger has registered")
                    .isEqualTo("[1]");
        }
    }

    @Test
    void shouldFindTheSchemasThatAJavaScriptChatServiceHasRegistered() {
        // Given
        Toolchain.NODE.require();
        install();
        EventSerde registersNothing = new EventSerde();
        registersNothing.configure(
                Map.of(EventSerde.REGISTRY_URL, registry.url().toString(), EventSerde.AUTO_REGISTER, "false"), false);

        // When
        ProgramRun run = javaScript(
                ledger,
                Map.of(),
                "--input-type=module",
                "--eval",
                "import { registered } from './schemas.js'; await registered('" + registry.url() + "', 'js.')");

        // Then
        assertThat(run.status()).as(run.out()).isZero();
        for (Fact fact : new Tale(7, "").facts()) {
            String topic = "js." + fact.topic().baseName();
            byte[] bytes = registersNothing.serializer().serialize(topic, record(fact));
            assertThat(registersNothing.deserializer().deserialize(topic, bytes))
                    .isEqualTo(record(fact));
        }
    }

    @Test
    void shouldStopTheJavaScriptChatServiceOfALedgerWithoutARegistry() {
        // Given
        Toolchain.NODE.require();
        install();
        try (TestLedger bundled = TestLedger.start(dir.resolve("bundled"))) {
            // When
            ProgramRun run = javaScript(bundled, Map.of(), "chat-service.js");

            // Then
            assertWasStopped(run, bundled);
            assertThat(run.out()).containsPattern("tree-status: EXHAUSTED, \\d+ of 100000 micros");
        }
    }

    @Test
    void shouldHeedEveryAnswerInJavaScriptAsTheReadmeSays() {
        // Given
        Toolchain.NODE.require();
        install();

        // When
        ProgramRun run = javaScript(ledger, Map.of(), "--test");

        // Then
        assertThat(run.status()).as(run.out()).isZero();
        assertThat(run.out()).containsPattern("pass [1-9]");
    }

    @Test
    void shouldStopTheGoChatServiceAtItsLimit() {
        // Given
        Toolchain.GO.require();

        // When
        ProgramRun run = go("run", ".");

        // Then
        assertWasStopped(run, ledger);
    }

    @Test
    void shouldHeedEveryAnswerInGoAsTheReadmeSays() {
        // Given
        Toolchain.GO.require();

        // When
        ProgramRun run = go("test", "./...");

        // Then
        assertThat(run.status()).as(run.out()).isZero();
        assertThat(run.out()).startsWith("ok");
    }

    @Test
    void shouldKeepTheGoExampleAsGoWantsIt() {
        // Given
        Toolchain.GO.require();

        // When
        ProgramRun vetted = go("vet", "./...");
        ProgramRun unformatted = ProgramRun.of(GO, Map.of(), PATIENCE, "gofmt", "-l", ".");

        // Then
        assertThat(vetted.status()).as(vetted.out()).isZero();
        assertThat(unformatted.out()).isEmpty();
    }

    // ---- the same facts ----

    @Test
    void shouldComeToTheSameTotalsWhoeverWritesTheFacts() throws IOException {
        // Given
        Toolchain.NODE.require();
        install();
        Tale byJava = new Tale(7, "java-");
        Tale byHttp = new Tale(7, "http-");
        Tale byJavaScript = new Tale(7, "kafkajs-");
        double misplaced = misplaced();

        // When
        byJava.facts().forEach(ClientsIT::writeByJava);
        events.flush();
        byHttp.facts().forEach(ClientsIT::writeByHttp);
        writeByJavaScript(byJavaScript.facts(), null);

        // Then
        for (String prefix : List.of("java-", "http-", "kafkajs-")) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(shownTrees(byJava, prefix)).isEqualTo(byJava.trees()));
        }
        assertThat(breakdowns(byHttp, "http-")).isEqualTo(breakdowns(byJava, "java-"));
        assertThat(breakdowns(byJavaScript, "kafkajs-")).isEqualTo(breakdowns(byJava, "java-"));
        assertThat(misplaced())
                .as("records that kafkajs 2, left as it comes, has misplaced")
                .isEqualTo(misplaced);
        assertThat(verify().out()).contains("No difference.");
    }

    // ---- the partitioner of another generation ----

    @Test
    void shouldCountNothingWronglyForAnOldPartitionerOfKafkajsAndSayWhatToSet() throws IOException {
        // Given trees of which the others are created by a right producer
        Toolchain.NODE.require();
        install();
        double misplacedBefore = misplaced();
        List<String> roots = IntStream.range(0, 24).mapToObj(i -> "legacy-" + i).toList();
        List<Fact> facts = new ArrayList<>();
        for (String root : roots) {
            Fact chat = Fact.chat(root, null, null);
            if (isCreatedRightly(root)) {
                writeByJava(chat);
            } else {
                facts.add(chat);
                facts.add(Fact.limit(root, 100L));
            }
            facts.add(Fact.message(root + "/1", root, 0, 100L));
            facts.add(Fact.message(root + "/1", root, 0, 100L));
        }
        events.flush();

        // When
        writeByJavaScript(facts, "LegacyPartitioner");

        // Then the log shows which went astray
        List<String> chats = astray(Topic.CHATS);
        List<String> limits = astray(Topic.CHAT_LIMITS);
        List<String> messages = astray(Topic.PRICED_MESSAGES);
        assertThat(chats).isNotEmpty().hasSizeLessThan(12).isEqualTo(limits);
        assertThat(messages).anyMatch(ClientsIT::isCreatedRightly);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(misplaced() - misplacedBefore)
                        .isEqualTo(chats.size() + limits.size() + messages.size()));
        for (String root : roots) {
            await().atMost(PATIENCE).untilAsserted(() -> {
                if (chats.contains(root)) { // Kept for a chat that nobody has created yet.
                    assertThat(spend(root).at("/parked_messages").asInt()).isPositive();
                    assertThat(spend(root).has("tree")).isFalse();
                } else {
                    assertSpent(root, 100);
                }
            });
        }
        CommandRun letters = command("dead-letters", "--reason=wrong_partition");
        assertThat(letters.out().lines().filter(line -> line.contains("Partitioners.DefaultPartitioner")))
                .hasSize(chats.size() + limits.size());

        // And sent again to their own partitions they count
        CommandRun replay = command("dead-letters", "--reason=wrong_partition", "--replay");
        assertThat(replay.status()).as(replay.out() + replay.err()).isZero();
        for (String root : roots) {
            await().atMost(PATIENCE).untilAsserted(() -> assertSpent(root, 100));
        }
        assertThat(verify().out()).contains("No difference.");
    }

    private static boolean isCreatedRightly(String root) {
        return Integer.parseInt(root.substring("legacy-".length())) % 2 == 0;
    }

    /** The keys of the old producer's records that are in another partition than their key's. */
    private static List<String> astray(Topic topic) {
        return events.readAll(topic).stream()
                .filter(record -> Partitions.of(record.key(), ledger.partitions()) != record.partition())
                .map(ClientsIT::key)
                .filter(key -> key.startsWith("legacy-"))
                .sorted()
                .toList();
    }

    private static String key(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.key(), StandardCharsets.UTF_8);
    }

    // ---- writers ----

    private static void writeByJava(Fact fact) {
        events.sendBytes(
                fact.topic(),
                null,
                fact.key().getBytes(StandardCharsets.UTF_8),
                serde.serializer().serialize(fact.topic().baseName(), record(fact)));
    }

    private static SpecificRecord record(Fact fact) {
        JsonNode event = fact.event();
        return switch (fact.topic()) {
            case CHATS ->
                new ChatCreated(
                        text(event, "chat_id"),
                        text(event, "parent_chat_id"),
                        null,
                        text(event, "account_id"),
                        number(event, "spend_limit_micros"),
                        Instant.ofEpochMilli(number(event, "created_at")));
            case CHAT_LIMITS ->
                new ChatLimitSet(
                        text(event, "root_chat_id"),
                        number(event, "spend_limit_micros"),
                        null,
                        Instant.ofEpochMilli(number(event, "set_at")));
            default ->
                new MessagePriced(
                        text(event, "message_id"),
                        text(event, "chat_id"),
                        null,
                        text(event, "account_id"),
                        event.get("revision").asInt(),
                        number(event, "cost_micros"),
                        text(event, "model"),
                        number(event, "input_tokens"),
                        number(event, "output_tokens"),
                        Instant.ofEpochMilli(number(event, "priced_at")));
        };
    }

    private static String text(JsonNode event, String field) {
        return event.hasNonNull(field) ? event.get(field).asText() : null;
    }

    private static Long number(JsonNode event, String field) {
        return event.hasNonNull(field) ? (Long) event.get(field).asLong() : null;
    }

    private static void writeByHttp(Fact fact) {
        ObjectNode body = fact.event().deepCopy();
        Http http = ledger.http();
        Reply reply = switch (fact.topic()) {
            case CHATS -> http.post("/v1/chats", body.without("created_at").toString());
            case CHAT_LIMITS ->
                http.put(
                        "/v1/chats/" + fact.key() + "/limit",
                        body.without(List.of("root_chat_id", "set_at")).toString());
            default ->
                http.post(
                        "/v1/messages",
                        body.put(
                                        "priced_at",
                                        Instant.ofEpochMilli(number(body, "priced_at"))
                                                .toString())
                                .toString());
        };
        assertThat(reply.status()).as(reply.body()).isBetween(200, 202);
    }

    /** @param partitioner one of those of kafkajs; null = the producer is left as it comes */
    private static void writeByJavaScript(List<Fact> facts, String partitioner) throws IOException {
        Path file = Files.write(
                dir.resolve("facts.jsonl"), facts.stream().map(Fact::line).toList());
        List<String> words = new ArrayList<>(List.of("write-facts.js", file.toString()));
        if (partitioner != null) {
            words.add(partitioner);
        }
        ProgramRun run = javaScript(
                ledger,
                Map.of("SCHEMA_REGISTRY_URL", registry.url().toString(), "KAFKAJS_NO_PARTITIONER_WARNING", "1"),
                words.toArray(String[]::new));
        assertThat(run.status()).as(run.out()).isZero();
    }

    // ---- what the ledger shows ----

    /** What a run has written is counted, all of it and once, and a 409 has stopped it. */
    private static void assertWasStopped(ProgramRun run, TestLedger ledger) {
        assertThat(run.status()).as(run.out()).isZero();
        Matcher written = Pattern.compile("(?s)(chat-\\S+) .*?(\\d+) messages written, (\\d+) micros\\..*")
                .matcher(run.out());
        assertThat(written.matches()).as(run.out()).isTrue();
        assertThat(run.out())
                .contains("Stopped (spend_limit_exceeded): Chat usage limit exceeded.")
                .contains("Checks without an answer: 0");
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode tree = ledger.http()
                    .get("/v1/chats/" + written.group(1) + "/spend")
                    .json()
                    .get("tree");
            assertThat(tree.get("priced_messages")).hasToString(written.group(2));
            assertThat(tree.get("spent_micros")).hasToString(written.group(3));
            assertThat(tree.get("state").asText()).isEqualTo("exhausted");
        });
    }

    private static void assertSpent(String root, long micros) {
        assertThat(spend(root).at("/tree/spent_micros"))
                .as("the spend of %s", root)
                .hasToString(Long.toString(micros));
    }

    private static JsonNode spend(String chatId) {
        return ledger.http()
                .get("/v1/chats/" + chatId + "/spend?breakdown=true&page_size=1000")
                .json();
    }

    /** By root without its prefix: what of its tree a {@link Tale} tells. */
    private static Map<String, String> shownTrees(Tale tale, String prefix) {
        return byRoot(
                tale,
                root -> ((ObjectNode) spend(prefix + root).get("tree"))
                        .retain("spent_micros", "limit_micros", "priced_messages", "unpriced_messages", "chats")
                        .toString());
    }

    /** By root without its prefix: each chat of its tree with what it has spent. */
    private static Map<String, String> breakdowns(Tale tale, String prefix) {
        return byRoot(tale, root -> spend(prefix + root).get("chats").toString().replace("\"" + prefix, "\""));
    }

    private static Map<String, String> byRoot(Tale tale, UnaryOperator<String> shown) {
        return tale.trees().keySet().stream().collect(Collectors.toMap(root -> root, shown));
    }

    private static double misplaced() {
        return ledger.http()
                .get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("ledger_misplaced_records_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static CommandRun verify() {
        return command("verify", "--timeout=120");
    }

    private static CommandRun command(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--bootstrap-servers=" + ledger.bootstrapServers());
        all.add("--partitions=" + ledger.partitions());
        all.add("--advertised-url=" + ledger.url());
        all.add("--schema-registry-url=" + registry.url());
        return CommandRun.of(all.toArray(String[]::new));
    }

    // ---- programs ----

    private static void install() {
        if (!isInstalled) {
            ProgramRun.installPackages(JAVASCRIPT, INSTALLS_WITHIN);
            isInstalled = true;
        }
    }

    private static ProgramRun javaScript(TestLedger ledger, Map<String, String> environment, String... words) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("KAFKA_BROKERS", ledger.bootstrapServers());
        all.put("LEDGER_URL", ledger.url().toString());
        return ProgramRun.of(JAVASCRIPT, all, PATIENCE, words("node", words));
    }

    private static ProgramRun go(String... words) {
        Map<String, String> environment = Map.of(
                "LEDGER_URL",
                ledger.url().toString(),
                "GOCACHE",
                COPIES.resolve("go-cache").toString(),
                "GOPROXY",
                "off",
                "CGO_ENABLED",
                "0"); // Needs no C compiler.
        return ProgramRun.of(GO, environment, INSTALLS_WITHIN, words("go", words));
    }

    private static String[] words(String first, String... others) {
        return Stream.concat(Stream.of(first), Stream.of(others)).toArray(String[]::new);
    }

    /** The files of a folder, and not what somebody has installed in it. */
    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        List<Path> files;
        try (Stream<Path> entries = Files.list(from)) {
            files = entries.filter(Files::isRegularFile).collect(Collectors.toList());
        }
        for (Path file : files) {
            Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
