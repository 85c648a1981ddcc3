package dev.spendledger.benchmarks;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** What {@code ledger bench fold} folds, and with which settings. */
enum FoldVariant {
    HOME_SPREAD_1_THREAD(Keyed.HOME, Shape.SPREAD, 1, Guarantee.AS_SHIPPED),
    HOME_SPREAD_2_THREADS(Keyed.HOME, Shape.SPREAD, 2, Guarantee.AS_SHIPPED),
    HOME_SPREAD_2_THREADS_AT_LEAST_ONCE(Keyed.HOME, Shape.SPREAD, 2, Guarantee.AT_LEAST_ONCE),
    HOME_HOT_1_THREAD(Keyed.HOME, Shape.HOT, 1, Guarantee.AS_SHIPPED),
    HOME_HOT_2_THREADS(Keyed.HOME, Shape.HOT, 2, Guarantee.AS_SHIPPED),
    ROUTED_SPREAD_1_THREAD(Keyed.ROUTED, Shape.SPREAD, 1, Guarantee.AS_SHIPPED),
    ROUTED_SPREAD_2_THREADS(Keyed.ROUTED, Shape.SPREAD, 2, Guarantee.AS_SHIPPED),
    ROUTED_SPREAD_2_THREADS_AT_LEAST_ONCE(Keyed.ROUTED, Shape.SPREAD, 2, Guarantee.AT_LEAST_ONCE),
    ROUTED_HOT_1_THREAD(Keyed.ROUTED, Shape.HOT, 1, Guarantee.AS_SHIPPED),
    ROUTED_HOT_2_THREADS(Keyed.ROUTED, Shape.HOT, 2, Guarantee.AS_SHIPPED);

    private final Keyed keyed;
    private final Shape shape;
    private final int threads;
    private final Guarantee guarantee;

    private enum Shape {
        SPREAD,
        /** All events are of one tree, and so of one partition and one account. */
        HOT
    }

    private enum Guarantee {
        AS_SHIPPED,
        /** Wrong after a crash, and here for what exactly-once costs. */
        AT_LEAST_ONCE
    }

    FoldVariant(Keyed keyed, Shape shape, int threads, Guarantee guarantee) {
        this.keyed = keyed;
        this.shape = shape;
        this.threads = threads;
        this.guarantee = guarantee;
    }

    /** Its name on the command line. */
    String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What its figures begin with. */
    String figure() {
        return name().toLowerCase(Locale.ROOT);
    }

    Keyed keyed() {
        return keyed;
    }

    /**
     * How many trees its events are of.
     *
     * @param spread how many there are to be where they are spread
     */
    int trees(int spread) {
        return shape == Shape.HOT ? 1 : spread;
    }

    /** What differs from the shipped settings, as environment variables. */
    Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("LEDGER_KAFKA_NUM_STREAM_THREADS", "" + threads);
        if (guarantee == Guarantee.AT_LEAST_ONCE) {
            settings.put("LEDGER_KAFKA_PROCESSING_GUARANTEE", "at_least_once");
        }
        return settings;
    }
}
