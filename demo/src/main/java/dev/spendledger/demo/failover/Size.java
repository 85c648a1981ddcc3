package dev.spendledger.demo.failover;

import java.time.Duration;
import java.util.Map;

/**
 * How large a drill is.
 *
 * @param messagesPerSecond what is written to Kafka
 * @param checksPerSecond what is asked over HTTP
 * @param trees how many trees are written to and asked for
 * @param exhausted how many of them have reached their limit before
 * @param reserved how many more trees reach it while an instance is cut off
 * @param kills how often an instance is killed
 * @param warmUp how long the load runs before anything counts
 * @param rest how long the load goes on after each blow, once all is as it was
 * @param outage how long the broker is away
 * @param staleWithin how long after an instance has lost the broker its word is no owner's any more, at the latest
 * @param timed whether what depends on how fast the machine is, is judged too, and not only shown
 * @param someRootless whether some checks name no root: an instance that has just started knows of none, and cannot hold a
 *     chat to its tree while the owner of the chat's partition is gone and no copy of it is there yet
 * @param settings of the instances, where they are not those that the ledger is shipped with
 */
record Size(
        int messagesPerSecond,
        int checksPerSecond,
        int trees,
        int exhausted,
        int reserved,
        int kills,
        Duration warmUp,
        Duration rest,
        Duration outage,
        Duration staleWithin,
        boolean timed,
        boolean someRootless,
        Map<String, String> settings) {

    /**
     * Broker, instances and load share one machine, and every transaction is work for all of them: with the 25 ms that are
     * shipped they would leave little for anything else.
     */
    private static final Map.Entry<String, String> FEWER_COMMITS = Map.entry("LEDGER_COMMIT_INTERVAL_MS", "100");

    /** The session time-out is 6 s, and 5 s of lag are too many. */
    static final Size FULL = new Size(
            2_000,
            2_000,
            1_000,
            200,
            10,
            10,
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            Duration.ofSeconds(7),
            true,
            true,
            Map.ofEntries(FEWER_COMMITS));

    /** For every build: less of everything, and a dead instance is missed after 2 s so that less time is spent waiting. */
    static final Size SHORT = new Size(
            200,
            200,
            100,
            20,
            4,
            2,
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(7),
            false,
            false,
            Map.ofEntries(
                    FEWER_COMMITS,
                    Map.entry("LEDGER_KAFKA_SESSION_TIMEOUT_MS", "2000"),
                    Map.entry("LEDGER_KAFKA_HEARTBEAT_INTERVAL_MS", "500")));

    /** The same with another load, for a machine that carries less or more. */
    Size withLoad(int perSecond) {
        return new Size(
                perSecond,
                perSecond,
                trees,
                exhausted,
                reserved,
                kills,
                warmUp,
                rest,
                outage,
                staleWithin,
                timed,
                someRootless,
                settings);
    }
}
