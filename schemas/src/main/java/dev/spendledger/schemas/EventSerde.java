package dev.spendledger.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Event records in the Confluent wire format: byte 0, a schema id of four bytes, the Avro body. Reads and writes the same
 * bytes, under the same configuration keys, as the serde of that registry's maker. Thread-safe.
 *
 * <p>Configured by {@value #REGISTRY_URL}: {@value BundledRegistry#URL} is the registry inside this jar, and
 * {@code http://host:port/path} one that is reached over HTTP; several addresses of it with commas. Subjects are
 * {@code <topic>-value}.
 */
public final class EventSerde implements Serde<SpecificRecord> {
    /** Where the schema registry is. */
    public static final String REGISTRY_URL = "schema.registry.url";
    /** Whether schemas that a registry does not have are registered before records are written; {@code true} by default. */
    public static final String AUTO_REGISTER = "auto.register.schemas";
    /** {@code user:password} for HTTP basic authentication at the registry; none by default. */
    public static final String USER_INFO = "basic.auth.user.info";

    static {
        AvroTrust.establish();
    }

    private static final byte MAGIC = 0;
    private static final int HEADER_BYTES = 1 + Integer.BYTES;

    private final Map<Schema, SpecificDatumWriter<SpecificRecord>> writers = new ConcurrentHashMap<>();
    private final Map<Integer, SpecificDatumReader<SpecificRecord>> readers = new ConcurrentHashMap<>();
    private SchemaRegistry registry;

    /** A serde that gets its registry from {@link #configure}. */
    public EventSerde() {}

    /** A serde, ready to use, on the given registry. */
    public EventSerde(SchemaRegistry registry) {
        this.registry = registry;
    }

    /** @throws ConfigException if a value is not what it must be */
    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        registry = SchemaRegistry.of(configs);
    }

    /**
     * Gets from the registry all that reading and writing the events of a topic needs by now, so that neither asks it again.
     *
     * @throws SerializationException if the registry does not take the schema
     * @throws RegistryUnavailableException if it does not answer
     */
    public void prepare(String topic, Schema schema) {
        registry.idOf(subject(topic), schema);
        registry.learn(subject(topic));
    }

    private static String subject(String topic) {
        return topic + "-value";
    }

    @Override
    public Serializer<SpecificRecord> serializer() {
        return (topic, event) -> event == null ? null : write(topic, event);
    }

    /**
     * Reads a record into the generated class of its writer's name. The result is a {@link SerializationException} for
     * bytes that are not such a record, whatever they are.
     */
    @Override
    public Deserializer<SpecificRecord> deserializer() {
        return (topic, bytes) -> bytes == null ? null : read(bytes);
    }

    private byte[] write(String topic, SpecificRecord event) {
        Schema schema = event.getSchema();
        ByteArrayOutputStream out = new ByteArrayOutputStream(128);
        out.write(MAGIC);
        out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .putInt(registry.idOf(subject(topic), schema))
                .array());
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        try {
            writers.computeIfAbsent(schema, SpecificDatumWriter::new).write(event, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory cannot fail", e);
        } catch (AvroRuntimeException | ArithmeticException | ClassCastException | NullPointerException e) {
            throw new SerializationException("Not a valid " + schema.getFullName() + ": " + e.getMessage(), e);
        }
        return out.toByteArray();
    }

    private SpecificRecord read(byte[] bytes) {
        if (bytes.length < HEADER_BYTES || bytes[0] != MAGIC) {
            throw new SerializationException("Not in the wire format: wants byte 0, a schema id of 4 bytes and an Avro"
                    + " body, has " + bytes.length + " bytes"
                    + (bytes.length == 0 ? "." : ", the first of them " + bytes[0] + "."));
        }
        int id = ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
        SpecificDatumReader<SpecificRecord> reader = reader(id);
        BinaryDecoder decoder =
                DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null);
        try {
            SpecificRecord event = reader.read(null, decoder);
            if (!decoder.isEnd()) {
                throw new SerializationException(
                        "Bytes are left over behind the " + event.getSchema().getName() + ".");
            }
            return event;
        } catch (IOException
                | AvroRuntimeException
                | IndexOutOfBoundsException
                | NegativeArraySizeException
                | UnsupportedOperationException e) {
            throw new SerializationException(
                    "Not a valid " + reader.getSchema().getFullName() + ": " + e.getMessage(), e);
        }
    }

    private SpecificDatumReader<SpecificRecord> reader(int id) {
        SpecificDatumReader<SpecificRecord> known = readers.get(id);
        if (known != null) {
            return known;
        }
        // Not within the map, where others would wait for the registry too.
        SpecificDatumReader<SpecificRecord> found = readerFor(id);
        SpecificDatumReader<SpecificRecord> first = readers.putIfAbsent(id, found);
        return first == null ? found : first;
    }

    private SpecificDatumReader<SpecificRecord> readerFor(int id) {
        Schema writerSchema = registry.byId(id);
        Class<?> recordClass = recordClass(writerSchema);
        if (recordClass == null || !SpecificRecord.class.isAssignableFrom(recordClass)) {
            throw new SerializationException(
                    "Schema id " + id + " is a " + writerSchema.getFullName() + ", which is no event of the ledger.");
        }
        return new SpecificDatumReader<>(writerSchema, SpecificData.get().getSchema(recordClass));
    }

    /** Null if there is none, or none that is trusted. */
    private static Class<?> recordClass(Schema writerSchema) {
        try {
            return SpecificData.get().getClass(writerSchema);
        } catch (SecurityException e) {
            return null;
        }
    }
}
