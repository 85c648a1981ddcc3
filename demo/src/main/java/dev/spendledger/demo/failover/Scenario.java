package dev.spendledger.demo.failover;

import java.util.Locale;

/** What is done to a ledger of three instances under load. */
enum Scenario {
    /** Instances that own partitions are killed and started again. */
    KILL,
    /** All instances are stopped cleanly and started again, one after the other. */
    ROLLING,
    /** The broker is stopped for a while. */
    BROKER,
    /** One instance loses the broker, and not its peers. */
    CUTOFF;

    /** Its name on the command line and in results. */
    String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
