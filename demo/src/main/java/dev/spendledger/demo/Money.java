package dev.spendledger.demo;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** Amounts as people read them. */
final class Money {
    private static final int MICROS_DIGITS = 6;
    private static final int SHOWN_DIGITS = 2;

    private Money() {}

    /** In units of the currency, such as {@code 4.99}; rounded down, so that a limit looks reached only when it is. */
    static String units(long micros) {
        return BigDecimal.valueOf(micros, MICROS_DIGITS)
                .setScale(SHOWN_DIGITS, RoundingMode.DOWN)
                .toPlainString();
    }

    /** In micros, such as {@code 4,999,999}. */
    static String micros(long micros) {
        return String.format(Locale.ROOT, "%,d", micros);
    }
}
