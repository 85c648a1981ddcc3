package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.EventStreamClient;
import dev.spendledger.api.testing.EventStreamClient.Event;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.schemas.Topic;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances on one broker, and clients of their event streams. */
class EventStreamIT {
    private static final Duration WITHIN = Duration.ofSeconds(60);

    @TempDir
    Path dir;

    private TestLedger ledger;
    private LedgerInstance second;
    private Events events;

    @BeforeEach
    void start() throws StartException {
        ledger = TestLedger.start(dir);
        second = ledger.startBeside(
                Map.of(Setting.STATE_DIR, dir.resolve("second").toString()), Map.of());
        await().atMost(WITHIN).until(second::isReady);
        events = new Events(ledger);
    }

    @AfterEach
    void stop() {
        second.close();
        events.close();
        ledger.close();
    }

    @Test
    void shouldTellOfEachThresholdAtEveryInstanceAndGoOnAtAnotherFromAnyId() {
        try (EventStreamClient here = listen(ledger.url(), "", "");
                EventStreamClient there = listen(second.url(), "", "")) {
            // When
            grow("root-1", 0, 10);

            // Then
            await().atMost(WITHIN).untilAsserted(() -> {
                assertThat(here.alertIds()).isEqualTo(ofTree("root-1", 50, 80, 95, 100));
                assertThat(there.alertIds()).isEqualTo(ofTree("root-1", 50, 80, 95, 100));
            });
            Event half = here.events().get(0);
            assertThat(half.kind()).isEqualTo("tree_threshold");
            assertThat(half.data().get("spent_micros").longValue()).isEqualTo(50);
            for (int i = 0; i < 4; i++) {
                List<String> rest = here.alertIds().subList(i + 1, 4);
                try (EventStreamClient resumed =
                        listen(second.url(), "", here.events().get(i).id())) {
                    await().atMost(WITHIN)
                            .untilAsserted(() -> assertThat(resumed.alertIds()).isEqualTo(rest));
                }
            }
        }
    }

    @Test
    void shouldLoseNothingWhenTheInstanceOfAClientStops() {
        EventStreamClient before = listen(second.url(), "?account_id=a-1", "");
        grow("root-1", 0, 5);
        await().atMost(WITHIN).untilAsserted(() -> assertThat(before.alertIds()).isEqualTo(ofTree("root-1", 50)));

        // When
        second.close();
        grow("root-1", 5, 10);
        grow("root-2", 0, 10);

        // Then
        await().atMost(WITHIN).until(before::isEnded);
        try (EventStreamClient after = listen(ledger.url(), "?account_id=a-1", before.lastId())) {
            await().atMost(WITHIN)
                    .untilAsserted(() -> assertThat(after.alertIds())
                            .containsAll(ofTree("root-1", 80, 95, 100))
                            .containsAll(ofTree("root-2", 50, 80, 95, 100))
                            .doesNotContainAnyElementsOf(ofTree("root-1", 50)));
        }
    }

    @Test
    void shouldTellAnInstanceThatStartsLaterWhatWasBefore() {
        EventStreamClient before = listen(ledger.url(), "", "");
        await().atMost(WITHIN).until(() -> !before.lastId().isEmpty());
        before.close();
        grow("root-1", 0, 10);
        await().atMost(WITHIN).until(() -> spent("root-1") == 100);

        // When
        ledger.stopInstance();
        ledger.startInstance();

        // Then
        try (EventStreamClient after = listen(ledger.url(), "", before.lastId());
                EventStreamClient ofAnotherLog = listen(ledger.url(), "", "another.0.0")) {
            await().atMost(WITHIN).untilAsserted(() -> {
                assertThat(after.alertIds()).isEqualTo(ofTree("root-1", 50, 80, 95, 100));
                assertThat(ofAnotherLog.alertIds()).isEqualTo(after.alertIds());
            });
            grow("root-2", 0, 5);
            await().atMost(WITHIN).untilAsserted(() -> {
                assertThat(after.alertIds())
                        .endsWith(ofTree("root-2", 50).get(0))
                        .hasSize(5);
                assertThat(ofAnotherLog.alertIds()).isEqualTo(after.alertIds());
            });
        }
    }

    @Test
    void shouldGoOnAfterAnOutageOfTheBroker() {
        try (EventStreamClient client = listen(ledger.url(), "", "")) {
            grow("root-1", 0, 5);
            await().atMost(WITHIN)
                    .untilAsserted(() -> assertThat(client.alertIds()).isEqualTo(ofTree("root-1", 50)));

            // When
            ledger.stopBroker();
            ledger.startBroker();
            grow("root-1", 5, 10);

            // Then
            await().atMost(WITHIN)
                    .untilAsserted(() -> assertThat(client.alertIds()).isEqualTo(ofTree("root-1", 50, 80, 95, 100)));
            assertThat(client.isEnded()).isFalse();
        }
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
    private void grow(String root, int from, int to) {
        if (from == 0) {
            events.send(Topic.CHATS, root, Events.chat(root, null, 100L));
        }
        IntStream.range(from, to)
                .forEach(number ->
                        events.send(Topic.PRICED_MESSAGES, root, Events.message(root + "-" + number, root, null, 10)));
        events.flush();
    }

    private long spent(String root) {
        Reply reply = ledger.http().get("/v1/chats/" + root + "/spend");
        return reply.json().at("/tree/spent_micros").longValue();
    }
}
