package dev.spendledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.spendledger.state.Member;
import dev.spendledger.state.RoutedEvent;
import dev.spendledger.state.Routing;
import dev.spendledger.state.SourceRecord;
import dev.spendledger.state.TotalsRow;
import dev.spendledger.state.WaitingChatRow;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StateSerdeTest {
    private final StateSerde<Object, Routing> routing =
            new StateSerde<>(Routing.getClassSchema(), Routing::new, Routing::getBody);
    private final StateSerde<Integer, WaitingChatRow> hops =
            new StateSerde<>(WaitingChatRow.getClassSchema(), WaitingChatRow::new, WaitingChatRow::getHops);

    @Property(tries = 100)
    void shouldReadWhatItWrote(@ForAll int value) {
        byte[] bytes = hops.serializer().serialize("store", value);

        assertThat(hops.deserializer().deserialize("store", bytes)).isEqualTo(value);
    }

    @Test
    void shouldReadEachKindOfAUnion() {
        // Given
        Member member = new Member("c-2", "c-1", "a-1");
        SourceRecord source = new SourceRecord("chats", 1, 2L, Instant.ofEpochMilli(3), null, null, List.of());

        // When
        Object readMember = roundTrip(member);
        Object readSource = roundTrip(new RoutedEvent(source));

        // Then
        assertThat(readMember).isEqualTo(member);
        assertThat(readSource).isEqualTo(new RoutedEvent(source));
    }

    /** HTTP threads read the stores with the very serdes of the stream threads. */
    @Test
    void shouldServeManyThreadsAtOnce() {
        // When
        long right = IntStream.range(0, 20_000)
                .parallel()
                .mapToObj(i -> new Member("c-" + i, "c-1", "a-1"))
                .filter(member -> roundTrip(member).equals(member))
                .count();

        // Then
        assertThat(right).isEqualTo(20_000);
    }

    @Test
    void shouldTakeNullForNullBothWays() {
        // When
        byte[] bytes = hops.serializer().serialize("store", null);
        Integer value = hops.deserializer().deserialize("store", null);

        // Then
        assertThat(bytes).isNull();
        assertThat(value).isNull();
    }

    @Test
    void shouldRejectARowOfAnotherSchema() {
        // Given
        byte[] bytes = hops.serializer().serialize("store", 1);

        // When
        Throwable thrown = catchThrowable(() -> routing.deserializer().deserialize("routing", bytes));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class);
    }

    @Test
    void shouldRejectARowCutOffAtAnyLength() {
        byte[] whole = routing.serializer().serialize("routing", new Member("c-2", "c-1", "a-1"));
        for (int length = 0; length < whole.length; length++) {
            byte[] cutOff = Arrays.copyOf(whole, length);

            assertThatThrownBy(() -> routing.deserializer().deserialize("routing", cutOff))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(SerializationException.class);
        }
    }

    @Property(tries = 500)
    void shouldOnlyEverReadOrRejectWhateverTheBytesAre(@ForAll @Size(max = 40) byte[] bytes) {
        assertReadsOrRejects(bytes);
    }

    @Property(tries = 1_000)
    void shouldOnlyEverReadOrRejectWhateverTheBodyIs(@ForAll @Size(max = 40) byte[] body) {
        assertReadsOrRejects(withHeader(body));
    }

    /** ledger-routing is a topic: whoever may write to it can write this. */
    @ParameterizedTest
    @CsvSource({"1000000", "2147483639", "2147483647", "2147483648", "9223372036854775807", "-1"})
    void shouldRejectAStringThatPromisesMoreThanThereIs(long length) throws Exception {
        // Given
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(body, null);
        encoder.writeIndex(2); // a Member, which begins with a string
        encoder.writeLong(length);
        encoder.flush();
        byte[] bytes = withHeader(body.toByteArray());

        // When
        Throwable thrown = catchThrowable(() -> routing.deserializer().deserialize("routing", bytes));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class);
    }

    @Test
    void shouldRejectARowWithBytesLeftOver() {
        // Given
        byte[] whole = routing.serializer().serialize("routing", new Member("c-2", "c-1", "a-1"));
        byte[] longer = Arrays.copyOf(whole, whole.length + 1);

        // When
        Throwable thrown = catchThrowable(() -> routing.deserializer().deserialize("routing", longer));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class);
    }

    /** A row can be readable as Avro and still make no sense, such as a number without a digit. */
    @Test
    void shouldRejectARowThatItsOwnerCannotMakeSenseOf() {
        // Given
        Function<TotalsRow, BigInteger> sum =
                row -> new BigInteger(row.getSumMicros().array());
        StateSerde<BigInteger, TotalsRow> sums = new StateSerde<>(
                TotalsRow.getClassSchema(), value -> new TotalsRow(ByteBuffer.allocate(0), 0L, 0L), sum);
        byte[] bytes = sums.serializer().serialize("store", BigInteger.ONE);

        // When
        Throwable thrown = catchThrowable(() -> sums.deserializer().deserialize("store", bytes));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class);
    }

    private void assertReadsOrRejects(byte[] bytes) {
        Throwable thrown = catchThrowable(() -> routing.deserializer().deserialize("routing", bytes));
        if (thrown != null) {
            assertThat(thrown).isInstanceOf(SerializationException.class);
        }
    }

    private Object roundTrip(Object body) {
        return routing.deserializer()
                .deserialize("routing", routing.serializer().serialize("routing", body));
    }

    /** Single-object encoding: two magic bytes and the fingerprint of the schema. */
    private byte[] withHeader(byte[] body) {
        byte[] example = routing.serializer().serialize("routing", new Member("c-2", "c-1", "a-1"));
        byte[] bytes = Arrays.copyOf(example, 10 + body.length);
        System.arraycopy(body, 0, bytes, 10, body.length);
        return bytes;
    }
}
