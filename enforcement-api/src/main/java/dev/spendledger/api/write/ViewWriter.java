package dev.spendledger.api.write;

import dev.spendledger.api.query.View;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.intake.RecordId;
import io.vertx.core.Future;
import org.apache.avro.specific.SpecificRecord;

/**
 * Writes to the topics of a view. Answers once this instance judges by what was written; it stands whether or not that can
 * be awaited.
 */
final class ViewWriter {
    private final View view;
    private final EventWriter writer;
    private final Polling polling;

    /** @param polling waits for what was written to be in force */
    ViewWriter(View view, EventWriter writer, Polling polling) {
        this.view = view;
        this.writer = writer;
        this.polling = polling;
    }

    /** @param event null = none from now on */
    Future<Void> write(Topic topic, String key, SpecificRecord event) {
        return writer.write(topic, key, event)
                .map(written -> new RecordId(written.topic(), written.partition(), written.offset()))
                .compose(record -> polling.until(read -> read, () -> Future.succeededFuture(view.hasRead(record))))
                .mapEmpty();
    }
}
