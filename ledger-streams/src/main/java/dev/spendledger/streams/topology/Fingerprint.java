package dev.spendledger.streams.topology;

import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.Source;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import org.apache.kafka.common.header.Header;

/**
 * What tells a record from every other one, and is small enough to be kept of each: by it an auditor sees that a copy is one.
 *
 * @param content the SHA-256 of its key, value and headers, in hexadecimal
 */
public record Fingerprint(RecordId id, Instant appendTime, String content) {

    public static Fingerprint of(Source source) {
        MessageDigest digest = sha256();
        update(digest, source.key());
        update(digest, source.value());
        for (Header header : source.headers()) {
            update(digest, header.key().getBytes(StandardCharsets.UTF_8));
            update(digest, header.value());
        }
        return new Fingerprint(source.id(), source.appendTime(), HexFormat.of().formatHex(digest.digest()));
    }

    /** With its length before it, so that no two records run together into the same bytes. */
    private static void update(MessageDigest digest, byte[] bytes) {
        digest.update(ByteBuffer.allocate(Integer.BYTES)
                .putInt(bytes == null ? -1 : bytes.length)
                .flip());
        if (bytes != null) {
            digest.update(bytes);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has it", e);
        }
    }
}
