package dev.spendledger.schemas;

import org.apache.avro.Schema;

/**
 * Gives every writer schema a number, so that a record carries four bytes instead of its schema. Implementations are
 * thread-safe and answer from memory once they know a schema.
 */
public interface SchemaRegistry {

    /**
     * The id under which records of a schema are written, registering the schema first where that is needed and allowed.
     *
     * @param subject what the schema is registered under: {@code <topic>-value}
     * @throws org.apache.kafka.common.errors.SerializationException if the registry does not take the schema
     */
    int idOf(String subject, Schema schema);

    /**
     * The schema that records with this id were written with.
     *
     * @throws UnknownSchemaException if no schema has this id
     */
    Schema byId(int id);
}
