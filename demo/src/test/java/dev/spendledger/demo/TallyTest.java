package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.demo.LedgerClient.Verdict;
import dev.spendledger.demo.Tally.Agents;
import dev.spendledger.demo.Tally.Checks;
import dev.spendledger.demo.Tally.Rejection;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final Verdict ALLOWED = new Verdict.Allowed();
    private static final Verdict.Rejected REJECTED =
            new Verdict.Rejected(409, "first", "chat_lifetime", Optional.empty());

    private final Tally tally = new Tally();

    @Test
    void shouldCountTheChecksThatWereAskedAfterTheFirstRejectionAndStillAllowed() {
        // When
        tally.onCheck(ALLOWED, 1, 2);
        tally.onCheck(REJECTED, 3, 10);
        tally.onCheck(ALLOWED, 9, 11); // Was under way already.
        tally.onCheck(ALLOWED, 11, 12);
        tally.onCheck(new Verdict.AskAgain(), 13, 14);

        // Then
        assertThat(tally.checks()).isEqualTo(new Checks(3, 1, 1));
    }

    @Test
    void shouldKeepTheFirstRejection() {
        // When
        tally.onCheck(REJECTED, 1, 2);
        tally.onCheck(new Verdict.Rejected(409, "second", "chat_lifetime", Optional.empty()), 3, 4);

        // Then
        assertThat(tally.firstRejection()).contains(new Rejection(REJECTED, 2));
    }

    @Test
    void shouldCountTheAgentsByHowTheyEnded() {
        // When
        tally.onAgentEnd(Tally.AgentEnd.FINISHED);
        tally.onAgentEnd(Tally.AgentEnd.STOPPED_AT_WORK);
        tally.onAgentEnd(Tally.AgentEnd.STOPPED_AT_ONCE);
        tally.onAgentEnd(Tally.AgentEnd.STOPPED_AT_ONCE);

        // Then
        assertThat(tally.agents()).isEqualTo(new Agents(1, 1, 2));
        assertThat(tally.agents().all()).isEqualTo(4);
    }

    @Test
    void shouldCountTroublesOfAKindTogether() {
        // When
        tally.onTrouble("check: 500");
        tally.onTrouble("check: degraded, catching_up");
        tally.onTrouble("check: 500");

        // Then
        assertThat(tally.troubles()).isEqualTo(Map.of("check: 500", 2, "check: degraded, catching_up", 1));
    }
}
