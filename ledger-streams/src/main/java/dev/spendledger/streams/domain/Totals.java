package dev.spendledger.streams.domain;

import java.math.BigInteger;

/**
 * A sum over messages. Exact at any size: an overflowing sum would make the result depend on order.
 *
 * @param sumMicros the sum of the costs in micros
 * @param pricedMessages how many messages have a cost
 * @param unpricedMessages how many have none
 */
public record Totals(BigInteger sumMicros, long pricedMessages, long unpricedMessages) {
    public static final Totals ZERO = new Totals(BigInteger.ZERO, 0, 0);

    private static final BigInteger MAX_SHOWN = BigInteger.valueOf(Ranges.MAX_MICROS);

    /** The totals with one more message of this cost; null = unpriced. */
    public Totals plus(Long costMicros) {
        return costMicros == null
                ? new Totals(sumMicros, pricedMessages, unpricedMessages + 1)
                : new Totals(sumMicros.add(BigInteger.valueOf(costMicros)), pricedMessages + 1, unpricedMessages);
    }

    /** What one message adds. */
    static Totals of(Message message) {
        return ZERO.plus(message.pricing().costMicros());
    }

    /** What takes these away again, when both are put together. */
    Totals negated() {
        return new Totals(sumMicros.negate(), -pricedMessages, -unpricedMessages);
    }

    /** Both together. */
    public Totals and(Totals other) {
        return new Totals(
                sumMicros.add(other.sumMicros),
                pricedMessages + other.pricedMessages,
                unpricedMessages + other.unpricedMessages);
    }

    /** The totals without one message of this cost that they have counted; null = unpriced. */
    public Totals minus(Long costMicros) {
        return costMicros == null
                ? new Totals(sumMicros, pricedMessages, unpricedMessages - 1)
                : new Totals(sumMicros.subtract(BigInteger.valueOf(costMicros)), pricedMessages - 1, unpricedMessages);
    }

    /** The spend as it is shown, in micros: {@link Ranges#MAX_MICROS} if it is {@link #overflow() more}. */
    public long spentMicros() {
        return sumMicros.min(MAX_SHOWN).longValueExact();
    }

    /** Whether the sum is beyond what can be shown. */
    public boolean overflow() {
        return sumMicros.compareTo(MAX_SHOWN) > 0;
    }

    /** All messages, priced or not. */
    public long messages() {
        return pricedMessages + unpricedMessages;
    }
}
