package dev.spendledger.api.write;

/** Kafka did not acknowledge a write in time. It may have been written; sending the same again is safe. */
public final class KafkaUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    public KafkaUnavailableException(Throwable cause) {
        super("Kafka did not acknowledge the write: " + cause.getMessage(), cause);
    }
}
