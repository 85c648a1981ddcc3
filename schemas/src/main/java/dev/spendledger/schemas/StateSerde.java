package dev.spendledger.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.function.Function;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
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
        AvroTrust.establish();
    }

    private static final byte[] MARKER = {(byte) 0xC3, 0x01};
    private static final int HEADER_BYTES = MARKER.length + Long.BYTES;

    private final byte[] header;
    private final SpecificDatumWriter<R> writer;
    private final Map<Long, SpecificDatumReader<R>> readers;
    private final Function<T, R> toRow;
    private final Function<R, T> fromRow;

    /**
     * @param schema of the generated record
     */
    public StateSerde(Schema schema, Function<T, R> toRow, Function<R, T> fromRow) {
        long fingerprint = SchemaNormalization.parsingFingerprint64(schema);
        this.header = ByteBuffer.allocate(HEADER_BYTES)
                .put(MARKER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(fingerprint)
                .array();
        this.writer = new SpecificDatumWriter<>(schema);
        // A schema that rows were ever written with stays here when a newer version joins it.
        this.readers = Map.of(fingerprint, new SpecificDatumReader<>(schema));
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
        ByteArrayOutputStream out = new ByteArrayOutputStream(128);
        out.writeBytes(header);
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        try {
            writer.write(toRow.apply(value), encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory cannot fail", e);
        }
        return out.toByteArray();
    }

    private T read(byte[] bytes) {
        if (bytes.length < HEADER_BYTES || bytes[0] != MARKER[0] || bytes[1] != MARKER[1]) {
            throw new SerializationException("Not in Avro's single-object encoding.");
        }
        long fingerprint = ByteBuffer.wrap(bytes, MARKER.length, Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        SpecificDatumReader<R> reader = readers.get(fingerprint);
        if (reader == null) {
            throw new SerializationException(
                    String.format("No row of this kind was ever written with the schema %016x.", fingerprint));
        }
        // Not Avro's own BinaryMessageDecoder: it reads from a stream, and allocates whatever length a string promises.
        BinaryDecoder decoder =
                DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null);
        try {
            T value = fromRow.apply(reader.read(null, decoder));
            if (!decoder.isEnd()) {
                throw new SerializationException("Bytes are left over behind the row.");
            }
            return value;
        } catch (IOException
                | AvroRuntimeException
                | IllegalArgumentException
                | IndexOutOfBoundsException
                | NegativeArraySizeException
                | UnsupportedOperationException e) {
            throw new SerializationException("Not a row of the ledger's own: " + e.getMessage(), e);
        }
    }
}
