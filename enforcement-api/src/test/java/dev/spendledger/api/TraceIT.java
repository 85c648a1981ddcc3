package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.testing.CommandRun;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ledger trace} says of a message that is told more than once, in part, or to nobody. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TraceIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private static Path dir;

    private static TestLedger ledger;
    private static Events events;

    @BeforeAll
    static void start() {
        ledger = TestLedger.start(dir);
        events = new Events(ledger);
    }

    @AfterAll
    static void stop() {
        try (TestLedger stopped = ledger) {
            events.close();
        }
    }

    @Test
    void shouldSayThatARepeatCountsOnce() {
        // Given
        chat("twice");
        send("twice", priced("m-1", "twice", 0, 5L), 3);

        // When
        CommandRun run = trace("m-1", "twice");

        // Then
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).contains("counted in the tree of twice", "with this price");
        assertThat(lines.subList(1, 3))
                .allSatisfy(line ->
                        assertThat(line).endsWith("the same as " + lines.get(0).split(" ")[0] + ", counted once"));
        assertThat(run.status()).isZero();
    }

    @Test
    void shouldSayThatTheRecordsOfAMessageAreMoreThanItFollows() {
        // Given
        chat("often");
        send("often", priced("m-1", "often", 0, 5L), 1_003);

        // When
        CommandRun run = trace("m-1", "often");

        // Then
        assertThat(run.out().lines())
                .hasSize(1_001)
                .last()
                .isEqualTo("There are more: these are the first 1000 of 1003 records.");
    }

    /** The group's offset is set behind a revision while the ledger is down: the row knows the message and not this. */
    @Test
    void shouldSayThatARevisionIsLostThoughTheMessageCounts() throws Exception {
        // Given
        chat("hidden");
        send("hidden", priced("m-1", "hidden", 0, 5L), 1);
        assertThat(trace("m-1", "hidden").out()).contains("with this price");
        ledger.stopInstance();
        send("hidden", priced("m-1", "hidden", 1, 9L), 1);
        skipToEnd("hidden");
        ledger.startInstance();

        // When
        CommandRun lost = trace("m-1", "hidden");
        // And what can only be said as long as it is not known how far the ledger has come
        CommandRun unknown = trace("m-1", "hidden", "--application-id=another", "--timeout=1");

        // Then
        assertThat(lost.status()).isEqualTo(1);
        assertThat(lost.out().lines())
                .hasSize(2)
                .anyMatch(line -> line.contains("revision 0 5 micros: counted in the tree of hidden")
                        && line.endsWith("with this price"))
                .anyMatch(line -> line.contains("revision 1 9 micros: LOST"));
        assertThat(unknown.status()).isZero();
        assertThat(unknown.out()).contains("revision 1 9 micros: not folded yet");

        // And once it is sent again it counts, with the record that was lost
        send("hidden", priced("m-1", "hidden", 1, 9L), 1);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(trace("m-1", "hidden").out().lines())
                        .hasSize(3)
                        .last()
                        .asString()
                        .contains("the same as"));
    }

    /** The last test, because it takes the log away. */
    @Test
    @Order(Integer.MAX_VALUE)
    void shouldFindAMessageWhoseRecordWasDeletedFromTheLog() throws Exception {
        // Given
        chat("short");
        send("short", priced("m-1", "short", 0, 5L), 1);
        assertThat(trace("m-1", "short").out()).contains("with this price");
        TopicPartition partition = partition("short");
        try (Admin admin = Admin.create(ledger.clientSettings())) {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(end(partition))))
                    .all()
                    .get();
        }

        // When
        CommandRun counted = trace("m-1", "short");
        CommandRun unknown = trace("m-2", "short");

        // Then
        assertThat(counted.status()).isZero();
        assertThat(counted.out())
                .contains(
                        "counted in the tree of short",
                        "5 micros",
                        "no record of it is in the log any more",
                        "begins at");
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.out()).contains("is not in what is left of the log").doesNotContain("never seen");
    }

    private static void chat(String id) {
        events.send(Topic.CHATS, id, Events.chat(id, null, null));
        events.flush();
    }

    private static void send(String key, MessagePriced message, int times) {
        for (int i = 0; i < times; i++) {
            events.send(Topic.PRICED_MESSAGES, key, message);
        }
        events.flush();
    }

    private static MessagePriced priced(String id, String chatId, int revision, Long costMicros) {
        return new MessagePriced(id, chatId, null, "a-1", revision, costMicros, null, null, null, Instant.now());
    }

    private static CommandRun trace(String messageId, String chatId, String... more) {
        return CommandRun.of(Stream.concat(
                        Stream.of(
                                "trace",
                                messageId,
                                "--chat=" + chatId,
                                "--bootstrap-servers=" + ledger.bootstrapServers(),
                                "--partitions=" + ledger.partitions(),
                                "--advertised-url=" + ledger.url()),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    /** Moves the stopped ledger's group behind all that is in the message partition of a key. */
    private static void skipToEnd(String key) throws Exception {
        TopicPartition partition = partition(key);
        long end = end(partition);
        try (Admin admin = Admin.create(ledger.clientSettings())) {
            // The broker takes it once the group is empty.
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> admin.alterConsumerGroupOffsets(
                                    "spend-ledger", Map.of(partition, new OffsetAndMetadata(end)))
                            .all()
                            .get());
        }
    }

    private static TopicPartition partition(String key) {
        return new TopicPartition("priced-messages", Partitions.of(key, ledger.partitions()));
    }

    private static long end(TopicPartition partition) {
        return events.readAll(Topic.PRICED_MESSAGES).stream()
                .filter(record -> record.partition() == partition.partition())
                .mapToLong(record -> record.offset() + 1)
                .max()
                .orElseThrow();
    }
}
