package dev.spendledger.api.query;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;

/** Lets only so many of some costly thing happen at a time; others wait for their turn, and not for long. Thread-safe. */
public final class Turns {
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
     * Does something on a worker thread when its turn has come. Fails with {@link OverloadedException} if that takes too long.
     *
     * @param task which ends when its future does
     */
    public <T> Future<T> run(Callable<Future<T>> task) {
        Promise<Void> turn = Promise.promise();
        if (!begins(turn)) {
            vertx.setTimer(wait.toMillis(), late -> turn.tryFail(new OverloadedException()));
        }
        return turn.future()
                .compose(began -> vertx.executeBlocking(task, false)
                        .compose(result -> result)
                        .onComplete(done -> end()));
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
