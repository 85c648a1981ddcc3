package dev.spendledger.api;

import static dev.spendledger.api.testing.Events.chat;
import static dev.spendledger.api.testing.Events.limit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of "Rebuild beside the live ledger" in docs/operations.md, rehearsed. */
@Tag("P12")
class RebuildIT {
    private static final Duration WITHIN = Duration.ofSeconds(120);
    private static final int TREES = 12;
    private static final int CHATS_OF_A_TREE = 8;
    private static final int MESSAGES = 300;
    private static final int BAD_FACTS = 16;
    private static final long LIMIT_MICROS = 1_000_000_000;

    private static final String LIVE = "spend-ledger";
    private static final String REBUILD = "spend-ledger-2";
    private static final Map<Setting, String> REBUILD_SETTINGS = Map.of(
            Setting.APPLICATION_ID, REBUILD,
            Setting.OUTPUT_TOPIC_PREFIX, "rebuild-2.",
            Setting.READY_WHEN, "caught_up");

    /** With these it is handed no record for so long: the rebuild is there, and cannot get on. */
    private static final Map<String, String> HELD_BACK = Map.of(
            "LEDGER_KAFKA_MAIN_CONSUMER_FETCH_MIN_BYTES", "50000000",
            "LEDGER_KAFKA_MAIN_CONSUMER_FETCH_MAX_WAIT_MS", "10000");

    @TempDir
    Path dir;

    private final Random random = new Random(11);
    private final Map<String, Map<String, Long>> costByMessageByRoot = new TreeMap<>();
    private final Set<String> chats = new TreeSet<>();
    private Events events;

    @Test
    void shouldComeToTheSameStateBesideTheLiveLedgerAndTakeItsPlace() throws Exception {
        try (TestLedger live = TestLedger.start(dir);
                Events opened = new Events(live)) {
            // Given a ledger with a past
            events = opened;
            List<Runnable> story = story();
            story.subList(0, story.size() / 2).forEach(Runnable::run);
            events.flush();
            // When a rebuild is started that cannot read, it is not ready
            try (LedgerInstance rebuild = live.startBeside(REBUILD_SETTINGS, HELD_BACK)) {
                assertNotReadyYet(new Http(rebuild.url()));
            }

            // When one is started that can, while events go on to flow
            try (LedgerInstance rebuild = live.startBeside(REBUILD_SETTINGS, Map.of())) {
                Http rebuilt = new Http(rebuild.url());
                story.subList(story.size() / 2, story.size()).forEach(Runnable::run);
                events.flush();
                await().atMost(WITHIN).until(() -> rebuilt.get("/readyz").status() == 200);

                // Then
                assertSameState(live, rebuilt);
                assertSameDeadLetters();
                assertNothingOfItsRoutingWasLost(live, LIVE, "ledger-routing");
                assertNothingOfItsRoutingWasLost(live, REBUILD, "rebuild-2.ledger-routing");

                // When
                live.stopInstance();

                // Then
                assertThatItGoesOn(rebuilt);
            }
        }
    }

    /** As a producer leaves it that is killed at work: no record follows, and the ledger commits nothing there. */
    @Test
    void shouldCatchUpWithTopicsThatEndInATransactionThatWasGivenUp() {
        try (TestLedger ledger = TestLedger.start(dir, Map.of(Setting.READY_WHEN, "caught_up"))) {
            // Given
            ledger.stopInstance();
            for (Topic topic : Topic.values()) {
                if (topic.coPartitioned()) {
                    giveUpATransaction(ledger, topic.baseName());
                }
            }

            // When
            ledger.startInstance();

            // Then
            Reply ready = ledger.http().get("/readyz");
            assertThat(ready.status()).isEqualTo(200);
            assertThat(detail(ready, "caught_up")).isEqualTo("the ledger has caught up");
        }
    }

