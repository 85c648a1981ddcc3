package dev.spendledger.benchmarks;

import java.util.Locale;

/** What priced messages are keyed by, which decides where they are written and so whether they have to travel. */
enum Keyed {
    /** By their root, which they name: they are folded where they are read. */
    HOME,
    /** By their chat, a child, and they name no root: all but those whose chat happens to lie beside its root are routed. */
    ROUTED;

    /** Its name on the command line and in results. */
    String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isRouted() {
        return this == ROUTED;
    }
}
