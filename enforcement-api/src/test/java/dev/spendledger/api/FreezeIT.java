package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kill switch of a tree, with a real broker and over real HTTP. */
class FreezeIT {
    private static final Duration WITHIN = Duration.ofSeconds(30);
    /** What a change may take to be in force on every instance. */
    private static final Duration IN_FORCE_WITHIN = Duration.ofSeconds(1);

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
    @Tag("P19")
    void shouldRejectEveryChatOfAFrozenTreeUntilItIsUnfrozen() {
        // Given
        create(http, "tree", null);
        create(http, "tree-a", "tree");
        create(http, "tree-a-b", "tree-a");
        create(http, "other", null);

        // When
        Reply frozen = http.put("/v1/chats/tree/freeze", "{\"reason\": \"runs in circles\", \"set_by\": \"ops\"}");
        create(http, "tree-late", "tree-a");
        List<Reply> checks = Stream.of("tree", "tree-a", "tree-a-b", "tree-late")
                .map(chatId -> check(http, chatId))
                .toList();
        boolean shown =
                http.get("/v1/chats/tree-a/spend").json().at("/tree/frozen").booleanValue();
        Reply other = check(http, "other");
        Reply unfrozen = http.delete("/v1/chats/tree/freeze");
        List<String> after = Stream.of("tree", "tree-a", "tree-a-b", "tree-late")
                .map(chatId -> verdict(http, chatId))
                .toList();

        // Then
        assertThat(frozen.status()).as(frozen.body()).isEqualTo(200);
        String setAt = frozen.json().get("set_at").textValue();
        assertThat(checks).allSatisfy(reply -> {
            assertThat(reply.status()).isEqualTo(409);
            assertThat(reply.json().get("code").textValue()).isEqualTo("frozen");
            assertThat(reply.json().get("detail").textValue())
                    .isEqualTo("The tree of chat tree was frozen at " + setAt + ": runs in circles");
            assertThat(reply.json().get("root_chat_id").textValue()).isEqualTo("tree");
            assertThat(reply.json().has("degraded")).isFalse();
            assertThat(reply.header("x-should-retry")).isEqualTo("false");
            assertThat(reply.header("Retry-After")).isNull();
        });
        assertThat(shown).isTrue();
        assertThat(other.status()).isEqualTo(200);
        assertThat(unfrozen.status()).isEqualTo(200);
        assertThat(unfrozen.json().get("frozen").booleanValue()).isFalse();
        assertThat(after).containsOnly("allowed");
    }

    @Test
    void shouldNameTheFreezeOfATreeThatIsExhaustedAsWell() {
        // Given
        http.post("/v1/chats", "{\"chat_id\": \"both\", \"account_id\": \"a-1\", \"spend_limit_micros\": 1}");
        http.post(
                "/v1/messages",
                "{\"message_id\": \"m-1\", \"chat_id\": \"both\", \"account_id\": \"a-1\", \"cost_micros\": 1}");
        await().atMost(WITHIN).until(() -> verdict(http, "both"), "spend_limit_exceeded"::equals);

        // When
        http.put("/v1/chats/both/freeze", "{}");
        String frozen = verdict(http, "both");
        http.delete("/v1/chats/both/freeze");
        String unfrozen = verdict(http, "both");

        // Then
        assertThat(List.of(frozen, unfrozen)).containsExactly("frozen", "spend_limit_exceeded");
    }

    @Test
    void shouldFreezeRootsOnly() {
        // Given
        create(http, "parent", null);
        create(http, "child", "parent");

        // When
        List<Integer> statuses = List.of(
                http.put("/v1/chats/child/freeze", "{}").status(),
                http.delete("/v1/chats/child/freeze").status(),
                http.put("/v1/chats/never-heard-of/freeze", "{}").status(),
                http.delete("/v1/chats/never-heard-of/freeze").status());

        // Then
        assertThat(statuses).containsExactly(400, 400, 404, 404);
        assertThat(verdict(http, "child")).isEqualTo("allowed");
    }

    @Test
    void shouldTakeWhatAProducerWritesToTheTopic() {
        // Given
        create(http, "direct", null);
        create(http, "direct-a", "direct");

        // When
        events.send(Topic.CHAT_FREEZES, "direct", new ChatFreezeSet("direct", null, null, Instant.now()));
        events.flush();

        // Then
        awaitInForce(http, "direct-a", "frozen");

        // When
        events.sendBytes(Topic.CHAT_FREEZES, null, utf8("direct"), null);

        // Then
        awaitInForce(http, "direct-a", "allowed");
    }

    /** So that an instance which starts later, and sees what compaction has left, judges as this one does. */
    @Test
    @Tag("P04")
    @Tag("P11")
    void shouldBuryABadRecordOnceAndTakeItsKeyForNone() {
        // Given
        int before = events.readAll(Topic.DEAD_LETTERS).size();
        create(http, "bad", null);
        create(http, "good", null);
        http.put("/v1/chats/bad/freeze", "{}");

        // When
        events.send(Topic.CHAT_FREEZES, "bad", new ChatFreezeSet("bad", "", null, Instant.now()));
        events.send(Topic.CHAT_FREEZES, "worse", new ChatFreezeSet("bad", null, null, Instant.now()));
        events.sendBytes(Topic.CHAT_FREEZES, null, utf8("no-event"), utf8("no event"));
        events.send(Topic.CHAT_FREEZES, "good", new ChatFreezeSet("good", null, null, Instant.now()));
        events.flush();

        // Then
        await().atMost(WITHIN)
                .untilAsserted(() -> assertThat(events.readAll(Topic.DEAD_LETTERS).stream()
                                .map(letter -> letter.headers().lastHeader("ledger.reason"))
                                .map(reason -> new String(reason.value(), StandardCharsets.UTF_8))
                                .toList())
                        .hasSize(before + 3)
                        .contains("out_of_range", "key_mismatch", "unreadable"));
        awaitInForce(http, "bad", "allowed");
        assertThat(verdict(http, "good")).isEqualTo("frozen");
    }