    private static void giveUpATransaction(TestLedger ledger, String topic) {
        Map<String, Object> settings = ledger.clientSettings();
        settings.put("transactional.id", "killed-at-work");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int partition = 0; partition < ledger.partitions(); partition++) {
                producer.send(new ProducerRecord<>(topic, partition, bytes("key"), bytes("value")));
            }
            producer.flush();
            producer.abortTransaction();
        }
    }

    // ---- the story: events of all sorts, in any order ----

    private List<Runnable> story() {
        List<Runnable> story = new ArrayList<>();
        for (int tree = 0; tree < TREES; tree++) {
            tree("t-" + tree, story);
        }
        for (int message = 0; message < MESSAGES; message++) {
            message("m-" + message, story);
        }
        parked(story);
        badFacts(story);
        Collections.shuffle(story, random);
        return story;
    }

    private void tree(String rootId, List<Runnable> story) {
        Long limitMicros = random.nextBoolean() ? LIMIT_MICROS : null;
        create(chat(rootId, null, limitMicros), story);
        for (int number = 1; number < CHATS_OF_A_TREE; number++) {
            create(chat(chatId(rootId, number), chatId(rootId, random.nextInt(number)), null), story);
        }
        if (random.nextBoolean()) {
            Long newLimit = random.nextBoolean() ? LIMIT_MICROS / 2 : null;
            story.add(() -> events.send(Topic.CHAT_LIMITS, rootId, limit(rootId, newLimit)));
        }
        costByMessageByRoot.put(rootId, new HashMap<>());
    }

    /** The one with number 0 is the root. */
    private static String chatId(String rootId, int number) {
        return number == 0 ? rootId : rootId + "-" + number;
    }

    private void create(ChatCreated chat, List<Runnable> story) {
        chats.add(chat.getChatId());
        story.add(() -> events.send(Topic.CHATS, chat.getChatId(), chat));
    }

    /** In one to three revisions, the last of which may be sent twice, under any key, to any partition. */
    private void message(String messageId, List<Runnable> story) {
        String rootId = "t-" + random.nextInt(TREES);
        String chatId = chatId(rootId, random.nextInt(CHATS_OF_A_TREE));
        int revisions = 1 + random.nextInt(3);
        Long cost = null;
        for (int revision = 0; revision < revisions; revision++) {
            cost = random.nextInt(10) == 0 ? null : (long) random.nextInt(1_000_000);
            story.add(sending(messageId, chatId, rootId, revision, cost));
        }
        if (random.nextInt(10) == 0) {
            story.add(sending(messageId, chatId, rootId, revisions - 1, cost));
        }
        costByMessageByRoot.get(rootId).put(messageId, cost == null ? 0 : cost);
    }

    private Runnable sending(String messageId, String chatId, String rootId, int revision, Long cost) {
        String key = List.of(rootId, chatId, "any-" + messageId).get(random.nextInt(3));
        Integer partition = random.nextInt(10) == 0 ? random.nextInt(4) : null;
        Instant pricedAt = Instant.now();
        return () -> events.send(
                Topic.PRICED_MESSAGES,
                partition,
                key,
                new MessagePriced(messageId, chatId, key, "a-1", revision, cost, "model", 1L, 2L, pricedAt));
    }

    private void parked(List<Runnable> story) {
        create(chat("orphan", "never-created", null), story);
        chats.add("ghost");
        for (int number = 0; number < 10; number++) {
            story.add(sending("p-" + number, number % 2 == 0 ? "orphan" : "ghost", "t-0", 0, 100L));
        }
    }

    /** {@link #BAD_FACTS} of them, in whatever order they come. */
    private void badFacts(List<Runnable> story) {
        story.add(() -> events.send(Topic.CHATS, "self", chat("self", "self", null)));
        story.add(() -> events.send(
                Topic.CHATS, "t-1", new ChatCreated("t-1", null, null, "another-account", null, Instant.now())));
        story.add(() -> events.send(Topic.CHAT_LIMITS, "t-2-1", limit("t-2-1", 1L)));
        story.add(() ->
                events.send(Topic.CHATS, (Partitions.of("t-3", 4) + 1) % 4, "t-3", chat("t-3", null, LIMIT_MICROS)));
        story.add(() -> events.send(Topic.CHATS, "other-key", chat("t-4", null, null)));
        story.add(sending("negative", "t-5", "t-5", 0, -1L));
        story.add(() -> events.send(
                Topic.PRICED_MESSAGES,
                "t-6",
                new MessagePriced(
                        "ahead",
                        "t-6",
                        "t-6",
                        "a-1",
                        0,
                        1L,
                        null,
                        null,
                        null,
                        Instant.now().plus(Duration.ofDays(2)))));
        story.add(() -> events.sendBytes(Topic.PRICED_MESSAGES, 1, null, bytes("no key")));
        story.add(() -> events.sendBytes(Topic.CHATS, 2, bytes("no-value"), null));
        for (Topic topic : List.of(Topic.CHATS, Topic.PRICED_MESSAGES, Topic.CHAT_LIMITS)) {
            story.add(() -> events.sendBytes(topic, null, bytes("rubbish"), bytes("rubbish")));
        }
        create(chat("circle-1", "circle-2", null), story);
        create(chat("circle-2", "circle-1", null), story);
        story.add(sending("round", "circle-1", "circle-1", 0, 100L));
        story.add(sending("round", "circle-2", "circle-1", 0, 100L));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // ---- what must hold ----

    private static void assertNotReadyYet(Http rebuilt) {
        Reply reply = await().atMost(WITHIN)
                .until(
                        () -> rebuilt.get("/readyz"),
                        ready -> check(ready, "started").equals("ok")
                                && detail(ready, "caught_up").matches("\\d.*"));
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.json().get("status").asText()).isEqualTo("failed");
        assertThat(check(reply, "caught_up")).isEqualTo("failed");
        assertThat(detail(reply, "caught_up")).matches("[1-9]\\d* records left of those that were there at the start");
        assertThat(rebuilt.post("/v1/chats/t-0/check").header("spend-check")).isEqualTo("fail-open");
    }

    private static String check(Reply readiness, String name) {
        return found(readiness, name).path("status").asText();
    }

    private static String detail(Reply readiness, String name) {
        return found(readiness, name).path("detail").asText();
    }

    private static JsonNode found(Reply readiness, String name) {
        for (JsonNode check : readiness.json().get("checks")) {
            if (check.get("name").asText().equals(name)) {
                return check;
            }
        }
        throw new AssertionError("There is no check " + name + " in " + readiness.body());
    }

    private void assertSameState(TestLedger live, Http rebuilt) {
        Map<String, Long> spent = new TreeMap<>();
        costByMessageByRoot.forEach((rootId, costs) -> spent.put(
                rootId, costs.values().stream().mapToLong(Long::longValue).sum()));
        for (Http http : List.of(live.http(), rebuilt)) {
            await().atMost(WITHIN)
                    .untilAsserted(() -> assertThat(spentByRoot(http)).isEqualTo(spent));
        }
        await().atMost(WITHIN).untilAsserted(() -> assertThat(state(rebuilt)).isEqualTo(state(live.http())));
        assertThat(state(rebuilt).get("orphan").get("parked_messages").asInt()).isEqualTo(5);
        assertThat(state(rebuilt).get("ghost").get("parked_messages").asInt()).isEqualTo(5);
    }

    private Map<String, Long> spentByRoot(Http http) {
        return costByMessageByRoot.keySet().stream()
                .collect(Collectors.toMap(
                        rootId -> rootId,
                        rootId -> spend(http, rootId).at("/tree/spent_micros").asLong(-1)));
    }

    /** Every chat's spend and its tree's, without what only says how it was read. */
    private Map<String, JsonNode> state(Http http) {
        return chats.stream().collect(Collectors.toMap(chatId -> chatId, chatId -> spend(http, chatId)));
    }

    private static JsonNode spend(Http http, String chatId) {
        Reply reply = http.get("/v1/chats/" + chatId + "/spend?breakdown=true");
        ObjectNode spend = reply.json().deepCopy();
        return spend.without(List.of("served_by", "as_of", "lag_ms", "degraded", "degraded_reason"));
    }

    private void assertSameDeadLetters() {
        await().atMost(WITHIN).untilAsserted(() -> {
            assertThat(deadLetters("ledger-dead-letters")).hasSize(BAD_FACTS);
            assertThat(deadLetters("rebuild-2.ledger-dead-letters")).isEqualTo(deadLetters("ledger-dead-letters"));
        });
    }

    /** What makes each what it is: source topic, partition, offset and reason. */
    private List<List<String>> deadLetters(String topic) {
        return events.readAll(topic).stream()
                .map(record -> List.of(
                        header(record, "__streams.errors.topic"),
                        header(record, "__streams.errors.partition"),
                        header(record, "__streams.errors.offset"),
                        header(record, "ledger.reason")))
                .sorted((one, other) -> one.toString().compareTo(other.toString()))
                .toList();
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    /** Records are deleted from it, and none that the ledger has not read. */
    private static void assertNothingOfItsRoutingWasLost(TestLedger ledger, String applicationId, String topic)
            throws ExecutionException, InterruptedException {
        List<TopicPartition> partitions = IntStream.range(0, ledger.partitions())
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        try (Admin admin = Admin.create(ledger.clientSettings())) {
            await().atMost(WITHIN)
                    .until(() -> firsts(admin, partitions).values().stream().anyMatch(offset -> offset > 0));
            Map<TopicPartition, Long> firsts = firsts(admin, partitions);
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(applicationId)
                    .partitionsToOffsetAndMetadata()
                    .get();
            assertThat(firsts)
                    .allSatisfy((partition, first) -> assertThat(first)
                            .isLessThanOrEqualTo(committed
                                    .getOrDefault(partition, new OffsetAndMetadata(0))
                                    .offset()));
        }
    }

    private static Map<TopicPartition, Long> firsts(Admin admin, List<TopicPartition> partitions)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, Long> firsts = new HashMap<>();
        admin.listOffsets(partitions.stream()
                        .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.earliest())))
                .all()
                .get()
                .forEach((partition, first) -> firsts.put(partition, first.offset()));
        return firsts;
    }

    private void assertThatItGoesOn(Http rebuilt) {
        long spent = spend(rebuilt, "t-0").at("/tree/spent_micros").asLong();
        Reply limited = rebuilt.put("/v1/chats/t-0/limit", "{\"spend_limit_micros\": " + (spent + 1_000) + "}");
        Reply within = rebuilt.post("/v1/chats/t-0-1/check");
        Reply message = rebuilt.post(
                "/v1/messages",
                "{\"message_id\": \"last\", \"chat_id\": \"t-0-2\", \"account_id\": \"a-1\","
                        + " \"cost_micros\": 1000}");
        events.send(Topic.CHATS, "self-2", chat("self-2", "self-2", null));
        events.flush();

        assertThat(limited.status()).isEqualTo(200);
        assertThat(within.status()).isEqualTo(200);
        assertThat(within.header("spend-check")).isNull();
        assertThat(message.status()).isEqualTo(202);
        await().atMost(WITHIN).until(() -> rebuilt.post("/v1/chats/t-0-1/check").status() == 409);
        await().atMost(WITHIN)
                .until(() -> deadLetters("rebuild-2.ledger-dead-letters").size() == BAD_FACTS + 1);
        assertThat(deadLetters("ledger-dead-letters")).hasSize(BAD_FACTS);
    }
}
