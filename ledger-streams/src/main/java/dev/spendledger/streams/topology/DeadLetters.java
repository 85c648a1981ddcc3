package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.Rejection;
import dev.spendledger.streams.intake.Source;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;

/**
 * The form of a dead letter: the record's own key, value and headers, and beside them why it could not be counted. Of a record
 * larger than {@link Ranges#MAX_RECORD_BYTES} it only says where it is; the topics of facts keep it.
 */
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

    private static final List<String> OWN_HEADERS =
            List.of(REASON, DETAIL, ORIGINAL_TIMESTAMP, TOPIC, PARTITION, OFFSET);
    /** A detail may quote what a record says, and a record may say much. */
    private static final int DETAIL_CHARACTERS_MAX = 1_000;

    private DeadLetters() {}

    /**
     * @param timestamp when what made it a dead letter was appended to the log, in milliseconds
     */
    static Record<byte[], byte[]> of(Source source, Rejection rejection, long timestamp) {
        Source copied = copied(source);
        return new Record<>(copied.key(), copied.value(), timestamp, headers(copied, rejection));
    }

    /** What is copied of a record: all of it, or only where it is if a copy would itself be too large to be written. */
    private static Source copied(Source source) {
        return source.bytes() <= Ranges.MAX_RECORD_BYTES
                ? source
                : new Source(
                        source.topic(),
                        source.partition(),
                        source.offset(),
                        source.appendTime(),
                        null,
                        null,
                        new RecordHeaders());
    }

    private static Headers headers(Source source, Rejection rejection) {
        String detail = rejection.detail();
        Headers headers = new RecordHeaders(source.headers());
        set(headers, TOPIC, source.topic());
        set(headers, PARTITION, Integer.toString(source.partition()));
        set(headers, OFFSET, Long.toString(source.offset()));
        set(headers, REASON, rejection.reason().code());
        set(headers, DETAIL, detail.substring(0, Math.min(detail.length(), DETAIL_CHARACTERS_MAX)));
        set(headers, ORIGINAL_TIMESTAMP, Long.toString(source.appendTime().toEpochMilli()));
        return headers;
    }

    /** What a dead letter keeps of a record, and so what a dead letter was made of. */
    public static Fingerprint kept(Source source) {
        Source copied = copied(source);
        Headers headers = new RecordHeaders(copied.headers());
        OWN_HEADERS.forEach(headers::remove);
        return Fingerprint.of(new Source(
                copied.topic(),
                copied.partition(),
                copied.offset(),
                copied.appendTime(),
                copied.key(),
                copied.value(),
                headers));
    }

    private static void set(Headers headers, String name, String value) {
        // A record that was a dead letter before and was sent again still bears the headers of that time.
        headers.remove(name).add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
