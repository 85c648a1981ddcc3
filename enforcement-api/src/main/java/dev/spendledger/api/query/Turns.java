package dev.spendledger.api.query;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.function.Function;

/**
 * Lets only so many go through the rows of a tree at a time; others wait for their turn, and not for long. Thread-safe. What
 * is made of the rows is made on a worker thread, wherever they come from: checks wait behind the event loop.
 */
public final class Turns {
    /** Whoever reads no more rows than these needs no turn. */
    public static final long FREE_ROWS = 1_000;

    private final Vertx vertx;
    private final Duration wait;
    private final Queue<Promise<Void>> waiting = new ArrayDeque<>();
    private int free;

    /** The turn has not come in time. */
    public static final class OverloadedException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /**
     * @param most how many at a time
     * @param wait how long one may wait for its turn
     */
    public Turns(Vertx vertx, int most, Duration wait) {
        this.vertx = vertx;
        this.free = most;
        this.wait = wait;
    }

    /**
     * Reads rows when its turn has come. Fails with {@link OverloadedException} if that takes too long.
     *
     * @param rows how many they are, nearly
     * @param read ends when its future does; begins on a worker thread
     * @param sum what is made of them
     */
    public <R, T> Future<T> run(long rows, Callable<Future<R>> read, Function<R, T> sum) {
        if (rows <= FREE_ROWS) {
            return run(read, sum);
        }
        Promise<Void> turn = Promise.promise();
        if (!begins(turn)) {
            vertx.setTimer(wait.toMillis(), late -> turn.tryFail(new OverloadedException()));
        }
        return turn.future().compose(began -> run(read, sum).onComplete(done -> end()));
    }

    private <R, T> Future<T> run(Callable<Future<R>> read, Function<R, T> sum) {
        return vertx.executeBlocking(read, false)
                .compose(rows -> rows)
                .compose(rows -> vertx.executeBlocking(() -> sum.apply(rows), false));
    }

    private synchronized boolean begins(Promise<Void> turn) {
        if (free == 0) {
            waiting.add(turn);
            return false;
        }
        free--;
        turn.complete();
        return true;
    }

    private synchronized void end() {
        // One that has given up cannot be completed any more.
        for (Promise<Void> next = waiting.poll(); next != null; next = waiting.poll()) {
            if (next.tryComplete()) {
                return;
            }
        }
        free++;
    }
}
