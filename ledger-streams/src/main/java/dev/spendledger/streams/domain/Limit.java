package dev.spendledger.streams.domain;

import java.time.Instant;

/**
 * A limit on the lifetime spend of a tree.
 *
 * @param micros the limit, 1 to {@link Ranges#MAX_MICROS}; null = no limit
 * @param offset where the log has it: of two limits the one with the greater offset is in force, whichever came first;
 *     {@link #AS_CREATED} = the chat was created with it
 * @param setBy who set it, for people; null = not said
 * @param setAt when, by the producer's clock; decides nothing; null = not known
 */
public record Limit(Long micros, long offset, String setBy, Instant setAt) {
    /** Below every offset, so that any limit set later is in force. */
    public static final long AS_CREATED = -1;

    /** A limit of which it is not known who set it. */
    public Limit(Long micros, long offset) {
        this(micros, offset, null, null);
    }

    /** The limit that a root chat was created with, or that it has none. */
    public static Limit asCreated(ChatFact root) {
        return new Limit(root.limitMicros(), AS_CREATED, null, root.createdAt());
    }

    /** Of this and another limit, the one in force. */
    public Limit orLater(Limit other) {
        return other.offset > offset ? other : this;
    }
}
