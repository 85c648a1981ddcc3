package dev.spendledger.schemas;

import org.apache.kafka.common.KafkaException;

/**
 * The schema registry did not answer, or not as a registry does, after a bounded number of attempts. That is no fault of the
 * record that asked for a schema: the same bytes are readable once the registry is back. Hence no
 * {@link org.apache.kafka.common.errors.SerializationException}, which says that bytes are wrong.
 */
public final class RegistryUnavailableException extends KafkaException {
    private static final long serialVersionUID = 1L;

    public RegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
