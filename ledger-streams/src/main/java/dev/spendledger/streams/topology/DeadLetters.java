package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.Rejection;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;

/** The form of a dead letter: the record's own key, value and headers, and beside them why it could not be counted. */
public final class DeadLetters {
    /** Header: the reason's code, of the closed list in {@link dev.spendledger.streams.domain.RejectReason}. */
    public static final String REASON = "ledger.reason";
    /** Header: the particulars, for people. */
    public static final String DETAIL = "ledger.detail";
    /** Header: when the record was appended to its topic, in milliseconds since 1970-01-01T00:00:00Z. */
    public static final String ORIGINAL_TIMESTAMP = "ledger.original.timestamp";
    /** Header: the topic it was read from; with partition and offset named as Kafka Streams' own dead letters have it. */
    public static final String TOPIC = "__streams.errors.topic";
    /** Header: the partition it was read from. */
    public static final String PARTITION = "__streams.errors.partition";
    /** Header: its offset there. */
    public static final String OFFSET = "__streams.errors.offset";

    private DeadLetters() {}

    /**
     * @param timestamp when what made it a dead letter was appended to the log, in milliseconds
     */
    static Record<byte[], byte[]> of(Source source, Rejection rejection, long timestamp) {
        return new Record<>(source.key(), source.value(), timestamp, headers(source, rejection));
    }

    static Headers headers(Source source, Rejection rejection) {
        Headers headers = new RecordHeaders(source.headers());
        set(headers, TOPIC, source.topic());
        set(headers, PARTITION, Integer.toString(source.partition()));
        set(headers, OFFSET, Long.toString(source.offset()));
        set(headers, REASON, rejection.reason().code());
        set(headers, DETAIL, rejection.detail());
        set(headers, ORIGINAL_TIMESTAMP, Long.toString(source.appendTime().toEpochMilli()));
        return headers;
    }

    private static void set(Headers headers, String name, String value) {
        // A record that was a dead letter before and was sent again still bears the headers of that time.
        headers.remove(name).add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
