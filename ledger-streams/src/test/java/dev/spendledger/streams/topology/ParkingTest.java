package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Totals;
import java.math.BigInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What waits is kept, counted and let go, however much of it there is. */
@Tag("P04")
class ParkingTest {
    private static final int MOST = ResolveRootProcessor.RELEASED_MAX;

    @RegisterExtension
    private final LedgerDriver ledger = new LedgerDriver();

    // ---- counted ----

    @Test
    void shouldShowTheMessagesThatWaitAtAChat() {
        // When
        ledger.message("m-1", "c-2").cost(5).send();
        ledger.message("m-2", "c-2").cost(null).send();
        ledger.message("m-3", "c-3").cost(7).send();

        // Then
        assertThat(ledger.lineage("c-2").parked()).isEqualTo(new Totals(BigInteger.valueOf(5), 1, 1));
        assertThat(ledger.lineage("c-3").parked()).isEqualTo(new Totals(BigInteger.valueOf(7), 1, 0));
        assertThat(ledger.lineage("c-2").isCreated()).isFalse();
        assertThat(ledger.observer().parkedMessages()).isEqualTo(3);
    }

    @Test
    void shouldCountARepeatAmongWhatWaitsAndNotAmongWhatIsSpent() {
        // Given
        ledger.message("m-1", "c-1").cost(5).send();
        ledger.message("m-1", "c-1").cost(5).send();
        Totals parked = ledger.lineage("c-1").parked();

        // When
        ledger.chat("c-1").create();

        // Then
        assertThat(parked).isEqualTo(new Totals(BigInteger.TEN, 2, 0));
        assertThat(ledger.spent("c-1")).isEqualTo(5);
    }

    @Test
    void shouldHaveNothingParkedOnceTheRootIsKnown() {
        // Given
        ledger.message("m-1", "c-2").cost(5).send();
        ledger.chat("c-2").parent("c-1").create();
        ledger.message("m-2", "c-2").cost(7).send();
        long waiting = ledger.observer().parkedMessages();

        // When
        ledger.chat("c-1").create();

        // Then
        assertThat(waiting).isEqualTo(2);
        assertThat(ledger.observer().parkedMessages()).isZero();
        assertThat(ledger.lineage("c-2").parked()).isEqualTo(Totals.ZERO);
        assertThat(ledger.spent("c-1", "c-2")).isEqualTo(12);
    }

    /** The gauge of a partition that has moved away must not go on showing what waits there. */
    @Test
    void shouldShowNothingParkedWhenItIsClosed() {
        // Given
        LedgerDriver closed = new LedgerDriver();
        closed.message("m-1", "c-2").cost(5).send();

        // When
        closed.close();

        // Then
        assertThat(closed.observer().parkedMessages()).isZero();
    }

    // ---- much of it, around the most that one record lets go, and several times that ----

    @ParameterizedTest
    @ValueSource(ints = {MOST - 1, MOST, MOST + 1, 2 * MOST + 1})
    void shouldLetGoAllChatsThatWaitForTheirParent(int children) {
        // Given
        for (int i = 0; i < children; i++) {
            ledger.chat("child-" + i).parent("c-1").create();
        }

        // When
        ledger.chat("c-1").create();

        // Then
        assertThat(ledger.tree("c-1").chats()).isEqualTo(children + 1);
        assertThat(ledger.state().waitingQuestions()).isZero();
        assertThat(ledger.state().parkedRows()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {MOST - 1, MOST, MOST + 1, 2 * MOST + 1})
    void shouldLetGoAllMessagesThatWaitForARoot(int messages) {
        // Given
        for (int i = 0; i < messages; i++) {
            ledger.message("m-" + i, "c-1").cost(1).send();
        }

        // When
        ledger.chat("c-1").create();

        // Then
        assertThat(ledger.spent("c-1")).isEqualTo(messages);
        assertThat(ledger.lineage("c-1").parked()).isEqualTo(Totals.ZERO);
    }

    @Test
    void shouldLetGoChatsLimitsAndMessagesThatWaitAtOneChat() {
        // Given
        int each = MOST + 1;
        for (int i = 0; i < each; i++) {
            ledger.chat("child-" + i).parent("c-1").create();
            ledger.limit("c-1", i + 1);
            ledger.message("m-" + i, "c-1").cost(1).send();
            ledger.message("m-child-" + i, "child-" + i).cost(1).send();
        }

        // When
        ledger.chat("c-1").create();

        // Then
        assertThat(ledger.spent("c-1")).isEqualTo(2L * each);
        assertThat(ledger.tree("c-1").chats()).isEqualTo(each + 1);
        assertThat(ledger.tree("c-1").limit().micros()).isEqualTo(each);
        assertThat(ledger.state().parkedRows()).isZero();
        assertThat(ledger.state().waitingQuestions()).isZero();
    }

    @Test
    void shouldBuryAllMessagesThatWaitedForARootThatDoesNotExist() {
        // Given
        int messages = 2 * MOST + 1;
        for (int i = 0; i < messages; i++) {
            ledger.message("m-" + i, "c-2").cost(1).send();
        }
        ledger.chat("c-1").parent("c-2").create();

        // When
        ledger.chat("c-2").parent("c-1").create();

        // Then
        assertThat(ledger.deadLetterReasons()).hasSize(messages + 2).containsOnly(RejectReason.NO_ROOT);
        assertThat(ledger.lineage("c-2").parked()).isEqualTo(Totals.ZERO);
        assertThat(ledger.observer().parkedMessages()).isZero();
    }

    @Test
    void shouldRejectAllLimitsThatWaitedForWhatProvesToBeAChild() {
        // Given
        int limits = 2 * MOST + 1;
        for (int i = 0; i < limits; i++) {
            ledger.limit("c-2", i + 1);
        }

        // When
        ledger.chat("c-2").parent("c-1").create();

        // Then
        assertThat(ledger.deadLetterReasons()).hasSize(limits).containsOnly(RejectReason.LIMIT_ON_CHILD);
        assertThat(ledger.state().parkedRows()).isEqualTo(1);
    }
}