    /** Some of the roots lie in partitions of the one instance, and some in those of the other. */
    @Test
    @Tag("P19")
    void shouldHoldOnEveryInstanceInUnderASecondWhicheverOwnsTheTree() throws Exception {
        // Given
        List<String> roots = IntStream.range(0, 12).mapToObj(i -> "shared-" + i).toList();
        roots.forEach(root -> create(http, root, null));
        Map<Setting, String> beside =
                Map.of(Setting.STATE_DIR, dir.resolve("state-2").toString(), Setting.HTTP_PORT, "0");
        try (LedgerInstance second = ledger.startBeside(beside, Map.of())) {
            Http other = new Http(second.url());
            await().atMost(WITHIN).until(second::isReady);
            await().atMost(WITHIN)
                    .until(() -> peersAt(http, roots) > 0
                            && peersAt(other, roots) > 0
                            && peersAt(http, roots) + peersAt(other, roots) == roots.size());

            // When
            List<Integer> statuses = roots.stream()
                    .map(root -> http.put("/v1/chats/" + root + "/freeze", "{}").status())
                    .toList();

            // Then
            assertThat(statuses).containsOnly(200);
            assertThat(roots).allSatisfy(root -> assertThat(verdict(http, root)).isEqualTo("frozen"));
            roots.forEach(root -> awaitInForce(other, root, "frozen"));
            assertThat(roots)
                    .allSatisfy(root -> assertThat(other.post(
                                            "/v1/chats/new-below-" + root + "/check",
                                            "{\"root_chat_id\": \"" + root + "\"}")
                                    .json()
                                    .path("code")
                                    .textValue())
                            .isEqualTo("frozen"));

            // When
            roots.forEach(root -> other.delete("/v1/chats/" + root + "/freeze"));

            // Then
            roots.forEach(root -> awaitInForce(http, root, "allowed"));
        }
        await().atMost(WITHIN).until(() -> peersAt(http, roots) == 0); // The other tests need all partitions back.
    }

    @Test
    @Tag("P19")
    void shouldHoldWhileTheBrokerIsAwayAndThroughTheLossOfAnInstanceAndItsState(@TempDir Path other) {
        try (TestLedger lonely = TestLedger.start(other, Map.of(Setting.WRITE_TIMEOUT_MS, "1000"))) {
            // Given
            create(lonely.http(), "c-1", null);
            create(lonely.http(), "c-2", "c-1");
            lonely.http().put("/v1/chats/c-1/freeze", "{}");

            // When
            lonely.stopBroker();
            List<String> meanwhile = List.of(verdict(lonely.http(), "c-1"), verdict(lonely.http(), "c-2"));
            Reply refused = lonely.http().delete("/v1/chats/c-1/freeze");
            String afterwards = verdict(lonely.http(), "c-2");
            lonely.startBroker();
            lonely.stopInstance();
            lonely.loseState();
            lonely.startInstance();
            List<String> anew = List.of(verdict(lonely.http(), "c-1"), verdict(lonely.http(), "c-2"));

            // Then
            assertThat(meanwhile).containsOnly("frozen");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.json().get("code").textValue()).isEqualTo("kafka_unavailable");
            assertThat(afterwards).isEqualTo("frozen");
            assertThat(anew).containsOnly("frozen");
        }
    }

    private static void create(Http instance, String chatId, String parentChatId) {
        String parent = parentChatId == null ? "null" : "\"" + parentChatId + "\"";
        Reply reply = instance.post(
                "/v1/chats",
                "{\"chat_id\": \"" + chatId + "\", \"parent_chat_id\": " + parent + ", \"account_id\": \"a-1\"}");
        assertThat(reply.status()).as(reply.body()).isEqualTo(201);
        await().atMost(WITHIN)
                .until(() -> !instance.get("/v1/chats/" + chatId + "/spend")
                        .json()
                        .path("root_chat_id")
                        .isNull());
    }

    private static Reply check(Http instance, String chatId) {
        return instance.post("/v1/chats/" + chatId + "/check");
    }

    /** What a chat is told: that it may go on, or why not. */
    private static String verdict(Http instance, String chatId) {
        Reply reply = check(instance, chatId);
        return reply.status() == 200 ? "allowed" : reply.json().get("code").textValue();
    }

    private static void awaitInForce(Http instance, String chatId, String verdict) {
        await().atMost(IN_FORCE_WITHIN)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> verdict(instance, chatId), verdict::equals);
    }

    /** How many of these chats the instance allows because it cannot read what is known of them. */
    private static long peersAt(Http instance, List<String> chatIds) {
        return chatIds.stream()
                .filter(chatId -> "peer"
                        .equals(check(instance, chatId).json().path("served_by").textValue()))
                .count();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
