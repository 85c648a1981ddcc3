package dev.spendledger.api.write;

import dev.spendledger.api.query.View;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.intake.RecordId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;

/**
 * Writes to the topics of a view. Answers once this instance judges by what was written; it stands whether or not that can
 * be awaited.
 */
final class ViewWriter {
    private static final long POLL_MS = 5;

    private final Vertx vertx;
    private final View view;
    private final EventWriter writer;
    private final Duration deadline;

    /**
     * @param deadline how long to wait for what was written to be in force
     */
    ViewWriter(Vertx vertx, View view, EventWriter writer, Duration deadline) {
        this.vertx = vertx;
        this.view = view;
        this.writer = writer;
        this.deadline = deadline;
    }

    /** @param event null = none from now on */
    Future<Void> write(Topic topic, String key, SpecificRecord event) {
        return writer.write(topic, key, event)
                .compose(written -> awaitRead(
                        new RecordId(written.topic(), written.partition(), written.offset()),
                        System.nanoTime() + deadline.toNanos()));
    }

    private Future<Void> awaitRead(RecordId record, long endNanos) {
        return view.hasRead(record) || System.nanoTime() - endNanos >= 0
                ? Future.succeededFuture()
                : vertx.timer(POLL_MS, TimeUnit.MILLISECONDS).compose(waited -> awaitRead(record, endNanos));
    }
}
