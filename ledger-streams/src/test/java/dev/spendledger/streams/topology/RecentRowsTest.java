package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RecentRowsTest {
    private static final int MOST = 1_000;

    private final Map<String, Integer> store = new ConcurrentHashMap<>();
    private final RecentRows<String, Integer> rows = new RecentRows<>(store::get, this::write, MOST);

    /** As a store of Kafka Streams does: null takes a row away. */
    private void write(String key, Integer value) {
        store.compute(key, (same, before) -> value);
    }

    @Test
    void shouldHoldWhatWasWritten() {
        // When
        rows.put("a", 1);

        // Then
        assertThat(rows.ifHeld("a")).contains(1);
        assertThat(rows.get("a")).isEqualTo(1);
        assertThat(store.get("a")).isEqualTo(1);
    }

    @Test
    void shouldHoldWhatWasReadAndNotLookIntoTheStoreForWhatIsNotHeld() {
        // Given
        store.put("a", 1);

        // When // Then
        assertThat(rows.ifHeld("a")).isEmpty();
        assertThat(rows.get("a")).isEqualTo(1);
        assertThat(rows.ifHeld("a")).contains(1);
    }

    @Test
    void shouldSeeARowThatWasNotThereWhenItWasFirstAskedFor() {
        // Given
        assertThat(rows.get("a")).isNull();

        // When
        rows.put("a", 1);

        // Then
        assertThat(rows.get("a")).isEqualTo(1);
    }

    @Test
    void shouldNotHoldARowThatWasTakenAway() {
        // Given
        rows.put("a", 1);

        // When
        rows.put("a", null);

        // Then
        assertThat(rows.ifHeld("a")).isEmpty();
        assertThat(rows.get("a")).isNull();
        assertThat(store).isEmpty();
    }

    @Test
    void shouldStayBounded() {
        // Given
        int most = 10;
        RecentRows<String, Integer> few = new RecentRows<>(store::get, store::put, most);

        // When
        for (int i = 0; i < MOST; i++) {
            few.put("row-" + i, i);
        }

        // Then
        assertThat(store.keySet())
                .filteredOn(key -> few.ifHeld(key).isPresent())
                .hasSizeLessThanOrEqualTo(most);
        assertThat(store.keySet()).allMatch(key -> few.get(key).equals(store.get(key)));
    }

    @Test
    void shouldNotKeepAnOlderRowThatWasBeingReadWhileItWasWritten() throws Exception {
        // Given
        store.put("a", 1);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch written = new CountDownLatch(1);
        RecentRows<String, Integer> raced = new RecentRows<>(
                key -> {
                    Integer old = store.get(key);
                    reading.countDown();
                    await(written);
                    return old;
                },
                (key, value) -> {
                    store.put(key, value);
                    written.countDown();
                },
                MOST);

        // When
        try {
            Future<Integer> read = threads.submit(() -> raced.get("a"));
            await(reading);
            Future<?> write = threads.submit(() -> raced.put("a", 2));
            read.get();
            write.get();
        } finally {
            threads.shutdownNow();
        }

        // Then
        assertThat(raced.ifHeld("a")).contains(2);
    }

    /** The handler of internal errors goes on with the next record. */
    @Test
    void shouldNotTrustMemoryAfterAWriteThatFailed() {
        // Given
        RecentRows<String, Integer> failing = new RecentRows<>(
                store::get,
                (key, value) -> {
                    store.put(key, value);
                    throw new IllegalStateException("written, and not said to the changelog");
                },
                MOST);
        store.put("a", 1);
        failing.get("a");

        // When
        assertThatIllegalStateException().isThrownBy(() -> failing.put("a", 2));

        // Then
        assertThat(failing.get("a")).isEqualTo(2);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Ended before its time", e);
        }
    }
}
