package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.EventStreamClient;
import dev.spendledger.api.testing.EventStreamClient.Event;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.schemas.Topic;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances on one broker, and clients of their event streams. */
class EventStreamIT {
    private static final Duration WITHIN = Duration.ofSeconds(60);

    @TempDir
    static Path dir;

    private static TestLedger ledger;
    private static LedgerInstance second;
    private static Events events;

    @BeforeAll
    static void start() throws StartException {
        ledger = TestLedger.start(dir);
        second = startBeside("second");
        events = new Events(ledger);
    }

    private static LedgerInstance startBeside(String name) throws StartException {
        LedgerInstance instance =
                ledger.startBeside(Map.of(Setting.STATE_DIR, dir.resolve(name).toString()), Map.of());
        await().atMost(WITHIN).until(instance::isReady);
        return instance;
    }

    @AfterAll
    static void stop() {
        second.close();
        events.close();
        ledger.close();
    }

    @Test
    void shouldTellOfEachThresholdAtEveryInstanceAndGoOnAtAnotherFromAnyId() {
        try (EventStreamClient here = listen(ledger.url(), "?root_chat_id=told", "");
                EventStreamClient there = listen(second.url(), "?root_chat_id=told", "")) {
            // When
            grow("told", 0, 10);

            // Then
            await().atMost(WITHIN).untilAsserted(() -> {
                assertThat(here.alertIds()).isEqualTo(ofTree("told", 50, 80, 95, 100));
                assertThat(there.alertIds()).isEqualTo(ofTree("told", 50, 80, 95, 100));
            });
            Event half = here.events().get(0);
            assertThat(half.kind()).isEqualTo("tree_threshold");
            assertThat(half.data().get("spent_micros").longValue()).isEqualTo(50);
            for (int i = 0; i < 4; i++) {
                List<String> rest = here.alertIds().subList(i + 1, 4);
                String id = here.events().get(i).id();
                try (EventStreamClient resumed = listen(second.url(), "?root_chat_id=told", id)) {
                    await().atMost(WITHIN)
                            .untilAsserted(() -> assertThat(resumed.alertIds()).isEqualTo(rest));
                }
            }
        }
    }

    @Test
    void shouldLoseNothingWhenTheInstanceOfAClientStops() throws StartException {
        // Given
        LedgerInstance stopping = startBeside("stopping");
        EventStreamClient before = listen(stopping.url(), "?account_id=a-1", "");
        grow("before", 0, 5);
        await().atMost(WITHIN).untilAsserted(() -> assertThat(before.alertIds()).contains("tree:before:-1:50"));

        // When
        stopping.close();
        grow("before", 5, 10);
        grow("after", 0, 10);

        // Then
        await().atMost(WITHIN).until(before::isEnded);
        try (EventStreamClient after = listen(ledger.url(), "?account_id=a-1", before.lastId())) {
            await().atMost(WITHIN)
                    .untilAsserted(() -> assertThat(after.alertIds())
                            .containsSubsequence(ofTree("before", 80, 95, 100))
                            .containsSubsequence(ofTree("after", 50, 80, 95, 100))
                            .doesNotContainAnyElementsOf(ofTree("before", 50))
                            .doesNotHaveDuplicates());
        }
    }

    /** It has read the latest that came before its start. */
    @Test
    void shouldBeToldWhatItHasMissedByAnInstanceThatWasNotThere() throws StartException {
        // Given
        EventStreamClient before = listen(ledger.url(), "?root_chat_id=missed", "");
        before.close();
        grow("missed", 0, 10);
        await().atMost(WITHIN).until(() -> spent("missed") == 100);

        // When
        LedgerInstance late = startBeside("late");

        // Then
        try (EventStreamClient after = listen(late.url(), "?root_chat_id=missed", before.lastId());
                EventStreamClient ofAnotherLog = listen(late.url(), "?account_id=a-1", "another.0.0")) {
            await().atMost(WITHIN).untilAsserted(() -> {
                assertThat(after.alertIds()).isEqualTo(ofTree("missed", 50, 80, 95, 100));
                assertThat(ofAnotherLog.alertIds()).containsSubsequence(after.alertIds());
            });
            grow("met", 0, 5);
            await().atMost(WITHIN)
                    .untilAsserted(() -> assertThat(ofAnotherLog.alertIds())
                            .contains("tree:met:-1:50")
                            .doesNotHaveDuplicates());
        }
        late.close();
    }

    @Test
    void shouldGoOnAfterAnOutageOfTheBroker() {
        try (EventStreamClient client = listen(ledger.url(), "?root_chat_id=outage", "")) {
            // Given
            grow("outage", 0, 5);
            await().atMost(WITHIN)
                    .untilAsserted(() -> assertThat(client.alertIds()).isEqualTo(ofTree("outage", 50)));

            // When
            ledger.stopBroker();
            ledger.startBroker();
            grow("outage", 5, 10);

            // Then
            await().atMost(WITHIN)
                    .untilAsserted(() -> assertThat(client.alertIds()).isEqualTo(ofTree("outage", 50, 80, 95, 100)));
            assertThat(client.isEnded()).isFalse();
        }
    }

    @Test
    void shouldCountEachAlertAtTheInstanceThatHasWrittenIt() {
        // Given
        double before = counted();

        // When
        grow("counted", 0, 10);

        // Then
        await().atMost(WITHIN).until(() -> spent("counted") == 100);
        assertThat(counted()).isEqualTo(before + 1);
    }

    private static double counted() {
        return Stream.of(ledger.url(), second.url())
                .flatMap(url -> new Http(url).get("/metrics").body().lines())
                .filter(line -> line.startsWith("ledger_alerts_total{kind=\"tree_threshold\",threshold=\"95\"} "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static EventStreamClient listen(URI instance, String query, String lastId) {
        EventStreamClient client = lastId.isEmpty()
                ? EventStreamClient.open(instance, query)
                : EventStreamClient.open(instance, query, "Last-Event-ID", lastId);
        assertThat(client.status()).isEqualTo(200);
        await().until(() -> !client.lastId().isEmpty());
        return client;
    }

    private static List<String> ofTree(String root, int... percents) {
        return IntStream.of(percents)
                .mapToObj(percent -> "tree:" + root + ":-1:" + percent)
                .toList();
    }

    /** Tells of a tree with a limit of 100, if need be, and of its messages with these numbers, each of 10. */
    private static void grow(String root, int from, int to) {
        if (from == 0) {
            events.send(Topic.CHATS, root, Events.chat(root, null, 100L));
        }
        IntStream.range(from, to)
                .forEach(number ->
                        events.send(Topic.PRICED_MESSAGES, root, Events.message(root + "-" + number, root, null, 10)));
        events.flush();
    }

    private static long spent(String root) {
        Reply reply = ledger.http().get("/v1/chats/" + root + "/spend");
        return reply.json().at("/tree/spent_micros").longValue();
    }
}
