package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.http.Health;
import dev.spendledger.api.query.AccountLimitsView;
import dev.spendledger.api.query.FreezesView;
import dev.spendledger.api.testing.FakeFreezes;
import dev.spendledger.api.testing.FakeLimits;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.PeriodLimit;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.intake.RecordId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How an instance reads its views: two of them here, of three topics. */
@Timeout(30)
class ViewFeedTest {
    private static final TopicPartition LIMITS = new TopicPartition("account-limits", 0);
    private static final TopicPartition GROUPS = new TopicPartition("account-groups", 0);
    private static final TopicPartition FREEZES = new TopicPartition("chat-freezes", 0);
    private static final PeriodLimitKey KEY = PeriodLimitKey.ofAccount("a-1");
    private static final EventSerde SERDE = new EventSerde(new BundledRegistry());

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final AccountLimitsView view = new FakeLimits(false).view();
    private final FreezesView freezes = new FakeFreezes(false).view();
    private final ViewFeed feed = new ViewFeed(consumer, new TopicNames(""), topic -> 1, List.of(view, freezes));

    @AfterEach
    void close() throws InterruptedException {
        feed.close();
    }

    @Test
    void shouldBeReadyOnceItHasReadWhatWasThereAtItsStart() {
        // Given
        holds(2);
        onNextPoll(() -> consumer.addRecord(limit(0, 5)));

        // When
        feed.start();
        await().until(() -> view.hasRead(id(0)));
        Health.Check halfway = feed.check();
        onNextPoll(() -> consumer.addRecord(limit(1, 7)));

        // Then
        assertThat(halfway).isEqualTo(new Health.Check("views", false, "the views are not read yet"));
        await().until(() -> feed.check().ok());
        assertThat(view.limit(KEY).map(PeriodLimit::micros)).contains(7L);
    }

    @Test
    void shouldReadEachTopicIntoItsOwnView() {
        // Given
        consumer.updateBeginningOffsets(Map.of(LIMITS, 0L, GROUPS, 0L, FREEZES, 0L));
        consumer.updateEndOffsets(Map.of(LIMITS, 1L, GROUPS, 0L, FREEZES, 1L));
        onNextPoll(() -> consumer.addRecord(limit(0, 5)));

        // When
        feed.start();
        await().until(() -> view.hasRead(id(0)));
        boolean before = feed.check().ok();
        onNextPoll(() -> consumer.addRecord(freeze("c-1")));

        // Then
        assertThat(before).isFalse();
        await().until(() -> feed.check().ok());
        assertThat(freezes.freeze("c-1")).isPresent();
        assertThat(freezes.hasRead(new RecordId(FREEZES.topic(), 0, 0))).isTrue();
        assertThat(freezes.hasRead(id(0))).isFalse();
        assertThat(view.isLoaded() && freezes.isLoaded()).isTrue();
    }

    @Test
    void shouldBeReadyAtOnceWhereNothingIsSet() {
        // Given
        holds(0);

        // When
        feed.start();

        // Then
        await().until(() -> feed.check().ok());
    }

    @Test
    void shouldWaitForALostBrokerAndKeepWhatItHas() {
        // Given
        holds(1);
        consumer.setOffsetsException(new TimeoutException("no broker"));
        onNextPoll(() -> consumer.addRecord(limit(0, 5)));
        feed.start();
        await().until(() -> feed.check().ok());

        // When
        onNextPoll(() -> consumer.setPollException(new KafkaException("no broker")));
        onNextPoll(() -> consumer.addRecord(limit(1, 7)));

        // Then
        assertThat(view.limit(KEY)).isPresent();
        await().until(() -> view.hasRead(id(1)));
        assertThat(feed.check().ok()).isTrue();
    }

    @Test
    void shouldCloseInTimeWhileItWaitsForRecords() throws InterruptedException {
        // Given
        holds(0);
        feed.start();
        await().until(() -> feed.check().ok());

        // When
        long startNanos = System.nanoTime();
        feed.close();

        // Then
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(3));
        assertThat(consumer.closed()).isTrue();
    }

    private void holds(long limits) {
        consumer.updateBeginningOffsets(Map.of(LIMITS, 0L, GROUPS, 0L, FREEZES, 0L));
        consumer.updateEndOffsets(Map.of(LIMITS, limits, GROUPS, 0L, FREEZES, 0L));
    }

    private void onNextPoll(Runnable task) {
        consumer.schedulePollTask(task);
    }

    private static ConsumerRecord<byte[], byte[]> limit(long offset, long micros) {
        return new ConsumerRecord<>(
                LIMITS.topic(),
                LIMITS.partition(),
                offset,
                KEY.toString().getBytes(StandardCharsets.UTF_8),
                SERDE.serializer().serialize("any", new AccountLimitSet(micros, null, null, Instant.EPOCH)));
    }

    private static ConsumerRecord<byte[], byte[]> freeze(String rootChatId) {
        return new ConsumerRecord<>(
                FREEZES.topic(),
                FREEZES.partition(),
                0,
                rootChatId.getBytes(StandardCharsets.UTF_8),
                SERDE.serializer().serialize("any", new ChatFreezeSet(rootChatId, null, null, Instant.EPOCH)));
    }

    private static RecordId id(long offset) {
        return new RecordId(LIMITS.topic(), LIMITS.partition(), offset);
    }
}
