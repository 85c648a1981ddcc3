package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.Period;
import dev.spendledger.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The limits of accounts beside those of trees, with a real broker and over real HTTP. */
class AccountLimitsIT {
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

    /** It holds for the accounts of all tests. */
    @AfterEach
    void removeTheDefault() {
        http.delete("/v1/limits/default");
    }

    @Test
    void shouldListBothScopesAndNameTheTreeWhereBothAreExhausted() {
        // Given
        spend("both", 5L, 4);
        http.put("/v1/limits/accounts/both", limit(9));

        // When
        Reply within = check("both");
        spend("both", 5L, 2);
        Reply treeExhausted = check("both");
        http.put("/v1/limits/accounts/both", limit(1));
        Reply bothExhausted = check("both");
        http.delete("/v1/chats/both/limit");
        Reply accountExhausted = check("both");

        // Then
        assertThat(within.status()).isEqualTo(200);
        assertThat(within.json().get("scopes").findValuesAsText("scope"))
                .containsExactly("chat_lifetime", "account_period");
        assertThat(within.json().get("scopes").findValuesAsText("remaining_micros"))
                .containsExactly("1", "5");
        assertThat(List.of(treeExhausted, bothExhausted)).allSatisfy(reply -> {
            assertThat(reply.status()).isEqualTo(409);
            assertThat(reply.json().get("scope").textValue()).isEqualTo("chat_lifetime");
            assertThat(reply.json().has("resets_at")).isFalse();
            assertThat(reply.header("Retry-After")).isNull();
        });
        assertThat(accountExhausted.status()).isEqualTo(409);
        assertThat(accountExhausted.json().get("scope").textValue()).isEqualTo("account_period");
        assertThat(accountExhausted.header("x-should-retry")).isEqualTo("false");
        long secondsLeft = Duration.between(
                        Instant.now(),
                        Instant.parse(accountExhausted.json().get("resets_at").textValue()))
                .toSeconds();
        assertThat(Long.parseLong(accountExhausted.header("Retry-After"))).isBetween(secondsLeft, secondsLeft + 60);
    }

    @Test
    void shouldJudgeByTheNextLimitAtOnceAndFallBackWhereOneIsDeleted() {
        // Given
        spend("steps", null, 10);

        // When
        http.put("/v1/limits/default", "{\"spend_limit_micros\": 10, \"period\": \"day\"}");
        String byDefault = verdict(http, "steps");
        http.put("/v1/limits/groups/steps-a", limit(30));
        http.put("/v1/limits/groups/steps-b", limit(20));
        http.put("/v1/accounts/steps/groups", "{\"group_ids\": [\"steps-a\", \"steps-b\", \"steps-c\"]}");
        String bySmallestGroup = verdict(http, "steps");
        http.put("/v1/limits/accounts/steps", limit(9));
        String byOwn = verdict(http, "steps");
        http.delete("/v1/limits/accounts/steps");
        String backToGroup = verdict(http, "steps");
        http.put("/v1/accounts/steps/groups", "{\"group_ids\": []}");
        String backToDefault = verdict(http, "steps");
        http.delete("/v1/limits/default");
        String none = verdict(http, "steps");

        // Then
        assertThat(List.of(byDefault, bySmallestGroup, byOwn, backToGroup, backToDefault, none))
                .containsExactly(
                        "409 10 of 10 a day by default",
                        "200 10 of 20 a day by group",
                        "409 10 of 9 a day by account",
                        "200 10 of 20 a day by group",
                        "409 10 of 10 a day by default",
                        "200");
    }

