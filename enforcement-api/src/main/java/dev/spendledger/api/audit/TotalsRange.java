package dev.spendledger.api.audit;

import dev.spendledger.streams.domain.Totals;

/**
 * What a sum can be of which it is not known which of some changes it has taken in: any of them, in any order.
 *
 * @param least each part with all changes that lower it, and no other
 * @param greatest each part with all changes that raise it, and no other
 */
record TotalsRange(Totals least, Totals greatest) {
    static TotalsRange of(Totals totals) {
        return new TotalsRange(totals, totals);
    }

    /** The range once another change may have been taken in. */
    TotalsRange widenedBy(Totals change) {
        return new TotalsRange(least.and(least(change, Totals.ZERO)), greatest.and(greatest(change, Totals.ZERO)));
    }

    /** Whether there was a change that changes anything. */
    boolean moved() {
        return !least.equals(greatest);
    }

    boolean contains(Totals totals) {
        return least(least, totals).equals(least) && greatest(greatest, totals).equals(greatest);
    }

    private static Totals least(Totals one, Totals other) {
        return new Totals(
                one.sumMicros().min(other.sumMicros()),
                Math.min(one.pricedMessages(), other.pricedMessages()),
                Math.min(one.unpricedMessages(), other.unpricedMessages()));
    }

    private static Totals greatest(Totals one, Totals other) {
        return new Totals(
                one.sumMicros().max(other.sumMicros()),
                Math.max(one.pricedMessages(), other.pricedMessages()),
                Math.max(one.unpricedMessages(), other.unpricedMessages()));
    }
}
