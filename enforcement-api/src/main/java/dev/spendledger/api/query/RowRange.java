package dev.spendledger.api.query;

import java.util.Arrays;

/**
 * Which rows of a partition of a store, in the order of their keys.
 *
 * @param from the first key, in its bytes; empty = the very first
 * @param next the key behind the last, in its bytes; empty = up to the very last
 * @param most how many at most
 */
public record RowRange(byte[] from, byte[] next, int most) {
    private static final byte[] OPEN = {};

    /** The one row with this key, if it is there. */
    public static RowRange of(byte[] key) {
        return new RowRange(key, successor(key), 1);
    }

    /** All rows from this key on, at most so many. */
    public static RowRange from(byte[] from, int most) {
        return new RowRange(from, OPEN, most);
    }

    /** Whether it is about one key alone, so that there is nothing to go through. */
    boolean isOneKey() {
        return next.length == from.length + 1 && Arrays.equals(next, successor(from));
    }

    /** The least key above this one. */
    public static byte[] successor(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }
}
