package dev.spendledger.api;

import static dev.spendledger.api.testing.Events.chat;
import static dev.spendledger.api.testing.Events.limit;
import static dev.spendledger.api.testing.Events.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.topology.LedgerTopology;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of the product on a real broker with four partitions, through HTTP and through Kafka. */
class EnforcementIT {
    @TempDir
    static Path dir;

    private static TestLedger ledger;
    private static Http http;
    private static Events events;

    @BeforeAll
    static void start() {
        ledger = TestLedger.start(dir);
        http = ledger.http();
        events = new Events(ledger);
    }

    @AfterAll
    static void stop() {
        events.close();
        ledger.close();
    }

    @Test
    @Tag("P09")
    void shouldRejectTheWholeTreeOnceItsLimitIsReached() {
        // Given a grandchild and a child that are created before their parents
        createChat("tree-3", "tree-2");
        createChat("tree-2", "tree-1");
        createRoot("tree-1", 1_000_000L);
        postMessage("m-1", "tree-1", 400_000);
        postMessage("m-2", "tree-2", 300_000);
        postMessage("m-3", "tree-3", 299_999);
        awaitSpent("tree-1", 999_999);
        List<Reply> below = check("tree-1", "tree-2", "tree-3");

        // When
        postMessage("m-4", "tree-3", 1);
        awaitSpent("tree-1", 1_000_000);

        // Then
        assertThat(below).allSatisfy(reply -> {
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.json().at("/scopes/0/spent_micros").asLong()).isEqualTo(999_999);
            assertThat(reply.json().at("/scopes/0/remaining_micros").asLong()).isEqualTo(1);
            assertThat(reply.json().get("degraded").asBoolean()).isFalse();
            assertThat(reply.header("spend-check")).isNull();
        });
        assertThat(check("tree-1", "tree-2", "tree-3")).allSatisfy(reply -> {
            assertThat(reply.status()).isEqualTo(409);
            assertThat(reply.header("x-should-retry")).isEqualTo("false");
            assertThat(reply.json().get("code").asText()).isEqualTo("spend_limit_exceeded");
            assertThat(reply.json().get("scope").asText()).isEqualTo("chat_lifetime");
            assertThat(reply.json().get("spent_micros").asLong()).isEqualTo(1_000_000);
            assertThat(reply.json().get("limit_micros").asLong()).isEqualTo(1_000_000);
            assertThat(reply.json().get("root_chat_id").asText()).isEqualTo("tree-1");
            assertThat(reply.json().has("resets_at")).isFalse();
        });
    }

    @Test
    @Tag("P09")
    void shouldAllowAgainOnceTheLimitIsRaisedOrRemoved() {
        // Given
        createRoot("raised-1", 100L);
        createChat("raised-2", "raised-1");
        postMessage("m-1", "raised-1", 150);
        awaitSpent("raised-1", 150);
        int exhausted = check("raised-2").get(0).status();

        // When
        Reply raise = http.put("/v1/chats/raised-1/limit", "{\"spend_limit_micros\": 151}");
        int raised = check("raised-2").get(0).status();
        http.put("/v1/chats/raised-1/limit", "{\"spend_limit_micros\": 150}");
        int lowered = check("raised-2").get(0).status();
        Reply removal = http.delete("/v1/chats/raised-1/limit");
        int removed = check("raised-2").get(0).status();

        // Then
        assertThat(raise.status()).isEqualTo(200);
        assertThat(removal.status()).isEqualTo(200);
        assertThat(List.of(exhausted, raised, lowered, removed)).containsExactly(409, 200, 409, 200);
    }

    @Test
    @Tag("P01")
    void shouldCountAMessageOnceHoweverOftenAndWhereverItIsSent() {
        // Given
        createRoot("once-1", 1_000_000L);
        createChat("once-2", "once-1");
        awaitMembers("once-1", 2);

        // When
        postMessage("m-1", "once-2", 700);
        postMessage("m-1", "once-2", 700);
        events.send(Topic.PRICED_MESSAGES, "once-2", message("m-1", "once-2", null, 700));
        events.send(Topic.PRICED_MESSAGES, "once-1", message("m-1", "once-2", "once-1", 700));
        events.send(Topic.PRICED_MESSAGES, "elsewhere", message("m-1", "once-2", "elsewhere", 700));
        events.flush();
        postMessage("m-2", "once-2", 1);

        // Then
        awaitSpent("once-1", 701);
        awaitRoutingRead();
        assertThat(spend("once-1").at("/tree/priced_messages").asLong()).isEqualTo(2);
        assertThat(spend("once-1").at("/tree/spent_micros").asLong()).isEqualTo(701);
    }

    @Test
    @Tag("P04")
    void shouldCountAMessageThatCameBeforeItsChat() {
        // Given
        postMessage("m-1", "late-2", 300);
        await().untilAsserted(() -> assertThat(http.get("/v1/chats/late-2/spend")
                        .json()
                        .path("parked_micros")
                        .asLong())
                .isEqualTo(300));

        // When
        createChat("late-2", "late-1");
        createRoot("late-1", null);

        // Then
        awaitSpent("late-1", 300);
        assertThat(spend("late-2").get("parked_messages").asLong()).isZero();
        assertThat(spend("late-2").get("spent_micros").asLong()).isEqualTo(300);
    }

    @Test
    void shouldAllowNoNewChildOfAnExhaustedTree() {
        // Given
        createRoot("full-0", 10L);
        postMessage("m-1", "full-0", 10);
        awaitSpent("full-0", 10);

        // When
        Map<Integer, Long> statuses = IntStream.rangeClosed(1, 1_000)
                .mapToObj(number -> {
                    // Every tenth is a child of the one before: no lineage of these is folded yet.
                    createChat("full-" + number, "full-" + (number % 10 == 0 ? number - 1 : 0));
                    return check("full-" + number).get(0).status();
                })
                .collect(Collectors.groupingBy(status -> status, Collectors.counting()));

        // Then
        assertThat(statuses).containsExactlyEntriesOf(Map.of(409, 1_000L));
    }

    @Test
    void shouldTakeALimitForARootOnly() {
        // Given
        createRoot("limits-1", null);
        createChat("limits-2", "limits-1");

        // When
        Reply onChild = http.put("/v1/chats/limits-2/limit", "{\"spend_limit_micros\": 5}");
        Reply onUnknown = http.put("/v1/chats/limits-unknown/limit", "{\"spend_limit_micros\": 5}");
        Reply onRoot = http.put("/v1/chats/limits-1/limit", "{\"spend_limit_micros\": 5}");

        // Then
        assertThat(onChild.status()).isEqualTo(400);
        assertThat(onChild.json().at("/validations/0/field").asText()).isEqualTo("chat_id");
        assertThat(onUnknown.status()).isEqualTo(404);
        assertThat(onUnknown.json().get("code").asText()).isEqualTo("chat_not_found");
        assertThat(onRoot.status()).isEqualTo(200);
    }

    @Test
    void shouldCreateAChatOnce() {
        // Given
        Reply first = createRoot("same-1", 500L);

        // When
        Reply atOnce = createRoot("same-1", 500L);
        await().until(() ->
                http.get("/v1/chats/same-1/spend").json().at("/tree/chats").asInt() == 1);
        Reply later = createRoot("same-1", 500L);
        Reply other = http.post(
                "/v1/chats", "{\"chat_id\": \"same-1\", \"account_id\": \"a-1\", \"spend_limit_micros\": 501}");

        // Then
        assertThat(atOnce.status()).isEqualTo(201);
        assertThat(later.json()).isEqualTo(first.json());
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.json().get("code").asText()).isEqualTo("chat_conflict");
        assertThat(spend("same-1").at("/tree/limit_micros").asLong()).isEqualTo(500);
    }

    @Test
    @Tag("P03")
    void shouldListEveryChatOfATreeSoThatTheySumUpToIt() {
        // Given a tree of 25 chats, each the child of the one at half its number
        createRoot("sum-1", null);
        IntStream.rangeClosed(2, 25).forEach(number -> createChat("sum-" + number, "sum-" + number / 2));
        IntStream.rangeClosed(1, 25).forEach(number -> postMessage("m-" + number, "sum-" + number, number));
        awaitSpent("sum-1", 325);

        // When
        Map<String, JsonNode> chats = new HashMap<>();
        String token = "";
        int pages = 0;
        do {
            JsonNode page = http.get("/v1/chats/sum-9/spend?breakdown=true&page_size=10" + token)
                    .json();
            page.get("chats").forEach(chat -> chats.put(chat.get("chat_id").asText(), chat));
            token = page.has("next_page_token")
                    ? "&page_token=" + page.get("next_page_token").asText()
                    : "";
            pages++;
        } while (!token.isEmpty());

        // Then
        assertThat(pages).isEqualTo(3);
        assertThat(chats).hasSize(25);
        assertThat(chats.values().stream()
                        .mapToLong(chat -> chat.get("spent_micros").asLong())
                        .sum())
                .isEqualTo(325);
        assertThat(chats.get("sum-1").get("parent_chat_id").isNull()).isTrue();
        IntStream.rangeClosed(2, 25)
                .forEach(number -> assertThat(
                                chats.get("sum-" + number).get("parent_chat_id").asText())
                        .isEqualTo("sum-" + number / 2));
    }

    @Test
    void shouldKeepTotalsExactWhenEveryTopicIsFilledWithoutRegardToPartitions() {
        // Given five roots, each with a child, of which some are created in the wrong partition
        Random random = new Random(42);
        Map<String, Long> spentByRoot = new HashMap<>();
        long misplacedChats = 0;
        long misplacedLimits = 0;
        for (int root = 0; root < 5; root++) {
            String rootId = "scatter-" + root;
            String childId = rootId + "-child";
            events.send(Topic.CHATS, rootId, chat(rootId, null, 1_000_000L));
            events.send(Topic.CHATS, childId, chat(childId, rootId, null));
            for (int i = 0; i < 4; i++) {
                int wrong = wrongPartition(rootId, random);
                events.send(Topic.CHATS, wrong, rootId, chat(rootId, null, 1L));
                events.send(Topic.CHAT_LIMITS, wrong, rootId, limit(rootId, 1L));
                misplacedChats++;
                misplacedLimits++;
            }
            spentByRoot.put(rootId, 0L);
        }

        // When 500 messages go to any partition, under any key
        for (int i = 0; i < 500; i++) {
            String rootId = "scatter-" + random.nextInt(5);
            String chatId = random.nextBoolean() ? rootId : rootId + "-child";
            String key = List.of(rootId, chatId, "any-" + i).get(random.nextInt(3));
            events.send(
                    Topic.PRICED_MESSAGES, random.nextInt(ledger.partitions()), key, message("m-" + i, chatId, key, i));
            spentByRoot.merge(rootId, (long) i, Long::sum);
        }
        events.flush();

        // Then
        spentByRoot.forEach((rootId, spent) -> awaitSpent(rootId, spent));
        assertThat(spentByRoot.keySet())
                .allSatisfy(rootId -> assertThat(
                                spend(rootId).at("/tree/limit_micros").asLong())
                        .isEqualTo(1_000_000));
        long chats = misplacedChats;
        long limits = misplacedLimits;
        await().untilAsserted(() -> {
            assertThat(deadLetters("scatter-", "wrong_partition", "chats")).isEqualTo(chats);
            assertThat(deadLetters("scatter-", "wrong_partition", "chat-limits"))
                    .isEqualTo(limits);
        });
        assertThat(metric("ledger_misplaced_records_total")).isGreaterThan(0);
    }

    @Test
    @Tag("P11")
    void shouldPutRubbishIntoTheDeadLettersWhileGoodEventsFlow() {
        // Given
        createRoot("clean-1", null);
        List<Topic> inputs = LedgerTopology.SOURCES;
        Random random = new Random(7);

        // When
        for (int i = 0; i < 50; i++) {
            for (Topic topic : inputs) {
                byte[] rubbish = new byte[random.nextInt(200)];
                random.nextBytes(rubbish);
                events.sendBytes(
                        topic, i % ledger.partitions(), ("rubbish-" + i).getBytes(StandardCharsets.UTF_8), rubbish);
            }
            events.send(Topic.PRICED_MESSAGES, "clean-1", message("m-" + i, "clean-1", null, 10));
        }
        events.flush();

        // Then
        awaitSpent("clean-1", 500);
        await().untilAsserted(() ->
                inputs.forEach(topic -> assertThat(deadLetters("rubbish-", "unreadable", topic.baseName())
                                + deadLetters("rubbish-", "unknown_schema", topic.baseName()))
                        .as(topic.baseName())
                        .isEqualTo(50)));
        assertThat(http.get("/readyz").status()).isEqualTo(200);
    }

    @Test
    @Tag("P11")
    void shouldGoOnWhenARecordIsLargerThanAnythingItCouldBeCopiedInto() {
        // Given
        createRoot("large-1", null);
        byte[] key = "large-1".getBytes(StandardCharsets.UTF_8);

        // When
        for (Topic topic : LedgerTopology.INPUTS) {
            events.sendBytes(topic, null, key, new byte[1_000_000]);
            events.sendBytes(topic, null, key, new byte[20_000_000]);
            events.sendBytes(topic, null, new byte[900_000], new byte[1]);
            events.sendBytes(topic, null, new byte[5_000_000], null);
        }
        events.send(Topic.PRICED_MESSAGES, "large-1", message("m-1", "large-1", null, 77));
        events.flush();

        // Then
        awaitSpent("large-1", 77);
        assertThat(http.get("/readyz").status()).isEqualTo(200);
        assertThat(events.readAll(Topic.DEAD_LETTERS).stream()
                        .filter(record -> header(record, "ledger.reason").equals("too_large")))
                .isNotEmpty()
                .allSatisfy(record -> assertThat(record.value()).isNull());
    }

    @Test
    void shouldDeleteFromTheRoutingTopicWhatHasBeenRead() {
        // Given
        createRoot("trim-1", null);
        createChat("trim-2", "trim-1");
        createChat("trim-3", "trim-2");
        postMessage("m-1", "trim-3", 5);

        // When
        awaitSpent("trim-1", 5);

        // Then
        await().atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(events.readAll(Topic.LEDGER_ROUTING))
                        .noneMatch(record -> new String(record.key(), StandardCharsets.UTF_8).startsWith("trim-")));
    }

    private static Reply createRoot(String chatId, Long limitMicros) {
        return created("{\"chat_id\": \"" + chatId + "\", \"account_id\": \"a-1\", \"spend_limit_micros\": "
                + limitMicros + "}");
    }

    private static Reply createChat(String chatId, String parentChatId) {
        return created("{\"chat_id\": \"" + chatId + "\", \"account_id\": \"a-1\", \"parent_chat_id\": \""
                + parentChatId + "\"}");
    }

    private static Reply created(String body) {
        Reply reply = http.post("/v1/chats", body);
        if (reply.status() != 201) {
            throw new IllegalStateException("Not created: " + reply);
        }
        return reply;
    }

    private static void postMessage(String messageId, String chatId, long costMicros) {
        Reply reply = http.post(
                "/v1/messages",
                "{\"message_id\": \"" + messageId + "\", \"chat_id\": \"" + chatId
                        + "\", \"account_id\": \"a-1\", \"cost_micros\": " + costMicros + "}");
        if (reply.status() != 202) {
            throw new IllegalStateException("Not accepted: " + reply);
        }
    }

    private static List<Reply> check(String... chatIds) {
        return List.of(chatIds).stream()
                .map(chatId -> http.post("/v1/chats/" + chatId + "/check"))
                .toList();
    }

    private static JsonNode spend(String chatId) {
        return http.get("/v1/chats/" + chatId + "/spend").json();
    }

    private static void awaitSpent(String rootChatId, long micros) {
        await().untilAsserted(() -> assertThat(
                        spend(rootChatId).at("/tree/spent_micros").asLong(-1))
                .isEqualTo(micros));
    }

    private static void awaitMembers(String rootChatId, int chats) {
        await().untilAsserted(() ->
                assertThat(spend(rootChatId).at("/tree/chats").asInt()).isEqualTo(chats));
    }

    /** Waits until a message that takes the longest way has been counted, and so all that were routed before it. */
    private static void awaitRoutingRead() {
        String rootId = "canary-" + System.nanoTime();
        createRoot(rootId, null);
        for (int i = 0; i < 8; i++) {
            createChat(rootId + "-" + i, rootId);
            events.send(Topic.PRICED_MESSAGES, rootId + "-" + i, message("m-" + i, rootId + "-" + i, null, 1));
        }
        events.flush();
        awaitSpent(rootId, 8);
    }

    private static int wrongPartition(String key, Random random) {
        int right = Partitions.of(key, ledger.partitions());
        return (right + 1 + random.nextInt(ledger.partitions() - 1)) % ledger.partitions();
    }

    private static long deadLetters(String keyPrefix, String reason, String topic) {
        return events.readAll(Topic.DEAD_LETTERS).stream()
                .filter(record ->
                        record.key() != null && new String(record.key(), StandardCharsets.UTF_8).startsWith(keyPrefix))
                .filter(record -> header(record, "ledger.reason").equals(reason))
                .filter(record -> header(record, "__streams.errors.topic").equals(topic))
                .count();
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return StreamSupport.stream(record.headers().headers(name).spliterator(), false)
                .map(header -> new String(header.value(), StandardCharsets.UTF_8))
                .collect(Collectors.joining(","));
    }

    private static double metric(String name) {
        return http.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
