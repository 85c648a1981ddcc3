package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.events.SpendAlert;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The warnings on spend-alerts, with a real broker, limits set over HTTP, and an instance that is started again. */
class WarningsIT {
    private static final Duration WITHIN = Duration.ofSeconds(30);

    @TempDir
    static Path dir;

    private static TestLedger ledger;
    private static Events events;

    @BeforeAll
    static void start() {
        ledger = TestLedger.start(dir);
        events = new Events(ledger);
    }

    @AfterAll
    static void stop() {
        events.close();
        ledger.close();
    }

    @Test
    @Tag("P20")
    void shouldWarnOfATreeOnceAcrossRestarts() {
        // Given
        http().post("/v1/chats", "{\"chat_id\": \"tree\", \"account_id\": \"a-1\", \"spend_limit_micros\": 100}");
        message("tree-1", "tree", "a-1", 60);
        awaitAlerts("tree", "50 60/100");

        // When
        ledger.stopInstance();
        ledger.startInstance();
        message("tree-2", "tree", "a-1", 25);

        // Then
        awaitAlerts("tree", "50 60/100", "80 85/100");
    }

    @Test
    @Tag("P20")
    void shouldWarnOfAnAccountByTheLimitThatIsInForceAndOnceAcrossRestarts() {
        // Given
        http().post("/v1/chats", "{\"chat_id\": \"of-account\", \"account_id\": \"spender\"}");
        http().put("/v1/limits/accounts/spender", "{\"spend_limit_micros\": 1000}");
        message("account-1", "of-account", "spender", 90);

        // When
        http().put("/v1/limits/accounts/spender", "{\"spend_limit_micros\": 100}");
        awaitAlerts("spender", "50 90/100", "80 90/100");
        ledger.stopInstance();
        ledger.startInstance();
        message("account-2", "of-account", "spender", 10);

        // Then
        awaitAlerts("spender", "50 90/100", "80 90/100", "95 100/100", "100 100/100");
    }

    @Test
    void shouldHoldADefaultAgainstAccountsThatSpendAndHaveNoneOfTheirOwn() {
        // Given
        http().post("/v1/chats", "{\"chat_id\": \"by-default\", \"account_id\": \"anybody\"}");
        http().put("/v1/limits/default", "{\"spend_limit_micros\": 100, \"period\": \"day\"}");

        // When
        message("default-1", "by-default", "anybody", 50);

        // Then
        awaitAlerts("anybody", "50 50/100");
        http().delete("/v1/limits/default");
    }

    private static Http http() {
        return ledger.http();
    }

    private static void message(String messageId, String chatId, String accountId, long costMicros) {
        String message = "{\"message_id\": \"%s\", \"chat_id\": \"%s\", \"account_id\": \"%s\", \"cost_micros\": %d}"
                .formatted(messageId, chatId, accountId, costMicros);
        await().atMost(WITHIN).until(() -> http().post("/v1/messages", message).status() == 202);
    }

    private static void awaitAlerts(String key, String... expected) {
        await().atMost(WITHIN).untilAsserted(() -> assertThat(alerts(key)).containsExactly(expected));
    }

    /** In words: "50 60/100". */
    private static List<String> alerts(String key) {
        EventSerde serde = new EventSerde(new BundledRegistry());
        return events.readAll(Topic.SPEND_ALERTS).stream()
                .map(record -> (SpendAlert) serde.deserializer().deserialize(record.topic(), record.value()))
                .filter(alert -> key.equals(alert.getRootChatId()) || key.equals(alert.getAccountId()))
                .map(alert -> alert.getThresholdPercent() + " " + alert.getSpentMicros() + "/" + alert.getLimitMicros())
                .toList();
    }
}
