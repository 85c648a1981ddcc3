package dev.spendledger.api.query;

import java.util.List;

/** Alerts that {@code spend-alerts} has still, and the memory of this instance has not. */
public interface AlertHistory {

    /**
     * Begins to read. May take as long as it takes to connect to Kafka.
     *
     * @param from where, or, if what was there is deleted, from what is left
     */
    Reader open(AlertPositions from);

    /** Reads on. Not for several threads at once; its calls may wait for Kafka. */
    interface Reader extends AutoCloseable {
        /** The next alerts; none if none come soon. */
        List<Alert> next();

        /** How far it has read. */
        AlertPositions readTo();

        /** Waits for nothing. */
        @Override
        void close();
    }
}
