package dev.spendledger.streams.domain;

/**
 * A limit on the lifetime spend of a tree.
 *
 * @param micros the limit, 1 to {@link Ranges#MAX_MICROS}; null = no limit
 * @param offset where the log has it: of two limits the one with the greater offset is in force, whichever came first;
 *     {@link #AS_CREATED} = the chat was created with it
 */
public record Limit(Long micros, long offset) {
    /** Below every offset, so that any limit set later is in force. */
    public static final long AS_CREATED = -1;

    /** Of this and another limit, the one in force. */
    public Limit orLater(Limit other) {
        return other.offset > offset ? other : this;
    }
}
