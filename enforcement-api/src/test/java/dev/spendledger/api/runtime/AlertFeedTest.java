package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.query.Alert;
import dev.spendledger.api.query.AlertPositions;
import dev.spendledger.api.query.RecentAlerts;
import dev.spendledger.events.AlertKind;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.events.SpendAlert;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.RegistryUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How an instance reads the alerts, here of two partitions. */
@Timeout(30)
class AlertFeedTest {
    private static final TopicPartition ZERO = new TopicPartition("spend-alerts", 0);
    private static final TopicPartition ONE = new TopicPartition("spend-alerts", 1);
    private static final EventSerde SERDE = new EventSerde(new BundledRegistry());

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final RecentAlerts alerts = new RecentAlerts(10);
    private volatile boolean registryIsAway;
    private AlertFeed feed = beginning(0);

    /** A feed that begins so many offsets before the ends. */
    private AlertFeed beginning(long latest) {
        return new AlertFeed(
                new AlertReader(consumer, ZERO.topic(), 2, "log", (topic, bytes) -> {
                    if (registryIsAway
                            && new String(bytes, StandardCharsets.ISO_8859_1).contains("only-the-registry")) {
                        throw new RegistryUnavailableException("no registry", null);
                    }
                    return SERDE.deserializer().deserialize(topic, bytes);
                }),
                alerts,
                latest);
    }

    @BeforeEach
    void hold() {
        consumer.updateBeginningOffsets(Map.of(ZERO, 0L, ONE, 0L));
        consumer.updateEndOffsets(Map.of(ZERO, 7L, ONE, 3L));
    }

    @AfterEach
    void close() throws InterruptedException {
        feed.close();
    }

    @Test
    void shouldBeginAtTheEndAndSayOfEachAlertHowFarItHasRead() {
        // Given
        onNextPoll(() -> {
            consumer.addRecord(record(ZERO, 7, alert("root-1")));
            consumer.addRecord(record(ONE, 4, alert("root-2")));
        });

        // When
        feed.start();

        // Then
        await().until(() -> held().size() == 2);
        assertThat(held()).extracting(Alert::partition).containsExactlyInAnyOrder(0, 1);
        Alert last = held().get(1);
        assertThat(last.behind()).isEqualTo(positions(8, 5));
        assertThat(held().get(0).behind().reach(positions(7, 3))).isTrue();
        assertThat(alerts.firstBehind(positions(7, 3))).hasValue(0);
        assertThat(alerts.firstBehind(positions(6, 3))).isEmpty();
    }

    /** Those of a partition stay in their order, also where a clock has gone back. */
    @Test
    void shouldBeginWithTheLatestInTheOrderOfTheirTimesOnceItHasReadAllOfThem() {
        // Given
        feed = beginning(5);
        AtomicBoolean presentTooEarly = new AtomicBoolean();
        onNextPoll(() -> {
            consumer.addRecord(record(ZERO, 4, alert("root-2", 2)));
            consumer.addRecord(record(ZERO, 6, alert("root-3", 1)));
        });
        onNextPoll(() -> {
            presentTooEarly.set(alerts.present().isPresent());
            consumer.addRecord(record(ONE, 0, alert("root-1", 1)));
            consumer.addRecord(record(ONE, 2, alert("root-4", 3)));
        });

        // When
        feed.start();

        // Then
        await().until(() -> alerts.present().isPresent());
        assertThat(presentTooEarly).isFalse();
        assertThat(alerts.present()).contains(new RecentAlerts.Present(4, positions(7, 3)));
        assertThat(roots()).containsExactly("root-1", "root-2", "root-3", "root-4");
        assertThat(held())
                .extracting(Alert::behind)
                .containsExactly(positions(2, 1), positions(5, 1), positions(7, 1), positions(7, 3));
        assertThat(alerts.firstBehind(positions(2, 0))).hasValue(0);
        assertThat(alerts.firstBehind(positions(1, 3))).isEmpty();
    }

    @Test
    void shouldBeginAnewAfterALostBroker() {
        // Given
        feed = beginning(5);
        onNextPoll(() -> consumer.addRecord(record(ZERO, 6, alert("root-1"))));
        onNextPoll(() -> consumer.setPollException(new KafkaException("no broker")));
        onNextPoll(() -> {
            consumer.addRecord(record(ZERO, 6, alert("root-1")));
            consumer.addRecord(record(ONE, 2, alert("root-2")));
        });

        // When
        feed.start();

        // Then
        await().until(() -> alerts.present().isPresent());
        assertThat(roots()).containsExactlyInAnyOrder("root-1", "root-2");
    }

    @Test
    void shouldWaitForABrokerThatDoesNotSayWhereTheEndIs() {
        // Given
        consumer.setOffsetsException(new TimeoutException("no broker"));

        // When
        feed.start();

        // Then
        await().until(() -> alerts.present().isPresent());
    }

