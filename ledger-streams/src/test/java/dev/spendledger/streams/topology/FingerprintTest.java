package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Rejection;
import dev.spendledger.streams.intake.Source;
import java.time.Instant;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By what an auditor sees that a dead letter is a copy of its record. */
@Tag("P16")
class FingerprintTest {

    @ParameterizedTest
    @ValueSource(ints = {3, Ranges.MAX_RECORD_BYTES + 1})
    void shouldBeThatOfTheRecordWhateverADeadLetterAddsToIt(int valueBytes) {
        // Given
        Headers headers = new RecordHeaders()
                .add("trace", new byte[] {1})
                .add(DeadLetters.REASON, new byte[] {2}) // From when it was a dead letter before.
                .add("ledger.replayed.from", null);
        Source source = source(new byte[] {1}, new byte[valueBytes], headers);

        // When
        Record<byte[], byte[]> letter = DeadLetters.of(source, new Rejection(RejectReason.NO_ROOT, "any"), 5);

        // Then
        assertThat(DeadLetters.kept(source(letter.key(), letter.value(), letter.headers())))
                .isEqualTo(DeadLetters.kept(source));
    }

    @Test
    void shouldTellRecordsApartWhoseBytesRunTogether() {
        // When
        Fingerprint one = Fingerprint.of(source(new byte[] {1, 2}, new byte[] {3}, new RecordHeaders()));
        Fingerprint other = Fingerprint.of(source(new byte[] {1}, new byte[] {2, 3}, new RecordHeaders()));
        Fingerprint none = Fingerprint.of(source(null, new byte[] {1, 2, 3}, new RecordHeaders()));

        // Then
        assertThat(one.content()).isNotEqualTo(other.content());
        assertThat(none.content()).isNotIn(one.content(), other.content());
    }

    private static Source source(byte[] key, byte[] value, Headers headers) {
        return new Source("chats", 1, 2, Instant.EPOCH, key, value, headers);
    }
}
