package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.RecordId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** A record of the dead-letter topic, as a test looks at it. */
record DeadLetter(byte[] key, byte[] value, Headers headers, long timestamp) {

    RejectReason reason() {
        return RejectReason.valueOf(header(DeadLetters.REASON).toUpperCase(Locale.ROOT));
    }

    /** The value of the header of this name; null if there is none, and a failure if there are several. */
    String header(String name) {
        String value = null;
        for (Header header : headers.headers(name)) {
            if (value != null) {
                throw new AssertionError("Several headers " + name + ": " + headers);
            }
            value = new String(header.value(), StandardCharsets.UTF_8);
        }
        return value;
    }

    /** The record that it was. */
    RecordId source() {
        return new RecordId(
                header(DeadLetters.TOPIC),
                Integer.parseInt(header(DeadLetters.PARTITION)),
                Long.parseLong(header(DeadLetters.OFFSET)));
    }

    boolean carries(Fact fact) {
        return Arrays.equals(key, fact.key()) && Arrays.equals(value, fact.value());
    }

    @Override
    public String toString() {
        return header(DeadLetters.REASON) + ": " + header(DeadLetters.DETAIL);
    }
}