    @Test
    void shouldGoOnAfterALostBroker() {
        // Given
        onNextPoll(() -> consumer.addRecord(record(ZERO, 7, alert("root-1"))));
        onNextPoll(() -> consumer.setPollException(new KafkaException("no broker")));
        onNextPoll(() -> consumer.addRecord(record(ZERO, 8, alert("root-2"))));

        // When
        feed.start();

        // Then
        await().until(() -> roots().equals(List.of("root-1", "root-2")));
    }

    @Test
    void shouldGoOnAfterABugOfWhoeverIsTold() {
        // Given
        alerts.onMore(() -> {
            throw new IllegalStateException("made up by a test");
        });
        onNextPoll(() -> consumer.addRecord(record(ZERO, 7, alert("root-1"))));
        onNextPoll(() -> consumer.addRecord(record(ZERO, 8, alert("root-2"))));

        // When
        feed.start();

        // Then
        await().until(() -> roots().equals(List.of("root-1", "root-2")));
    }

    @Test
    void shouldLeaveNoConsumerThatWasNeverStarted() throws InterruptedException {
        // When
        feed.close();

        // Then
        assertThat(consumer.closed()).isTrue();
    }

    @Test
    void shouldPassOverWhatIsNoAlert() {
        // Given
        onNextPoll(() -> {
            consumer.addRecord(record(ZERO, 7, "nonsense".getBytes(StandardCharsets.UTF_8)));
            consumer.addRecord(record(ZERO, 8, null));
            consumer.addRecord(record(ZERO, 9, bytes(new ChatFreezeSet("root-1", null, null, Instant.EPOCH))));
            consumer.addRecord(record(ZERO, 10, alert("root-1")));
        });

        // When
        feed.start();

        // Then
        await().until(() -> roots().equals(List.of("root-1")));
        await().untilAsserted(() ->
                assertThat(alerts.present().orElseThrow().readTo()).isEqualTo(positions(11, 3)));
    }

    /** A record that is readable once the registry is back must not be lost, and those behind it must not overtake it. */
    @Test
    void shouldWaitForTheSchemaRegistryWhereOnlyThatCanTellWhatCame() {
        // Given
        registryIsAway = true;
        onNextPoll(() -> {
            consumer.addRecord(record(ZERO, 7, alert("root-1")));
            consumer.addRecord(record(ZERO, 8, alert("only-the-registry")));
            consumer.addRecord(record(ZERO, 9, alert("root-3")));
        });
        feed.start();
        await().until(() -> roots().equals(List.of("root-1")));
        onNextPoll(() -> consumer.addRecord(record(ZERO, 8, alert("only-the-registry"))));

        // When
        onNextPoll(() -> {
            registryIsAway = false;
            consumer.addRecord(record(ZERO, 8, alert("only-the-registry")));
            consumer.addRecord(record(ZERO, 9, alert("root-3")));
        });

        // Then
        await().until(() -> roots().equals(List.of("root-1", "only-the-registry", "root-3")));
    }

    @Test
    void shouldCloseInTimeWhileItWaitsForRecords() throws InterruptedException {
        // Given
        feed.start();
        await().until(() -> alerts.present().isPresent());

        // When
        long startNanos = System.nanoTime();
        feed.close();

        // Then
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(3));
        assertThat(consumer.closed()).isTrue();
    }

    private void onNextPoll(Runnable task) {
        consumer.schedulePollTask(task);
    }

    private List<Alert> held() {
        return alerts.from(0, 10).orElseThrow();
    }

    private List<String> roots() {
        return held().stream().map(alert -> alert.what().getRootChatId()).toList();
    }

    private static AlertPositions positions(long zero, long one) {
        return new AlertPositions("log", List.of(zero, one));
    }

    private static byte[] alert(String rootChatId) {
        return alert(rootChatId, 0);
    }

    private static byte[] alert(String rootChatId, long atSecond) {
        return bytes(SpendAlert.newBuilder()
                .setAlertId("tree:" + rootChatId)
                .setKind(AlertKind.TREE_THRESHOLD)
                .setThresholdPercent(50)
                .setRootChatId(rootChatId)
                .setAccountId("a-1")
                .setSpentMicros(5)
                .setLimitMicros(10)
                .setAt(Instant.ofEpochSecond(atSecond))
                .build());
    }

    private static byte[] bytes(SpecificRecord event) {
        return SERDE.serializer().serialize("any", event);
    }

    private static ConsumerRecord<byte[], byte[]> record(TopicPartition partition, long offset, byte[] value) {
        return new ConsumerRecord<>(partition.topic(), partition.partition(), offset, null, value);
    }
}
