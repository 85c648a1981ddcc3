package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.demo.Overshoot.Part;
import dev.spendledger.demo.Tally.SentMessage;
import java.util.List;
import org.junit.jupiter.api.Test;

class OvershootTest {
    private static final long LIMIT_MICROS = 100;

    @Test
    void shouldBeNothingWhileTheLimitIsNotReached() {
        // Given
        List<SentMessage> messages = List.of(new SentMessage(50, 1, 2), new SentMessage(49, 3, 4));

        // When
        Overshoot overshoot = Overshoot.of(LIMIT_MICROS, messages);

        // Then
        assertThat(overshoot).isEqualTo(new Overshoot(0, Part.NONE, Part.NONE));
        assertThat(overshoot.micros()).isZero();
    }

    @Test
    void shouldBeNothingWhereTheLimitIsReachedExactly() {
        // Given
        List<SentMessage> messages = List.of(new SentMessage(50, 1, 2), new SentMessage(50, 3, 4));

        // When
        Overshoot overshoot = Overshoot.of(LIMIT_MICROS, messages);

        // Then
        assertThat(overshoot.micros()).isZero();
    }

    @Test
    void shouldTellTheMessagesUnderWayFromThoseAllowedLate() {
        // Given
        SentMessage first = new SentMessage(60, 1, 10);
        SentMessage crossing = new SentMessage(45, 2, 20);
        SentMessage underWay = new SentMessage(7, 19, 30);
        SentMessage underWayToo = new SentMessage(8, 3, 40);
        SentMessage late = new SentMessage(9, 21, 35);

        // When
        Overshoot overshoot = Overshoot.of(LIMIT_MICROS, List.of(late, underWay, first, underWayToo, crossing));

        // Then
        assertThat(overshoot).isEqualTo(new Overshoot(5, new Part(2, 15), new Part(1, 9)));
        assertThat(overshoot.micros()).isEqualTo(60 + 45 + 7 + 8 + 9 - LIMIT_MICROS);
    }
}
