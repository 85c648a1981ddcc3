package dev.spendledger.schemas;

import org.apache.kafka.common.errors.SerializationException;

/** A record names a schema id that the registry does not know, so nobody can tell what its bytes mean. */
public final class UnknownSchemaException extends SerializationException {
    private static final long serialVersionUID = 1L;

    public UnknownSchemaException(String message) {
        super(message);
    }
}
