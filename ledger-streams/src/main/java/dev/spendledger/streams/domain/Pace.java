package dev.spendledger.streams.domain;

import java.math.BigInteger;
import java.time.Instant;

/**
 * How fast a tree grows: what was counted in the latest minute in which anything was, and in the one before it. By the times
 * at which the facts were appended to the log, so that a ledger that catches up shows no rush. For people: what comes late
 * for both minutes is in the totals, and not here.
 *
 * @param minute the latest minute, in minutes since 1970-01-01T00:00Z
 * @param micros what was spent in it, in micros; below 0 where prices were lowered
 * @param chats how many chats joined in it
 * @param microsBefore what was spent in the minute before
 * @param chatsBefore how many chats joined in the minute before
 */
public record Pace(long minute, long micros, long chats, long microsBefore, long chatsBefore) {
    /** Nothing was counted yet. */
    public static final Pace NONE = new Pace(0, 0, 0, 0, 0);

    private static final long MINUTE_MS = 60_000;
    private static final BigInteger MOST = BigInteger.valueOf(Ranges.MAX_MICROS);

    /**
     * @param spendMicros per minute
     * @param chats that join, per minute
     */
    public record Rate(long spendMicros, long chats) {}

    /** The pace with more that was counted. */
    public Pace plus(Instant at, BigInteger moreMicros, long moreChats) {
        long then = at.toEpochMilli() / MINUTE_MS;
        if (then == minute) {
            return new Pace(minute, sum(micros, moreMicros), chats + moreChats, microsBefore, chatsBefore);
        }
        if (then == minute + 1) {
            return new Pace(then, sum(0, moreMicros), moreChats, micros, chats);
        }
        if (then > minute) {
            return new Pace(then, sum(0, moreMicros), moreChats, 0, 0);
        }
        return then == minute - 1
                ? new Pace(minute, micros, chats, sum(microsBefore, moreMicros), chatsBefore + moreChats)
                : this;
    }

    private static long sum(long micros, BigInteger more) {
        return BigInteger.valueOf(micros).add(more).min(MOST).max(MOST.negate()).longValueExact();
    }

    /**
     * What a minute that ends now has brought, as good as two counters can say it: the minute that has begun, and of the one
     * before as much as still lies within.
     */
    public Rate at(Instant now) {
        long present = now.toEpochMilli() / MINUTE_MS;
        double stillWithin = 1 - now.toEpochMilli() % MINUTE_MS / (double) MINUTE_MS;
        if (present <= minute) { // A clock may be behind that of the log.
            return rate(micros + microsBefore * stillWithin, chats + chatsBefore * stillWithin);
        }
        return present == minute + 1 ? rate(micros * stillWithin, chats * stillWithin) : rate(0, 0);
    }

    private static Rate rate(double spendMicros, double chats) {
        return new Rate(Math.max(0, Math.round(spendMicros)), Math.max(0, Math.round(chats)));
    }
}
