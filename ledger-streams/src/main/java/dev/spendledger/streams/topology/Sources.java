package dev.spendledger.streams.topology;

import dev.spendledger.streams.intake.Source;
import java.time.Instant;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** The records that processors are handed, with where they were read. */
final class Sources {
    private Sources() {}

    /** The record that is being processed, of an input topic. */
    static Source of(ProcessorContext<?, ?> context, Record<byte[], byte[]> record) {
        RecordMetadata metadata = context.recordMetadata().orElseThrow();
        return new Source(
                metadata.topic(),
                metadata.partition(),
                metadata.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                record.key(),
                record.value(),
                record.headers());
    }
}
