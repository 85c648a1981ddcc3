package dev.spendledger.streams.topology;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;

/**
 * Keys of two parts: the first with its length before it, so that no pair of ids can look like another pair and the rows of
 * one first part stand side by side, in the order of the second.
 */
public final class StoreKeys {
    private StoreKeys() {}

    /** The key of a pair of ids. */
    public static Bytes of(String first, String second) {
        return of(first, second.getBytes(StandardCharsets.UTF_8));
    }

    /** The key of an account's day; the days of an account stand in the order of time. */
    public static Bytes ofDay(String accountId, LocalDate day) {
        // Bytes are compared without a sign: flipped, days before 1970 stand before those after.
        long ordered = day.toEpochDay() ^ Long.MIN_VALUE;
        return of(accountId, ByteBuffer.allocate(Long.BYTES).putLong(ordered).array());
    }

    /** The account and the day of a key made by {@link #ofDay}. */
    static List<String> accountAndDay(Bytes key) {
        return List.of(first(key), day(key).toString());
    }

    /** The day of a key made by {@link #ofDay}. */
    public static LocalDate day(Bytes key) {
        return LocalDate.ofEpochDay(secondBytes(key).getLong() ^ Long.MIN_VALUE);
    }

    /** What all keys with this first id begin with. */
    public static Bytes prefix(String first) {
        return of(first, new byte[0]);
    }

    /** Both ids of a key made by {@link #of(String, String)}. */
    public static List<String> both(Bytes key) {
        return List.of(first(key), second(key));
    }

    static String first(Bytes key) {
        ByteBuffer buffer = ByteBuffer.wrap(key.get());
        int firstLength = Short.toUnsignedInt(buffer.getShort());
        return StandardCharsets.UTF_8
                .decode(buffer.slice(Short.BYTES, firstLength))
                .toString();
    }

    /** The second id of a key made by {@link #of(String, String)}. */
    public static String second(Bytes key) {
        return StandardCharsets.UTF_8.decode(secondBytes(key)).toString();
    }

    static ByteBuffer secondBytes(Bytes key) {
        ByteBuffer buffer = ByteBuffer.wrap(key.get());
        int firstLength = Short.toUnsignedInt(buffer.getShort());
        return buffer.position(Short.BYTES + firstLength).slice();
    }

    static Bytes of(String first, byte[] second) {
        byte[] bytes = first.getBytes(StandardCharsets.UTF_8);
        return Bytes.wrap(ByteBuffer.allocate(Short.BYTES + bytes.length + second.length)
                .putShort((short) bytes.length)
                .put(bytes)
                .put(second)
                .array());
    }
}
