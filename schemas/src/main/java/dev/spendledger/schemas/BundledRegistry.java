package dev.spendledger.schemas;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.kafka.common.errors.SerializationException;

/**
 * The registry without a server: knows the schemas that this jar brings, and no others. An id is
 * {@code 0x80000000 | the low 31 bits of the schema's CRC-64-AVRO fingerprint}: the same in every process, and negative,
 * so that no id of a real registry (which count up from 1) can collide.
 */
public final class BundledRegistry implements SchemaRegistry {
    /** The value of {@code schema.registry.url} that stands for this registry. */
    public static final String URL = "bundled:";

    private final Map<Schema, Integer> ids =
            events().collect(Collectors.toUnmodifiableMap(schema -> schema, BundledRegistry::bundledId));

    // Records written by an older release stay readable.
    private final Map<Integer, Schema> schemas = events().flatMap(
                    schema -> Stream.concat(Stream.of(schema), ReleasedSchemas.of(schema)))
            .collect(Collectors.toUnmodifiableMap(
                    BundledRegistry::bundledId, schema -> schema, (current, same) -> current));

    private static Stream<Schema> events() {
        return Stream.of(Topic.values()).flatMap(topic -> topic.recordSchema().stream());
    }

    private static int bundledId(Schema schema) {
        return 0x80000000 | (int) SchemaNormalization.parsingFingerprint64(schema);
    }

    /** Whether an id is of the kind that this registry gives, and no registry that counts up from 1. */
    static boolean mayHaveGiven(int id) {
        return id < 0;
    }

    @Override
    public int idOf(String subject, Schema schema) {
        Integer id = ids.get(schema);
        if (id == null) {
            throw new SerializationException("The schema " + schema.getFullName() + " for " + subject
                    + " is not bundled; use a schema registry for schemas of your own.");
        }
        return id;
    }

    @Override
    public Schema byId(int id) {
        Schema schema = schemas.get(id);
        if (schema == null) {
            throw new UnknownSchemaException(String.format(
                    "Schema id 0x%08x (%d) is none of the bundled schemas; was the record written with a registry?",
                    id, id));
        }
        return schema;
    }
}
