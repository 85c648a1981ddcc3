package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TurnsTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(1);

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void shouldLetNoMoreBeginThanHaveATurn() {
        // Given
        Turns turns = new Turns(vertx, 2, LONG);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();

        // When
        List<Future<Integer>> all = IntStream.range(0, 20)
                .mapToObj(i -> run(turns, () -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    return vertx.timer(1).map(later -> running.decrementAndGet());
                }))
                .toList();
        Future.all(all).await();

        // Then
        assertThat(most).hasValue(2);
        assertThat(running).hasValue(0);
    }

    @Test
    void shouldGiveUpWaitingAndLoseNoTurnByThat() {
        // Given
        Turns turns = new Turns(vertx, 1, SHORT);
        Promise<String> first = Promise.promise();
        Future<String> running = run(turns, first::future);

        // When
        Future<String> late = run(turns, () -> Future.succeededFuture("late"));
        Throwable failure =
                late.transform(ended -> Future.succeededFuture(ended.cause())).await();
        first.complete("first");
        running.await();
        String next = run(turns, () -> Future.succeededFuture("next")).await();

        // Then
        assertThat(failure).isInstanceOf(Turns.OverloadedException.class);
        assertThat(next).isEqualTo("next");
    }

    @Test
    void shouldHandItsTurnOnWhereItFails() {
        // Given
        Turns turns = new Turns(vertx, 1, LONG);

        // When
        Future<String> failed = run(turns, () -> {
            throw new IllegalStateException("a bug that a test made up");
        });
        String next = run(turns, () -> Future.succeededFuture("next")).await();

        // Then
        assertThat(failed.cause()).hasMessage("a bug that a test made up");
        assertThat(next).isEqualTo("next");
    }

    @Test
    void shouldLetFewRowsBeReadWithoutATurn() {
        // Given
        Turns turns = new Turns(vertx, 1, LONG);
        Promise<String> many = Promise.promise();
        Future<String> running = run(turns, many::future);

        // When
        String few = turns.run(Turns.FREE_ROWS, () -> Future.succeededFuture("few"), rows -> rows)
                .await();

        // Then
        assertThat(few).isEqualTo("few");
        assertThat(running.isComplete()).isFalse();
    }

    /** As of rows of another instance, that come by the event loop. */
    @ParameterizedTest
    @ValueSource(longs = {1, Turns.FREE_ROWS + 1})
    void shouldSumOnAWorkerThreadWhereverTheRowsComeFrom(long rows) {
        // Given
        Turns turns = new Turns(vertx, 1, LONG);

        // When
        boolean onEventLoop = turns.run(rows, () -> vertx.timer(1), read -> Context.isOnEventLoopThread())
                .await();

        // Then
        assertThat(onEventLoop).isFalse();
    }

    private static <T> Future<T> run(Turns turns, Callable<Future<T>> read) {
        return turns.run(Turns.FREE_ROWS + 1, read, rows -> rows);
    }
}
