package dev.spendledger.api.http;

import dev.spendledger.api.query.Alert;
import dev.spendledger.api.query.AlertHistory;
import dev.spendledger.api.query.AlertPositions;
import io.vertx.core.Handler;
import io.vertx.core.WorkerExecutor;
import java.util.List;

/** Reads for one stream what its client has missed. Not thread-safe: called on the event loop of the stream. */
final class MissedAlerts {
    private final AlertHistory history;
    private final AlertPositions from;
    private final WorkerExecutor threads;
    private final Runnable onClosed;
    /** Opened and read on the threads, one call after the other, and used nowhere else meanwhile. */
    private AlertHistory.Reader reader;

    private boolean reading;
    private boolean closed;

    /**
     * @param threads where Kafka is waited for
     * @param onClosed told once nothing of it is left
     */
    MissedAlerts(AlertHistory history, AlertPositions from, WorkerExecutor threads, Runnable onClosed) {
        this.history = history;
        this.from = from;
        this.threads = threads;
        this.onClosed = onClosed;
    }

    /** Reads on, unless it is at it already; nobody is told of what comes after it was closed. */
    void read(Handler<List<Alert>> onRead, Handler<Throwable> onFailure) {
        if (reading) {
            return;
        }
        reading = true;
        threads.executeBlocking(this::next, false).onComplete(read -> {
            reading = false;
            if (closed) {
                letGo();
            } else if (read.succeeded()) {
                onRead.handle(read.result());
            } else {
                onFailure.handle(read.cause());
            }
        });
    }

    private List<Alert> next() {
        if (reader == null) {
            reader = history.open(from);
        }
        return reader.next();
    }

    /** How far it has read. */
    AlertPositions readTo() {
        return reader.readTo();
    }

    void close() {
        closed = true;
        if (!reading) {
            letGo();
        }
    }

    /** Not on the threads, which may be gone by now; it waits for nothing. */
    private void letGo() {
        if (reader != null) {
            reader.close();
        }
        onClosed.run();
    }
}
