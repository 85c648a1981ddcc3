package dev.spendledger.streams.domain;

import java.util.Comparator;

/**
 * What a message cost. Of several the greatest stands, so that a higher revision re-prices in either direction. Within a
 * revision cost, model and tokens break the tie, nothing below something: a total order over all that a pricing says, so
 * that two that are equal in it are the same.
 *
 * @param revision which price of the message this is, from 0
 * @param costMicros what it cost; null = unpriced
 * @param model the model called; null = not said
 * @param inputTokens tokens sent; null = not said
 * @param outputTokens tokens received; null = not said
 */
public record Pricing(int revision, Long costMicros, String model, Long inputTokens, Long outputTokens)
        implements Comparable<Pricing> {
    private static final Comparator<Pricing> ORDER = Comparator.comparingInt(Pricing::revision)
            .thenComparing(Pricing::costMicros, nullLowest())
            .thenComparing(Pricing::model, nullLowest())
            .thenComparing(Pricing::inputTokens, nullLowest())
            .thenComparing(Pricing::outputTokens, nullLowest());

    private static <T extends Comparable<T>> Comparator<T> nullLowest() {
        return Comparator.nullsFirst(Comparator.naturalOrder());
    }

    @Override
    public int compareTo(Pricing other) {
        return ORDER.compare(this, other);
    }

    Pricing orGreater(Pricing other) {
        return other.compareTo(this) > 0 ? other : this;
    }
}
