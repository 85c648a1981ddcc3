package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class RecentReadsTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    private final AtomicInteger count = new AtomicInteger();
    private final Supplier<Future<Integer>> counting = () -> Future.succeededFuture(count.incrementAndGet());

    @Test
    void shouldReadOnceAlsoWhileTheReadIsOnItsWay() {
        // Given
        RecentReads<Integer> reads = new RecentReads<>(10, LONG);
        Promise<Integer> slow = Promise.promise();
        Future<Integer> first = reads.get("c-1", 1, slow::future);

        // When
        Future<Integer> second = reads.get("c-1", 1, counting);
        slow.complete(7);

        // Then
        assertThat(first.result()).isEqualTo(7);
        assertThat(second.result()).isEqualTo(7);
        assertThat(count).hasValue(0);
    }

    @Test
    void shouldReadAgainWhatHasFailed() {
        // Given
        RecentReads<Integer> reads = new RecentReads<>(10, LONG);
        Promise<Integer> slow = Promise.promise();
        Future<Integer> failed = reads.get("c-1", 1, slow::future);

        // When
        slow.fail("a failure that a test made up");

        // Then
        assertThat(failed.failed()).isTrue();
        assertThat(reads.get("c-1", 1, counting).result()).isEqualTo(1);
        assertThat(reads.get("c-1", 1, counting).result()).isEqualTo(1);
    }

    @Test
    void shouldReadAgainAfterAWhile() {
        // Given
        RecentReads<Integer> reads = new RecentReads<>(10, Duration.ofMillis(1));

        // Then
        await().until(() -> reads.get("c-1", 1, counting).result() >= 3);
    }

    @Test
    void shouldKeepNoMoreThanItsBound() {
        // Given
        RecentReads<Integer> reads = new RecentReads<>(10, LONG);

        // When
        reads.get("c-1", 11, counting);

        // Then
        await().until(() -> reads.get("c-1", 1, counting).result() == 2);
    }
}
