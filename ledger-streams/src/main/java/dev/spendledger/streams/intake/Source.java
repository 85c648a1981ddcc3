package dev.spendledger.streams.intake;

import java.time.Instant;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Utils;

/**
 * A record of an input topic as it was read, in its own bytes.
 *
 * @param topic where it was read
 * @param partition where in the topic
 * @param offset where in the partition
 * @param appendTime when it was appended to the log
 * @param key its key; may be null
 * @param value its value; may be null
 * @param headers its headers
 */
public record Source(
        String topic, int partition, long offset, Instant appendTime, byte[] key, byte[] value, Headers headers) {

    public RecordId id() {
        return new RecordId(topic, partition, offset);
    }

    /** A record of the same key and place that says nothing else: a tombstone. */
    public Source asTombstone() {
        return new Source(topic, partition, offset, appendTime, key, null, new RecordHeaders());
    }

    /** The bytes of its key, value and headers. */
    public long bytes() {
        long bytes = length(key) + length(value);
        for (Header header : headers) {
            // Two more for their lengths: a million headers of which nothing is said are not nothing.
            bytes += 2 + Utils.utf8Length(header.key()) + length(header.value());
        }
        return bytes;
    }

    private static long length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
