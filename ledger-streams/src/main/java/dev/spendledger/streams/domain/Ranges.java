package dev.spendledger.streams.domain;

import java.time.Duration;

/** The ranges that facts and requests must keep to. */
public final class Ranges {
    /** The greatest limit, and the greatest sum that is shown: 2^53 - 1 micros, because JavaScript reads larger integers wrongly. */
    public static final long MAX_MICROS = (1L << 53) - 1;
    /** The greatest cost of one message, in micros. */
    public static final long MAX_COST_MICROS = 1_000_000_000_000L;
    /** The greatest number of tokens of one message, in either direction. */
    public static final long MAX_TOKENS = MAX_MICROS;
    /** The most characters that an id has. */
    public static final int MAX_ID_LENGTH = 128;
    /** The most characters that the reason of a freeze has. */
    public static final int MAX_REASON_LENGTH = 1_000;
    /** The most parents that may lie between a chat and its root. */
    public static final int MAX_DEPTH = 1_000;
    /** The most groups that an account belongs to. */
    public static final int MAX_GROUPS = 100;
    /** How far a message's {@code priced_at} may lie ahead of the time it was appended to the log. */
    public static final Duration MAX_PRICED_AHEAD = Duration.ofHours(24);

    /** How far a {@code created_at} or {@code set_at} may lie from the time of its append before it is counted as odd. */
    public static final Duration ODD_TIME = Duration.ofHours(24);

    /**
     * The largest record of a fact, in bytes of key, value and headers: what a broker takes by default. A compressed batch
     * can hold larger ones, and those could neither be routed nor copied whole.
     */
    public static final int MAX_RECORD_BYTES = 1_048_588;

    private static final char REPLACEMENT = '\uFFFD';

    private Ranges() {}

    /**
     * Whether a text can be an id: 1 to 128 characters (UTF-16 units), none of them a control character, U+FFFD, or half a
     * surrogate pair.
     */
    public static boolean isId(String text) {
        return isText(text, MAX_ID_LENGTH);
    }

    /** Whether a text can be the reason of a freeze: 1 to 1,000 characters, of which the same is true. */
    public static boolean isReason(String text) {
        return isText(text, MAX_REASON_LENGTH);
    }

    private static boolean isText(String text, int maxLength) {
        if (text.isEmpty() || text.length() > maxLength) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isISOControl(c) || Character.isSurrogate(c) || c == REPLACEMENT) {
                // A lone surrogate has no UTF-8 form, and the replacement character stands for bytes that are no UTF-8:
                // two
                // ids with different ones would meet in one key.
                return false;
            }
        }
        return true;
    }

    /** Whether a number of micros can be a limit: 1 to {@link #MAX_MICROS}. */
    public static boolean isLimit(long micros) {
        return micros >= 1 && micros <= MAX_MICROS;
    }

    /** Whether a number of micros can be the cost of one message: 0 to {@link #MAX_COST_MICROS}. */
    public static boolean isCost(long micros) {
        return micros >= 0 && micros <= MAX_COST_MICROS;
    }

    /** Whether a number can be a count of tokens: 0 to {@link #MAX_TOKENS}. */
    public static boolean isTokens(long tokens) {
        return tokens >= 0 && tokens <= MAX_TOKENS;
    }
}
