package dev.spendledger.streams.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/** The measure of a record: what is found too small here is copied, and may then be too large for any topic. */
class SourceTest {

    @Test
    void shouldMeasureKeyValueAndHeaders() {
        assertThat(source(new byte[3], new byte[4], new RecordHeaders()).bytes())
                .isEqualTo(7);
        assertThat(source(null, null, new RecordHeaders()).bytes()).isZero();
        assertThat(source(null, null, headers("name", new byte[5])).bytes()).isGreaterThanOrEqualTo(9);
    }

    @Test
    void shouldMeasureTheNameOfAHeaderInBytes() {
        assertThat(source(null, null, headers("子".repeat(100), null)).bytes()).isGreaterThanOrEqualTo(300);
    }

    /** They compress to nothing, and are not nothing once they are read. */
    @Test
    void shouldMeasureHeadersOfWhichNothingIsSaid() {
        // Given
        Headers empty = new RecordHeaders();
        for (int i = 0; i < 1_000; i++) {
            empty.add("", null);
        }

        // Then
        assertThat(source(null, null, empty).bytes()).isGreaterThanOrEqualTo(2_000);
    }

    private static Headers headers(String name, byte[] value) {
        return new RecordHeaders().add(name, value);
    }

    private static Source source(byte[] key, byte[] value, Headers headers) {
        return new Source("chats", 0, 0, Instant.EPOCH, key, value, headers);
    }
}
