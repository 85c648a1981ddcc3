package dev.spendledger.api.metrics;

import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.query.DegradedReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Logs degraded answers, of each reason one line at most in {@link #PERIOD}: each line has an example and says how many there
 * were since the one before. The metric counts all of them; a chat that nobody has heard of yet is everyday, and is not
 * warned of. Thread-safe.
 */
final class DegradedLog {
    static final Duration PERIOD = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(DegradedLog.class);

    private final Clock clock;
    private final Map<DegradedReason, Tally> tallies = new EnumMap<>(DegradedReason.class);

    DegradedLog(Clock clock) {
        this.clock = clock;
        for (DegradedReason reason : DegradedReason.values()) {
            tallies.put(reason, new Tally());
        }
    }

    private static final class Tally {
        private Instant nextLineAt = Instant.MIN;
        private long sinceLastLine;

        /** How many to tell of; 0 = not now. */
        synchronized long toTell(Instant now) {
            sinceLastLine++;
            if (now.isBefore(nextLineAt)) {
                return 0;
            }
            long count = sinceLastLine;
            nextLineAt = now.plus(PERIOD);
            sinceLastLine = 0;
            return count;
        }
    }

    /** A check was answered without a fresh reading. */
    void onDegraded(DegradedReason reason, Decision decision) {
        long count = tallies.get(reason).toTell(clock.instant());
        if (count > 0) {
            log.atLevel(reason == DegradedReason.UNKNOWN_CHAT ? Level.INFO : Level.WARN)
                    .log(
                            "Checks are answered without a fresh reading. reason={} checks={} last_chat_id={} last_account_id={}",
                            reason.code(),
                            count,
                            decision.subject().chatId(),
                            decision.subject().accountId().orElse(null));
        }
    }
}
