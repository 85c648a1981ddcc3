package dev.spendledger.api.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.decision.Subject;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.testing.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DegradedLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(DegradedLog.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-23T12:00:00Z"));
    private final DegradedLog degradedLog = new DegradedLog(clock);

    @BeforeEach
    void listen() {
        lines.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
        logger.setLevel(null); // That of the loggers above it.
    }

    @Test
    void shouldLogOneLineOfEachReasonInAWhileThatTellsHowManyThereWere() {
        // When
        degrade(DegradedReason.REBALANCING, "c-1");
        degrade(DegradedReason.REBALANCING, "c-2");
        degrade(DegradedReason.STALE_OWNER, "c-3");
        clock.advance(DegradedLog.PERIOD.minusMillis(1));
        degrade(DegradedReason.REBALANCING, "c-4");
        clock.advance(Duration.ofMillis(1));
        degrade(DegradedReason.REBALANCING, "c-5");

        // Then
        assertThat(arguments())
                .containsExactly(
                        List.of("rebalancing", 1L, "c-1", "a-1"),
                        List.of("stale_owner", 1L, "c-3", "a-1"),
                        List.of("rebalancing", 3L, "c-5", "a-1"));
    }

    @Test
    void shouldWarnOfEachReasonButOfChatsNotHeardOf() {
        // When
        for (DegradedReason reason : DegradedReason.values()) {
            degrade(reason, "c-1");
        }

        // Then
        assertThat(lines.list)
                .hasSize(DegradedReason.values().length)
                .allSatisfy(line -> assertThat(line.getLevel())
                        .isEqualTo(line.getArgumentArray()[0].equals("unknown_chat") ? Level.INFO : Level.WARN));
    }

    private List<List<Object>> arguments() {
        return lines.list.stream().map(line -> List.of(line.getArgumentArray())).toList();
    }

    private void degrade(DegradedReason reason, String chatId) {
        Subject subject = new Subject(chatId, Optional.empty(), Optional.of("a-1"));
        degradedLog.onDegraded(reason, new Decision.Undecided(subject, reason));
    }
}
