package dev.spendledger.api;

import static dev.spendledger.api.testing.Events.chat;
import static dev.spendledger.api.testing.Events.limit;
import static dev.spendledger.api.testing.Events.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spendledger.api.testing.CommandRun;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ledger dead-letters} beside a ledger that runs; each test has records of its own by their chats. */
@Tag("P04")
class DeadLettersIT {
    private static final ObjectMapper MAPPER = new ObjectMapper();

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
    void shouldListWhatCouldNotBeCounted() {
        // Given
        events.send(Topic.CHATS, "list-1", chat("list-1", "list-1", null));
        events.send(Topic.PRICED_MESSAGES, "list-1", message("m-1", "list-1", "list-1", -1));
        events.sendBytes(Topic.CHAT_LIMITS, null, utf8("list-1"), new byte[] {1, 2, 3});
        awaitDeadLetters(3, "--chat", "list-1");

        // When
        CommandRun all = run("--chat", "list-1");
        CommandRun byReason = run("--chat", "list-1", "--reason", "self_parent", "--reason", "unreadable");
        CommandRun byTopic = run("--chat", "list-1", "--topic", "priced-messages");
        CommandRun later =
                run("--chat", "list-1", "--since", Instant.now().plusSeconds(60).toString());
        CommandRun one = run("--chat", "list-1", "--limit", "1");

        // Then
        assertThat(all.status()).isZero();
        assertThat(all.out().lines())
                .hasSize(3)
                .anySatisfy(line -> assertThat(line)
                        .startsWith("self_parent chats-" + home("list-1") + "@")
                        .contains("key \"list-1\"", "chat list-1", "parent_chat_id"))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("out_of_range priced-messages-" + home("list-1") + "@")
                        .contains("message m-1 of chat list-1", "cost_micros is -1"))
                .anySatisfy(line -> assertThat(line).startsWith("unreadable chat-limits-"));
        assertThat(all.err()).contains("3 dead letters", "1  self_parent", "1  out_of_range", "1  unreadable");
        assertThat(byReason.out().lines()).hasSize(2);
        assertThat(byTopic.out().lines()).singleElement().asString().startsWith("out_of_range");
        assertThat(later.out()).isEmpty();
        assertThat(later.err()).contains("0 dead letters");
        assertThat(one.out().lines()).hasSize(1);
        assertThat(one.err()).contains("1 of 3 are shown");
    }

    @Test
    void shouldListTheWholeRecordAsJson() {
        // Given
        events.send(Topic.PRICED_MESSAGES, "json-1", message("m-1", "json-1", "json-root", -7));
        awaitDeadLetters(1, "--chat", "json-root");

        // When
        CommandRun run = run("--chat", "json-root", "--json");

        // Then
        JsonNode letter = json(run.out());
        ConsumerRecord<byte[], byte[]> kept = events.readAll(Topic.DEAD_LETTERS).stream()
                .filter(record -> Arrays.equals(record.key(), utf8("json-1")))
                .findFirst()
                .orElseThrow();
        assertThat(letter.get("reason").asText()).isEqualTo("out_of_range");
        assertThat(letter.get("topic").asText()).isEqualTo("priced-messages");
        assertThat(letter.get("partition").asInt()).isEqualTo(home("json-1"));
        assertThat(Instant.parse(letter.get("append_time").asText()))
                .isAfter(Instant.now().minusSeconds(600));
        assertThat(letter.get("times").asInt()).isEqualTo(1);
        assertThat(letter.get("replayed_from").isNull()).isTrue();
        assertThat(binary(letter.get("key"))).isEqualTo(utf8("json-1"));
        assertThat(binary(letter.get("value"))).isEqualTo(kept.value());
        assertThat(letter.get("headers")).isEmpty();
        assertThat(letter.get("event_type").asText()).isEqualTo("MessagePriced");
        assertThat(letter.at("/event/cost_micros").asLong()).isEqualTo(-7);
        assertThat(letter.at("/event/root_chat_id").asText()).isEqualTo("json-root");
    }

    @Test
    void shouldListARecordOnceThoughItWasMadeADeadLetterAgain() {
        // Given what a rebuild into the same topic leaves behind, and what somebody else has put there
        events.send(Topic.CHATS, "twice-1", chat("twice-1", "twice-1", null));
        awaitDeadLetters(1, "--chat", "twice-1");
        ConsumerRecord<byte[], byte[]> kept = events.readAll(Topic.DEAD_LETTERS).stream()
                .filter(record -> Arrays.equals(record.key(), utf8("twice-1")))
                .findFirst()
                .orElseThrow();
        events.send(new ProducerRecord<>(kept.topic(), null, kept.key(), kept.value(), kept.headers()));
        events.sendBytes(Topic.DEAD_LETTERS, null, utf8("twice-1"), new byte[] {1});
        events.flush();

        // When
        CommandRun run = run("--chat", "twice-1");

        // Then
        assertThat(run.out().lines()).singleElement().asString().endsWith("; stands there 2 times");
        assertThat(run.err()).contains("1 dead letter", "1 records of the topic are no dead letters");
    }

    @Test
    void shouldCountWhatIsReplayedOnceItsCauseIsMended() {
        // Given a tree whose root and limit were sent by a producer with another partitioner
        int wrong = (home("mend-1") + 1) % ledger.partitions();
        events.send(Topic.CHATS, wrong, "mend-1", chat("mend-1", null, 1_000L));
        events.send(Topic.CHAT_LIMITS, wrong, "mend-1", limit("mend-1", 100L));
        events.send(Topic.CHATS, "mend-2", chat("mend-2", "mend-1", null));
        events.send(Topic.PRICED_MESSAGES, "mend-1", message("m-1", "mend-1", null, 30));
        events.send(Topic.PRICED_MESSAGES, "mend-2", message("m-2", "mend-2", null, 40));
        // And a message from a clock that is a little more than a day ahead
        Instant pricedAt = Instant.now().plus(Duration.ofHours(24)).plusSeconds(10);
        events.send(
                Topic.PRICED_MESSAGES,
                "mend-1",
                new MessagePriced("m-3", "mend-1", null, "a-1", 0, 50L, null, null, null, pricedAt));
        events.flush();
        awaitDeadLetters(3, "--chat", "mend-1");
        await().until(() ->
                http.get("/v1/chats/mend-2/spend").json().path("parked_micros").asLong() == 40);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Instant.now().plus(Duration.ofHours(24)).isAfter(pricedAt));

        // When
        CommandRun dry = run("--chat", "mend-1", "--replay", "--dry-run");
        CommandRun replay = run("--chat", "mend-1", "--replay");
        awaitSpent("mend-1", 120);
        JsonNode once = tree("mend-1");
        CommandRun again = run("--chat", "mend-1", "--replay", "--topic", "chats", "--topic", "priced-messages");
        awaitAllRead();

        // Then
        assertThat(dry.status()).isZero();
        assertThat(dry.out().lines())
                .hasSize(3)
                .anyMatch(line -> line.startsWith("wrong_partition chats-" + wrong + "@")
                        && line.endsWith(" would replay to chats-" + home("mend-1")));
        assertThat(replay.status()).isZero();
        assertThat(replay.out().lines())
                .hasSize(3)
                .anyMatch(line -> line.startsWith("wrong_partition chats-" + wrong + "@")
                        && line.contains(" replayed to chats-" + home("mend-1") + "@"));
        assertThat(replay.err()).contains("priced_at_ahead: it stays ahead");
        assertThat(again.out().lines()).hasSize(2);
        assertThat(once.get("spent_micros").asLong()).isEqualTo(120);
        assertThat(once.get("limit_micros").asLong()).isEqualTo(100);
        assertThat(once.get("state").asText()).isEqualTo("exhausted");
        assertThat(tree("mend-1")).isEqualTo(once);
        assertThat(run("--chat", "mend-1").out().lines()).hasSize(3);
    }

    @Test
    void shouldSayWhereARecordCameFromThatIsADeadLetterAgain() {
        // Given
        events.send(Topic.CHATS, "again-1", chat("again-1", "again-1", null));
        awaitDeadLetters(1, "--chat", "again-1");
        String first = source(json(run("--chat", "again-1", "--json").out()));

        // When
        CommandRun replay = run("--record", first, "--replay", "--json");
        awaitDeadLetters(2, "--chat", "again-1");

        // Then
        assertThat(replay.status()).isZero();
        assertThat(replay.err()).contains("self_parent: the record itself is wrong");
        String second = json(replay.out()).get("replayed_to").asText();
        assertThat(json(replay.out()).get("source").asText()).isEqualTo(first);
        JsonNode letter = json(run("--record", second, "--json").out());
        assertThat(letter.get("replayed_from").asText()).isEqualTo(first);
        assertThat(letter.get("headers")).isEmpty();
        assertThat(run("--record", second).out()).contains("replayed from " + first);
    }

    @Test
    void shouldNameWhatCannotBeReplayedAndReplayTheRest() {
        // Given
        byte[] key = utf8("refuse-1");
        Instant start = Instant.now().minusMillis(1);
        events.sendBytes(Topic.CHATS, null, key, new byte[2_000_000]);
        events.sendBytes(Topic.LEDGER_ROUTING, null, key, new byte[] {1});
        events.sendBytes(Topic.CHATS, null, key, new byte[] {1});
        events.flush();
        awaitDeadLetters(1, "--reason", "too_large");
        awaitDeadLetters(2, "--chat", "refuse-1");

        // When
        CommandRun tooLarge = run("--reason", "too_large", "--since", start.toString(), "--replay");
        CommandRun others = run("--chat", "refuse-1", "--replay");

        // Then
        assertThat(tooLarge.status()).isEqualTo(1);
        assertThat(tooLarge.out()).isEmpty();
        assertThat(tooLarge.err()).contains("too_large chats-" + home("refuse-1") + "@", "is not replayed", "no copy");
        assertThat(others.status()).isEqualTo(1);
        assertThat(others.out().lines()).singleElement().asString().startsWith("unreadable chats-");
        assertThat(others.err())
                .contains(
                        "unreadable ledger-routing-",
                        "is not replayed",
                        "account-groups, account-limits, chat-freezes, chat-limits, chats, priced-messages");
    }

    @Test
    @Tag("P04")
    void shouldReplayTheLimitAndTheGroupsOfAnAccount() {
        // Given
        Instant start = Instant.now().minusMillis(1);
        int elsewhere = (home("group:replayed") + 1) % ledger.partitions();
        events.send(
                Topic.ACCOUNT_LIMITS, elsewhere, "group:replayed", new AccountLimitSet(7L, null, null, Instant.now()));
        events.send(
                Topic.ACCOUNT_GROUPS,
                (home("in-it") + 1) % ledger.partitions(),
                "in-it",
                new AccountGroups(List.of("replayed"), Instant.now()));
        events.flush();
        String[] those = {"--since", start.toString(), "--topic", "account-limits", "--topic", "account-groups"};
        awaitDeadLetters(2, those);

        // When
        CommandRun run =
                run(Stream.concat(Stream.of(those), Stream.of("--replay")).toArray(String[]::new));

        // Then
        assertThat(run.status()).isZero();
        assertThat(run.out().lines()).hasSize(2);
        await().until(
                        () -> ledger.http().get("/v1/accounts/in-it/spend").json(),
                        spend -> spend.path("limit_micros").longValue() == 7
                                && spend.path("limit_source").textValue().equals("group"));
    }

    /** Their partitions are read side by side, so that the later one may be a dead letter before the other. */
    @Test
    void shouldReplayLimitsInTheOrderInWhichTheyWereSet() {
        // Given
        events.send(Topic.CHATS, "order-1", chat("order-1", null, 1_000L));
        for (int i = 1; i <= 20; i++) {
            events.send(
                    Topic.CHAT_LIMITS,
                    (home("order-1") + 1 + i % (ledger.partitions() - 1)) % ledger.partitions(),
                    "order-1",
                    limit("order-1", 100L + i));
            events.flush();
            // Nothing tells the order of two that are appended to different partitions in the same millisecond.
            long appendedMs = System.currentTimeMillis();
            await().pollInterval(Duration.ofMillis(1)).until(() -> System.currentTimeMillis() > appendedMs);
        }
        awaitDeadLetters(20, "--chat", "order-1");

        // When
        CommandRun one = run("--chat", "order-1", "--replay", "--limit", "1", "--dry-run");
        CommandRun all = run("--chat", "order-1", "--replay");

        // Then
        assertThat(all.status()).isZero();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(tree("order-1").path("limit_micros").asLong())
                                .isEqualTo(120));
        assertThat(one.out()).hasLineCount(1).isNotEmpty();
        assertThat(one.err()).contains("1 of 20 are taken, those appended first");
        assertThat(all.out().lines().findFirst().orElseThrow())
                .startsWith(one.out().strip().split(" would ")[0] + " replayed to chat-limits-" + home("order-1"));
    }

    @Test
    void shouldSayThatARecordThatIsNamedIsNotFound() {
        // When
        CommandRun list = run("--record", "chats-0@123456");
        CommandRun replay = run("--record", "chats-0@123456", "--replay");

        // Then
        assertThat(list.status()).isEqualTo(1);
        assertThat(list.err()).contains("No dead letter of the record chats-0@123456");
        assertThat(replay.status()).isEqualTo(1);
        assertThat(replay.err()).contains("No dead letter of the record chats-0@123456");
    }

    @Test
    void shouldSayPlainlyThatThereIsNoSuchTopic() {
        // When
        CommandRun noTopic = run("--topic-prefix", "absent.");

        // Then
        assertThat(noTopic.status()).isEqualTo(2);
        assertThat(noTopic.err()).contains("LEDGER_TOPIC_PREFIX").doesNotContain("\tat ");
    }

    private static CommandRun run(String... arguments) {
        List<String> line = new ArrayList<>(List.of("dead-letters", "--bootstrap-servers", ledger.bootstrapServers()));
        line.addAll(List.of(arguments));
        return CommandRun.of(line.toArray(String[]::new));
    }

    private static void awaitDeadLetters(int count, String... filter) {
        events.flush();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(run(filter).out().lines()).hasSize(count));
    }

    private static void awaitSpent(String rootChatId, long micros) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(tree(rootChatId).path("spent_micros").asLong(-1))
                                .isEqualTo(micros));
    }

    /** Waits until a record sent now has been read in every partition, and so all that were sent there before. */
    private static void awaitAllRead() {
        int before = (int) run("--reason", "null_value").out().lines().count();
        for (Topic topic : List.of(Topic.CHATS, Topic.PRICED_MESSAGES)) {
            for (int partition = 0; partition < ledger.partitions(); partition++) {
                events.sendBytes(topic, partition, utf8("mark"), null);
            }
        }
        awaitDeadLetters(before + 2 * ledger.partitions(), "--reason", "null_value");
    }

    private static JsonNode tree(String rootChatId) {
        return http.get("/v1/chats/" + rootChatId + "/spend").json().path("tree");
    }

    private static int home(String key) {
        return Partitions.of(key, ledger.partitions());
    }

    private static String source(JsonNode letter) {
        return letter.get("topic").asText() + "-" + letter.get("partition").asInt() + "@"
                + letter.get("offset").asLong();
    }

    private static byte[] binary(JsonNode base64) {
        return Base64.getDecoder().decode(base64.asText());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("No JSON: " + text, e);
        }
    }
}
