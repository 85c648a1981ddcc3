package dev.spendledger.api;

import static dev.spendledger.api.testing.Events.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left when the broker or the instance has been away. Killed processes: {@code CrashDrillIT}. */
@Tag("P10")
class RecoveryIT {
    private static final Duration BACK_WITHIN = Duration.ofSeconds(60);

    /** With these it has its partitions, and is handed no record for so long. */
    private static final Map<String, String> HELD_BACK = Map.of(
            "LEDGER_KAFKA_MAIN_CONSUMER_FETCH_MIN_BYTES", "50000000",
            "LEDGER_KAFKA_MAIN_CONSUMER_FETCH_MAX_WAIT_MS", "10000");

    @TempDir
    Path dir;

    @Test
    void shouldKnowTheSameTotalsAfterARestartOfBrokerAndInstance() {
        try (TestLedger ledger = TestLedger.start(dir)) {
            // Given
            createTree(ledger.http());
            postMessages(ledger.http(), 1, 40);
            JsonNode before = awaitSpent(ledger.http(), 820).deepCopy();

            // When
            ledger.stopInstance();
            ledger.stopBroker();
            ledger.startBroker();
            ledger.startInstance();

            // Then
            JsonNode after = awaitSpent(ledger.http(), 820);
            assertThat(after.get("tree")).isEqualTo(before.get("tree"));
            assertThat(after.get("chats")).isEqualTo(before.get("chats"));
            assertThat(check(ledger.http()).status()).isEqualTo(409);
        }
    }

    @Test
    void shouldGiveUpWritesInTimeWhileTheBrokerIsAwayAndCountThemOnceWhenTheyAreSentAgain() {
        try (TestLedger ledger = TestLedger.start(dir, Map.of(Setting.WRITE_TIMEOUT_MS, "2000"))) {
            // Given
            Http http = ledger.http();
            createTree(http);
            postMessages(http, 1, 10);
            awaitSpent(http, 55);

            // When
            ledger.stopBroker();
            long startNanos = System.nanoTime();
            Reply write = http.post("/v1/messages", messages(11, 20));
            Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
            Reply chat = http.post("/v1/chats", "{\"chat_id\": \"r-9\", \"account_id\": \"a-1\"}");
            Reply limit = http.put("/v1/chats/r-1/limit", "{\"spend_limit_micros\": 1}");
            Reply check = check(http);
            int ready = http.get("/readyz").status();
            int live = http.get("/livez").status();
            ledger.startBroker();

            // Then
            assertThat(write.status()).isEqualTo(503);
            assertThat(write.json().get("code").asText()).isEqualTo("kafka_unavailable");
            assertThat(write.header("Retry-After")).isNotNull();
            assertThat(took).isLessThan(Duration.ofMillis(4_000));
            assertThat(chat.status()).isEqualTo(503);
            assertThat(limit.status()).isEqualTo(503);
            assertThat(check.status()).isEqualTo(200);
            assertThat(ready).isEqualTo(200);
            assertThat(live).isEqualTo(200);
            await().atMost(BACK_WITHIN)
                    .until(() -> http.post("/v1/messages", messages(11, 20)).status() == 202);
            awaitSpent(http, 210);
            postMessages(http, 11, 20);
            postMessages(http, 21, 21);
            awaitSpent(http, 231);
            // The limit may have been written although its acknowledgement was lost: only one of the two can be.
            assertThat(check(http).status()).isIn(200, 409);
        }
    }

    @Test
    void shouldRestoreItsStateFromKafkaWhenTheLocalFolderIsLost() {
        try (TestLedger ledger = TestLedger.start(dir)) {
            // Given
            createTree(ledger.http());
            postMessages(ledger.http(), 1, 40);
            JsonNode before = awaitSpent(ledger.http(), 820).deepCopy();

            // When
            ledger.stopInstance();
            ledger.loseState();
            ledger.startInstance();

            // Then
            JsonNode after = awaitSpent(ledger.http(), 820);
            assertThat(after.get("chats")).isEqualTo(before.get("chats"));
        }
    }

    @Test
    void shouldMarkItsAnswersUntilItHasReadWhatWasWrittenWhileItWasAway() throws StartException {
        // Long: what was once taken for fresh stays so for that time.
        try (TestLedger ledger = TestLedger.start(dir, Map.of(Setting.STALE_AFTER_MS, "60000"));
                Events events = new Events(ledger)) {
            // Given
            createTree(ledger.http());
            postMessages(ledger.http(), 1, 39);
            awaitSpent(ledger.http(), 780);
            ledger.stopInstance();
            events.send(Topic.PRICED_MESSAGES, "r-1", message("m-40", "r-1", null, 40));
            events.flush();

            // When
            try (LedgerInstance instance = ledger.startBeside(Map.of(), HELD_BACK)) {
                Http http = new Http(instance.url());
                await().atMost(BACK_WITHIN).until(() -> isOfAnOwnerInTouch(check(http)));

                // Then
                await().during(Duration.ofSeconds(1))
                        .atMost(Duration.ofSeconds(5))
                        .untilAsserted(() -> {
                            Reply check = check(http);
                            assertThat(check.status()).isEqualTo(200);
                            assertThat(check.json().at("/scopes/0/spent_micros").asLong())
                                    .isEqualTo(780);
                            assertThat(check.json().path("degraded_reason").asText())
                                    .isEqualTo("catching_up");
                        });
            }
        }
    }

    private static boolean isOfAnOwnerInTouch(Reply check) {
        return check.json().path("served_by").asText().equals("owner")
                && !check.json().path("degraded_reason").asText().equals("stale_owner");
    }

    private static void createTree(Http http) {
        assertThat(http.post(
                                "/v1/chats",
                                "{\"chat_id\": \"r-1\", \"account_id\": \"a-1\", \"spend_limit_micros\": 820}")
                        .status())
                .isEqualTo(201);
        IntStream.rangeClosed(2, 5)
                .forEach(number -> assertThat(http.post(
                                        "/v1/chats",
                                        "{\"chat_id\": \"r-" + number
                                                + "\", \"account_id\": \"a-1\", \"parent_chat_id\": \"r-" + (number - 1)
                                                + "\"}")
                                .status())
                        .isEqualTo(201));
    }

    /** Message number n costs n micros. */
    private static void postMessages(Http http, int first, int last) {
        assertThat(http.post("/v1/messages", messages(first, last)).status()).isEqualTo(202);
    }

    private static String messages(int first, int last) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(number -> "{\"message_id\": \"m-" + number + "\", \"chat_id\": \"r-" + (1 + number % 5)
                        + "\", \"account_id\": \"a-1\", \"cost_micros\": " + number + "}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static Reply check(Http http) {
        return http.post("/v1/chats/r-5/check");
    }

    private static JsonNode awaitSpent(Http http, long micros) {
        await().atMost(BACK_WITHIN)
                .untilAsserted(
                        () -> assertThat(spend(http).at("/tree/spent_micros").asLong(-1))
                                .isEqualTo(micros));
        return spend(http);
    }

    private static JsonNode spend(Http http) {
        return http.get("/v1/chats/r-1/spend?breakdown=true").json();
    }
}
