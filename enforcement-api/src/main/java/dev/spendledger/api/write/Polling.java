package dev.spendledger.api.write;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Reads again and again until a reading is as wanted, or a deadline is over. */
final class Polling {
    private static final long POLL_MS = 5;

    private final Vertx vertx;
    private final Duration deadline;

    Polling(Vertx vertx, Duration deadline) {
        this.vertx = vertx;
        this.deadline = deadline;
    }

    /** The last reading, as wanted or not. */
    <T> Future<T> until(Predicate<T> wanted, Supplier<Future<T>> read) {
        return until(wanted, read, System.nanoTime() + deadline.toNanos());
    }

    private <T> Future<T> until(Predicate<T> wanted, Supplier<Future<T>> read, long endNanos) {
        return read.get()
                .compose(reading -> wanted.test(reading) || System.nanoTime() - endNanos >= 0
                        ? Future.succeededFuture(reading)
                        : vertx.timer(POLL_MS, TimeUnit.MILLISECONDS)
                                // On a worker thread, because it may read a store.
                                .compose(waited -> vertx.executeBlocking(() -> until(wanted, read, endNanos), false))
                                .compose(again -> again));
    }
}
