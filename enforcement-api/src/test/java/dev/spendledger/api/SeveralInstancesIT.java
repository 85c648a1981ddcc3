package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.CommandRun;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances on one broker: either answers for all, and an instance that could not be reached does not join. */
class SeveralInstancesIT {
    private static final Duration WITHIN = Duration.ofSeconds(60);
    private static final int TREES = 40;

    @TempDir
    static Path dir;

    private static TestLedger ledger;
    private static LedgerInstance second;
    private static Events events;
    private static List<Http> instances;

    @BeforeAll
    static void start() throws StartException {
        ledger = TestLedger.start(dir);
        events = new Events(ledger);
        second = ledger.startBeside(
                Map.of(Setting.STATE_DIR, dir.resolve("second").toString()), Map.of());
        instances = List.of(ledger.http(), new Http(second.url()));
        IntStream.range(0, TREES).forEach(SeveralInstancesIT::plant);
        events.flush();
        // Each has some partitions, and both have heard of that.
        await().atMost(WITHIN)
                .untilAsserted(() -> assertThat(instances)
                        .allSatisfy(instance -> assertThat(servers(instance)).isEqualTo(Set.of("owner", "peer"))));
    }

    @AfterAll
    static void stop() {
        second.close();
        events.close();
        ledger.close();
    }

    private static void plant(int number) {
        String root = "root-" + number;
        String child = "child-" + number;
        events.send(Topic.CHATS, root, Events.chat(root, null, number % 2 == 0 ? 10L : 11L));
        events.send(Topic.CHATS, child, Events.chat(child, root, null));
        events.send(Topic.PRICED_MESSAGES, child, Events.message("m-" + number, child, null, 10));
    }

    private static Set<String> servers(Http instance) {
        return IntStream.range(0, TREES)
                .mapToObj(number ->
                        instance.get("/v1/chats/root-" + number + "/spend").json())
                .filter(spend -> spend.at("/tree/spent_micros").asLong() == 10)
                .filter(spend -> !spend.get("degraded").booleanValue())
                .map(spend -> spend.get("served_by").textValue())
                .collect(Collectors.toSet());
    }

    @Test
    @Tag("P07")
    void shouldAnswerAtEitherAsTheOwnerWould() {
        // While partitions are still being handed over, what an answer rests on is marked; that has an end.
        await().atMost(WITHIN)
                .untilAsserted(() -> IntStream.range(0, TREES)
                        .forEach(number ->
                                instances.forEach(instance -> assertThatAnswersAsTheOwnerWould(instance, number))));
    }

    private static void assertThatAnswersAsTheOwnerWould(Http instance, int number) {
        String child = "/v1/chats/child-" + number;
        Reply check = instance.post(child + "/check");
        JsonNode spend = instance.get(child + "/spend?breakdown=true").json();

        assertThat(check.status()).as(check.body()).isEqualTo(number % 2 == 0 ? 409 : 200);
        assertThat(check.json().path("degraded").asBoolean()).as(check.body()).isFalse();
        assertThat(spend.at("/tree/spent_micros").asLong()).isEqualTo(10);
        assertThat(spend.get("chats").findValuesAsText("chat_id"))
                .containsExactlyInAnyOrder("child-" + number, "root-" + number);
    }

    @Test
    void shouldRankTheTreesOfBothAtEither() {
        // Given
        Set<String> planted =
                IntStream.range(0, TREES).mapToObj(number -> "root-" + number).collect(Collectors.toSet());

        // Then
        await().atMost(WITHIN)
                .untilAsserted(() -> instances.forEach(instance -> {
                    JsonNode trees =
                            instance.get("/v1/trees?sort=spent&limit=100").json();
                    assertThat(trees.has("incomplete")).isFalse();
                    assertThat(trees.get("trees").findValuesAsText("root_chat_id"))
                            .containsAll(planted)
                            .doesNotHaveDuplicates();
                }));
    }

    @Test
    void shouldTellTheHistoryOfATreeAtEither() {
        // Then
        await().atMost(WITHIN)
                .untilAsserted(() -> IntStream.range(0, TREES)
                        .forEach(number -> instances.forEach(instance -> assertThatTellsTheHistory(instance, number))));
    }

    private static void assertThatTellsTheHistory(Http instance, int number) {
        String child = "/v1/chats/child-" + number;
        JsonNode timeline = instance.get(child + "/timeline").json();
        JsonNode explained = instance.get(child + "/explain").json();

        assertThat(timeline.get("complete").booleanValue()).isTrue();
        assertThat(timeline.at("/points/0/spent_micros").intValue()).isEqualTo(10);
        assertThat(timeline.has("exhausted_at")).isEqualTo(number % 2 == 0);
        assertThat(explained.get("status").intValue()).isEqualTo(number % 2 == 0 ? 409 : 200);
        assertThat(explained.get("last_messages").findValuesAsText("message_id"))
                .containsExactly("m-" + number);
        assertThat(explained.get("degraded").booleanValue()).isFalse();
    }