    @Test
    void shouldBeInForceOnEveryInstanceInUnderASecond() throws Exception {
        // Given
        Map<Setting, String> beside =
                Map.of(Setting.STATE_DIR, dir.resolve("state-2").toString(), Setting.HTTP_PORT, "0");
        try (LedgerInstance second = ledger.startBeside(beside, Map.of())) {
            await().atMost(WITHIN).until(second::isReady);
            Http other = new Http(second.url());

            // When
            http.put("/v1/limits/default", "{\"spend_limit_micros\": 7, \"period\": \"week\"}");
            http.put("/v1/limits/accounts/everywhere", limit(8));
            http.put("/v1/accounts/everywhere/groups", "{\"group_ids\": [\"everywhere-g\"]}");

            // Then
            await().atMost(IN_FORCE_WITHIN).pollInterval(Duration.ofMillis(10)).untilAsserted(() -> {
                assertThat(other.get("/v1/limits/default").json().path("period").textValue())
                        .isEqualTo("week");
                assertThat(other.get("/v1/limits/accounts/everywhere")
                                .json()
                                .path("spend_limit_micros")
                                .longValue())
                        .isEqualTo(8);
                assertThat(other.get("/v1/accounts/everywhere/groups")
                                .json()
                                .at("/group_ids/0")
                                .textValue())
                        .isEqualTo("everywhere-g");
            });

            // When
            other.delete("/v1/limits/accounts/everywhere");

            // Then
            await().atMost(IN_FORCE_WITHIN)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> http.get("/v1/limits/accounts/everywhere").status(), status -> status == 404);
        }
        // Some account in every partition: the other tests need all of them back.
        await().atMost(WITHIN)
                .until(() -> IntStream.range(0, 30)
                        .allMatch(
                                i -> http.get("/v1/accounts/a-" + i + "/spend").status() == 200));
    }

    @Test
    void shouldTakeLimitsAndGroupsThatAProducerWritesToTheTopics() {
        // Given
        spend("direct", null, 10);

        // When
        events.send(Topic.ACCOUNT_GROUPS, "direct", new AccountGroups(List.of("direct-g"), Instant.now()));
        events.send(Topic.ACCOUNT_LIMITS, "group:direct-g", new AccountLimitSet(11L, null, null, Instant.now()));
        events.send(Topic.ACCOUNT_LIMITS, "default", new AccountLimitSet(1L, Period.DAY, null, Instant.now()));
        events.flush();

        // Then
        await().atMost(IN_FORCE_WITHIN)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> verdict(http, "direct"), "200 10 of 11 a day by group"::equals);

        // When
        events.sendBytes(Topic.ACCOUNT_LIMITS, null, utf8("group:direct-g"), null);

        // Then
        await().atMost(IN_FORCE_WITHIN)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> verdict(http, "direct"), "409 10 of 1 a day by default"::equals);
    }

    /** So that an instance which starts later, and sees what compaction has left, judges as this one does. */
    @Test
    @Tag("P04")
    @Tag("P11")
    void shouldBuryABadRecordOnceAndTakeItsKeyForNone() {
        // Given
        int before = events.readAll(Topic.DEAD_LETTERS).size();
        http.put("/v1/limits/accounts/bad", limit(9));

        // When
        events.send(Topic.ACCOUNT_LIMITS, "account:bad", new AccountLimitSet(0L, null, null, Instant.now()));
        events.send(Topic.ACCOUNT_LIMITS, "bad", new AccountLimitSet(5L, null, null, Instant.now()));
        events.sendBytes(Topic.ACCOUNT_GROUPS, null, utf8("bad"), utf8("no event"));
        events.send(Topic.ACCOUNT_GROUPS, "good", new AccountGroups(List.of("g"), Instant.now()));
        events.flush();

        // Then
        await().atMost(WITHIN)
                .untilAsserted(() -> assertThat(events.readAll(Topic.DEAD_LETTERS).stream()
                                .map(letter -> letter.headers().lastHeader("ledger.reason"))
                                .map(reason -> new String(reason.value(), StandardCharsets.UTF_8))
                                .toList())
                        .hasSize(before + 3)
                        .contains("out_of_range", "key_mismatch", "unreadable"));
        await().atMost(WITHIN).until(() -> http.get("/v1/limits/accounts/bad").status(), status -> status == 404);
    }

    @Test
    @Tag("P17")
    void shouldCountAMessageOnTheDayItWasMade() {
        // Given
        spend("days", null, 4);
        Instant lastMonth = Instant.now().minus(Duration.ofDays(32));

        // When
        http.post(
                "/v1/messages",
                "[{\"message_id\": \"late\", \"chat_id\": \"days\", \"account_id\": \"days\", \"cost_micros\": 100,"
                        + " \"priced_at\": \"" + lastMonth + "\"},"
                        + " {\"message_id\": \"unpriced\", \"chat_id\": \"days\", \"account_id\": \"days\"}]");
        await().atMost(WITHIN)
                .until(() -> http.get("/v1/chats/days/spend")
                                .json()
                                .at("/tree/spent_micros")
                                .longValue()
                        == 104);
        await().atMost(WITHIN)
                .until(() -> http.get("/v1/accounts/days/spend")
                                .json()
                                .path("unpriced_messages")
                                .longValue()
                        == 1);

        // Then
        Reply spend = http.get("/v1/accounts/days/spend");
        assertThat(spend.json().get("spent_micros").longValue()).isEqualTo(4);
        assertThat(spend.json().get("period").textValue()).isEqualTo("month");
        assertThat(spend.json().get("limit_micros").isNull()).isTrue();
    }

    @Test
    void shouldGoOnJudgingByTheLimitsItHasReadWhileTheBrokerIsAway(@TempDir Path other) {
        try (TestLedger lonely = TestLedger.start(other, Map.of(Setting.WRITE_TIMEOUT_MS, "1000"))) {
            // Given
            lonely.http().put("/v1/limits/accounts/a-1", limit(1));
            lonely.http().post("/v1/chats", "{\"chat_id\": \"c-1\", \"account_id\": \"a-1\"}");
            lonely.http()
                    .post(
                            "/v1/messages",
                            "{\"message_id\": \"m-1\", \"chat_id\": \"c-1\", \"account_id\": \"a-1\", \"cost_micros\": 1}");
            await().atMost(WITHIN)
                    .until(() -> lonely.http().post("/v1/accounts/a-1/check").status(), status -> status == 409);

            // When
            lonely.stopBroker();
            Reply meanwhile = lonely.http().post("/v1/accounts/a-1/check");
            Reply ready = lonely.http().get("/readyz");
            lonely.startBroker();

            // Then
            assertThat(meanwhile.status()).isEqualTo(409);
            assertThat(ready.status()).isEqualTo(200);
            await().atMost(WITHIN)
                    .until(
                            () -> lonely.http()
                                    .put("/v1/limits/accounts/a-1", limit(2))
                                    .status(),
                            status -> status == 200);
            await().atMost(WITHIN)
                    .until(() -> lonely.http().post("/v1/accounts/a-1/check").status(), status -> status == 200);
        }
    }

    /** A root chat of an account, both of one name, and what a message of it costs; waits until it is counted. */
    private static void spend(String name, Long limitMicros, long costMicros) {
        events.send(Topic.CHATS, name, new ChatCreated(name, null, null, name, limitMicros, Instant.EPOCH));
        events.flush();
        long before = http.get("/v1/accounts/" + name + "/spend")
                .json()
                .path("spent_micros")
                .longValue();
        http.post(
                "/v1/messages",
                "{\"message_id\": \"m-" + before + "\", \"chat_id\": \"" + name + "\", \"account_id\": \"" + name
                        + "\", \"cost_micros\": " + costMicros + "}");
        await().atMost(WITHIN)
                .until(
                        () -> http.get("/v1/accounts/" + name + "/spend")
                                .json()
                                .path("spent_micros")
                                .longValue(),
                        spent -> spent == before + costMicros);
    }

    private static Reply check(String chatId) {
        return http.post("/v1/chats/" + chatId + "/check");
    }

    private static String limit(long micros) {
        return "{\"spend_limit_micros\": " + micros + "}";
    }

    /** What an account is told, and by which limit. */
    private static String verdict(Http instance, String accountId) {
        int status = instance.post("/v1/accounts/" + accountId + "/check").status();
        var spend = instance.get("/v1/accounts/" + accountId + "/spend").json();
        return spend.get("limit_micros").isNull()
                ? Integer.toString(status)
                : status + " " + spend.get("spent_micros") + " of " + spend.get("limit_micros") + " a "
                        + spend.get("period").textValue() + " by "
                        + spend.get("limit_source").textValue();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
