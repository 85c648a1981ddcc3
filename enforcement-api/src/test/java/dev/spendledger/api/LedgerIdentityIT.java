package dev.spendledger.api;

import static dev.spendledger.api.testing.Events.chat;
import static dev.spendledger.api.testing.Events.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One application id and one {@code ledger-routing} are one ledger, and no start takes them apart. */
class LedgerIdentityIT {
    private static final Duration WITHIN = Duration.ofSeconds(60);

    @TempDir
    Path dir;

    @Test
    void shouldRefuseASecondApplicationIdOnTheRoutingOfALedgerThatRuns() {
        try (TestLedger live = TestLedger.start(dir)) {
            // Given a ledger that has routed nothing yet, so that only its members tell what it reads
            awaitAssigned(live);

            // When
            var starting =
                    assertThatThrownBy(() -> live.startBeside(Map.of(Setting.APPLICATION_ID, "second"), Map.of()));

            // Then
            starting.isInstanceOf(StartException.class)
                    .hasMessageContaining("Topic ledger-routing is that of another ledger")
                    .hasMessageContaining("application id spend-ledger")
                    .hasMessageContaining("LEDGER_OUTPUT_TOPIC_PREFIX")
                    .hasMessageContaining("LEDGER_APPLICATION_ID");
        }
    }

    @Test
    void shouldRefuseASecondApplicationIdOnTheRoutingOfALedgerThatIsStopped() {
        try (TestLedger live = TestLedger.start(dir)) {
            // Given
            routeSomething(live);
            live.stopInstance();

            // When
            var starting =
                    assertThatThrownBy(() -> live.startBeside(Map.of(Setting.APPLICATION_ID, "second"), Map.of()));

            // Then
            starting.isInstanceOf(StartException.class)
                    .hasMessageContaining("Topic ledger-routing is that of another ledger");
            live.startInstance();
        }
    }

    @Test
    void shouldRefuseTheApplicationIdOfALedgerWithAnotherRouting() {
        try (TestLedger live = TestLedger.start(dir)) {
            // Given
            routeSomething(live);
            live.stopInstance();

            // When
            var starting = assertThatThrownBy(
                    () -> live.startBeside(Map.of(Setting.OUTPUT_TOPIC_PREFIX, "second."), Map.of()));

            // Then
            starting.isInstanceOf(StartException.class)
                    .hasMessageContaining(
                            "spend-ledger has its state from ledger-routing and not from" + " second.ledger-routing")
                    .hasMessageContaining("LEDGER_APPLICATION_ID")
                    .hasMessageContaining("LEDGER_OUTPUT_TOPIC_PREFIX");
        }
    }

    @Test
    void shouldNotMindAGroupThatOnlyWatches() throws ExecutionException, InterruptedException {
        try (TestLedger live = TestLedger.start(dir);
                Admin admin = Admin.create(live.clientSettings())) {
            // Given
            admin.alterConsumerGroupOffsets(
                            "watcher",
                            Map.of(
                                    new TopicPartition("ledger-routing", 0), new OffsetAndMetadata(0),
                                    new TopicPartition("chats", 0), new OffsetAndMetadata(0)))
                    .all()
                    .get();
            live.stopInstance();

            // When
            live.startInstance();

            // Then
            assertThat(live.http().get("/readyz").status()).isEqualTo(200);
        }
    }

    @Test
    void shouldRefuseToAddOnceMoreWhatTheAccountsWereToldIfItsOffsetsAreLost() throws Exception {
        try (TestLedger live = TestLedger.start(dir);
                Admin admin = Admin.create(live.clientSettings());
                Events events = new Events(live)) {
            // Given
            events.send(Topic.CHATS, "c-1", chat("c-1", null, null));
            events.send(Topic.PRICED_MESSAGES, "c-1", message("m-1", "c-1", null, 5));
            events.flush();
            await().atMost(WITHIN).until(() -> spentByAccount(live) == 5);
            live.stopInstance();
            admin.deleteConsumerGroups(List.of("spend-ledger")).all().get();

            // When
            var starting = assertThatThrownBy(() -> live.startBeside(Map.of(), Map.of()));

            // Then
            starting.isInstanceOf(StartException.class)
                    .hasMessageContaining("The consumer group spend-ledger has lost its offsets in account-deltas")
                    .hasMessageContaining("LEDGER_OUTPUT_TOPIC_PREFIX");
        }
    }

    private static long spentByAccount(TestLedger ledger) {
        return ledger.http()
                .get("/v1/accounts/a-1/spend")
                .json()
                .at("/spent_micros")
                .asLong();
    }

    /** A child asks its parent for its root, wherever that is. */
    private static void routeSomething(TestLedger ledger) {
        try (Events events = new Events(ledger)) {
            events.send(Topic.CHATS, "c-2", chat("c-2", "c-1", null));
            events.send(Topic.CHATS, "c-1", chat("c-1", null, null));
            events.flush();
        }
        await().atMost(WITHIN)
                .until(() -> ledger.http()
                                .get("/v1/chats/c-1/spend")
                                .json()
                                .at("/tree/chats")
                                .asInt()
                        == 2);
        try (Admin admin = Admin.create(ledger.clientSettings())) {
            await().atMost(WITHIN)
                    .until(
                            () -> admin
                                    .listConsumerGroupOffsets("spend-ledger")
                                    .partitionsToOffsetAndMetadata()
                                    .get()
                                    .keySet()
                                    .stream()
                                    .anyMatch(partition -> partition.topic().equals("ledger-routing")));
        }
    }

    private static void awaitAssigned(TestLedger ledger) {
        try (Admin admin = Admin.create(ledger.clientSettings())) {
            await().atMost(WITHIN)
                    .until(() -> admin
                            .describeConsumerGroups(List.of("spend-ledger"))
                            .describedGroups()
                            .get("spend-ledger")
                            .get()
                            .members()
                            .stream()
                            .anyMatch(member ->
                                    !member.assignment().topicPartitions().isEmpty()));
        }
    }
}