    @Test
    void shouldNameBothInstancesAtEither() {
        // Then
        await().atMost(WITHIN)
                .untilAsserted(() -> instances.forEach(instance -> assertThat(
                                instance.get("/v1/instances").json().get("instances"))
                        .extracting(JsonNode::textValue)
                        .containsExactlyInAnyOrder(
                                ledger.url().toString(), second.url().toString())));
    }

    @Test
    void shouldSetALimitOfATreeThatIsAnothersAndSeeItAtOnce() {
        // Given
        IntStream.range(0, 8)
                .forEach(number ->
                        events.send(Topic.CHATS, "limited-" + number, Events.chat("limited-" + number, null, null)));
        events.flush();

        // When
        List<Reply> set = IntStream.range(0, 8)
                .mapToObj(number ->
                        instances.get(0).put("/v1/chats/limited-" + number + "/limit", "{\"spend_limit_micros\": 7}"))
                .toList();

        // Then
        assertThat(set).allSatisfy(reply -> assertThat(reply.status()).isEqualTo(200));
        await().atMost(WITHIN)
                .untilAsserted(() -> IntStream.range(0, 8)
                        .mapToObj(number -> instances.get(1).get("/v1/chats/limited-" + number + "/spend"))
                        .forEach(reply -> assertThat(
                                        reply.json().at("/tree/limit_micros").asLong())
                                .isEqualTo(7)));
    }

    @Test
    @Tag("P17")
    void shouldSumAnAccountThatIsAnothers() {
        // Given
        events.send(Topic.CHATS, "summed", Events.chat("summed", null, null));
        events.flush();
        List<String> accounts =
                IntStream.range(0, 8).mapToObj(number -> "acc-" + number).toList();
        accounts.forEach(account -> instances
                .get(0)
                .post(
                        "/v1/messages",
                        "{\"message_id\": \"of-" + account + "\", \"chat_id\": \"summed\", \"account_id\": \"" + account
                                + "\", \"cost_micros\": 3}"));

        // Then
        await().atMost(WITHIN)
                .untilAsserted(() -> assertThat(accounts.stream()
                                .flatMap(account -> instances.stream()
                                        .map(instance -> instance.get("/v1/accounts/" + account + "/spend")
                                                .json()
                                                .get("spent_micros")
                                                .longValue())))
                        .containsOnly(3L));
    }

    @Test
    @Tag("P16")
    void shouldVerifyTheStateOfAllInstancesByOne() {
        // When
        CommandRun run = CommandRun.of(
                "verify",
                "--timeout=60",
                "--bootstrap-servers=" + ledger.bootstrapServers(),
                "--partitions=" + ledger.partitions(),
                "--advertised-url=" + ledger.url());

        // Then
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("No difference.");
    }

    // ---- who does not join ----

    @Test
    void shouldNotJoinWithTheUrlOfAnother() {
        assertThatThrownBy(
                        () -> third(Map.of(Setting.ADVERTISED_URL, second.url().toString())))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("LEDGER_ADVERTISED_URL is " + second.url())
                .hasMessageContaining("another instance is there");
    }

    @Test
    void shouldNotJoinWithAUrlWhereNobodyIs() {
        assertThatThrownBy(() -> third(Map.of(Setting.ADVERTISED_URL, "http://127.0.0.1:1")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("LEDGER_ADVERTISED_URL is http://127.0.0.1:1")
                .hasMessageContaining("nobody answers there");
    }

    @Test
    void shouldNotJoinWithoutAUrlWhereItListensOnEveryAddress() {
        assertThatThrownBy(() -> third(Map.of(Setting.HTTP_HOST, "0.0.0.0")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("LEDGER_ADVERTISED_URL is not set")
                .hasMessageContaining("LEDGER_HTTP_HOST is 0.0.0.0");
    }

    @Test
    void shouldNotJoinWithAnotherNumberOfPartitions() {
        assertThatThrownBy(() -> third(Map.of(Setting.PARTITIONS, "8")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("partitions")
                .hasMessageContaining("8");
    }

    private static void third(Map<Setting, String> changes) throws StartException {
        Map<Setting, String> settings = Stream.concat(
                        changes.entrySet().stream(),
                        Map.of(Setting.STATE_DIR, dir.resolve("third").toString()).entrySet().stream())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        ledger.startBeside(settings, Map.of()).close();
    }
}
