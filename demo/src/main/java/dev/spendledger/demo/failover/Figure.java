package dev.spendledger.demo.failover;

import java.util.Locale;

/**
 * One figure of a scenario, and what it has to be.
 *
 * @param name what it counts or measures
 * @param value in its unit
 * @param unit empty = it is a number of things
 * @param rule whether and how it is judged
 * @param bound what it is held against; means nothing where it is not judged
 */
record Figure(String name, double value, String unit, Rule rule, double bound) {
    enum Rule {
        SHOWN,
        AT_LEAST,
        AT_MOST
    }

    static Figure shown(String name, double value, String unit) {
        return new Figure(name, value, unit, Rule.SHOWN, 0);
    }

    /** A number of things that should not be. */
    static Figure none(String name, long count) {
        return atMost(name, count, "", 0);
    }

    static Figure atMost(String name, double value, String unit, double bound) {
        return new Figure(name, value, unit, Rule.AT_MOST, bound);
    }

    static Figure atLeast(String name, double value, String unit, double bound) {
        return new Figure(name, value, unit, Rule.AT_LEAST, bound);
    }

    boolean ok() {
        return switch (rule) {
            case SHOWN -> true;
            case AT_LEAST -> value >= bound;
            case AT_MOST -> value <= bound;
        };
    }

    /** The value as people read it. */
    String shownValue() {
        return shown(value);
    }

    /** What it has to be, as people read it; empty = anything. */
    String required() {
        return switch (rule) {
            case SHOWN -> "";
            case AT_LEAST -> "at least " + shown(bound);
            case AT_MOST -> bound == 0 ? "0" : "at most " + shown(bound);
        };
    }

    /** Never so few digits that a value beyond its bound looks like one that keeps to it. */
    private String shown(double number) {
        boolean whole = number == Math.rint(number);
        String text = String.format(Locale.ROOT, whole ? "%,.0f" : "%,.3f", number);
        return unit.isEmpty() ? text : text + " " + unit;
    }
}
