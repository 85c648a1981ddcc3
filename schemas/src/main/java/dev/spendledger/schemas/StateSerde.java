package dev.spendledger.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * What the ledger writes for itself (its stores and {@code ledger-routing}), in Avro single-object encoding: self-describing
 * by the fingerprint of its schema, and in need of no registry. Thread-safe, because HTTP threads read the stores with the
 * very serdes of the stream threads.
 *
 * @param <T> what the code works with
 * @param <R> the generated record that is stored
 */
public final class StateSerde<T, R extends SpecificRecord> implements Serde<T> {
    static {
        // Avro loads no generated class that it has not been told to trust; beside whatever is trusted already.
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().matches("dev\\.spendledger\\.(events|state)")));
    }

    private final BinaryMessageEncoder<R> encoder;
    private final BinaryMessageDecoder<R> decoder;
    private final Function<T, R> toRow;
    private final Function<R, T> fromRow;

    public StateSerde(
            BinaryMessageEncoder<R> encoder,
            BinaryMessageDecoder<R> decoder,
            Function<T, R> toRow,
            Function<R, T> fromRow) {
        this.encoder = encoder;
        this.decoder = decoder;
        this.toRow = toRow;
        this.fromRow = fromRow;
    }

    @Override
    public Serializer<T> serializer() {
        return (topic, value) -> value == null ? null : write(value);
    }

    /** The result is a {@link SerializationException} for bytes that are no such row. */
    @Override
    public Deserializer<T> deserializer() {
        return (topic, bytes) -> bytes == null ? null : read(bytes);
    }

    private byte[] write(T value) {
        try {
            ByteBuffer encoded = encoder.encode(toRow.apply(value));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory cannot fail", e);
        }
    }

    private T read(byte[] bytes) {
        try {
            return fromRow.apply(decoder.decode(bytes));
        } catch (IOException
                | AvroRuntimeException
                | IllegalArgumentException
                | IndexOutOfBoundsException
                | UnsupportedOperationException e) {
            throw new SerializationException("Not a row of the ledger's own: " + e.getMessage(), e);
        }
    }
}
