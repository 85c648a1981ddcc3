package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.events.TreeState;
import dev.spendledger.events.TreeStatus;
import dev.spendledger.schemas.Topic;
import dev.spendledger.state.RoutedEvent;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.Source;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which limit is in force, and what is said on tree-status. */
class TreeLimitTest {
    @RegisterExtension
    private final LedgerDriver ledger = new LedgerDriver();

    // ---- which limit ----

    @Test
    void shouldHoldATreeToTheLimitItsRootWasCreatedWith() {
        // When
        ledger.chat("c-1").limit(100).create();

        // Then
        assertThat(ledger.tree("c-1").limit().micros()).isEqualTo(100);
        assertThat(ledger.tree("c-1").limit().offset()).isEqualTo(-1);
    }

    @Test
    @Tag("P09")
    void shouldRaiseALimit() {
        // Given
        ledger.chat("c-1").limit(100).create();
        ledger.message("m-1", "c-1").cost(100).send();

        // When
        ledger.limit("c-1", 101);

        // Then
        assertThat(ledger.tree("c-1").exhausted()).isFalse();
        assertThat(ledger.statusesInWords()).containsExactly("c-1 100 of 100", "c-1 within");
    }

    @Test
    void shouldLowerALimit() {
        // Given
        ledger.chat("c-1").limit(100).create();
        ledger.message("m-1", "c-1").cost(50).send();

        // When
        ledger.limit("c-1", 50);

        // Then
        assertThat(ledger.tree("c-1").exhausted()).isTrue();
        assertThat(ledger.statusesInWords()).containsExactly("c-1 50 of 50");
    }

    @Test
    @Tag("P09")
    void shouldRemoveALimit() {
        // Given
        ledger.chat("c-1").limit(100).create();
        ledger.message("m-1", "c-1").cost(1_000).send();

        // When
        ledger.noLimit("c-1");

        // Then
        assertThat(ledger.tree("c-1").limit().micros()).isNull();
        assertThat(ledger.statusesInWords()).containsExactly("c-1 1000 of 100", "c-1 within");
    }

    @Test
    void shouldSetALimitOnATreeThatWasCreatedWithoutOne() {
        // Given
        ledger.chat("c-1").create();
        ledger.message("m-1", "c-1").cost(5).send();

        // When
        ledger.limit("c-1", 5);

        // Then
        assertThat(ledger.statusesInWords()).containsExactly("c-1 5 of 5");
    }

    @Test
    @Tag("P08")
    void shouldHoldTheLastOfSeveralLimitsInTheLog() {
        // Given
        ledger.chat("c-1").limit(100).create();

        // When
        ledger.limit("c-1", 1);
        ledger.noLimit("c-1");
        ledger.limit("c-1", 7);

        // Then
        assertThat(ledger.tree("c-1").limit().micros()).isEqualTo(7);
        assertThat(ledger.tree("c-1").limit().offset()).isEqualTo(2);
    }

    @Test
    @Tag("P08")
    void shouldHoldTheLastOfSeveralLimitsThatWereSetBeforeTheChatExisted() {
        // Given
        ledger.limit("c-1", 1);
        ledger.noLimit("c-1");
        ledger.limit("c-1", 7);

        // When
        ledger.chat("c-1").limit(100).create();

        // Then
        assertThat(ledger.tree("c-1").limit().micros()).isEqualTo(7);
        assertThat(ledger.state().parkedRows()).isZero();
        assertThat(ledger.deadLetters()).isEmpty();
    }

    @Test
    @Tag("P08")
    void shouldRemoveALimitBeforeTheChatExists() {
        // Given
        ledger.noLimit("c-1");

        // When
        ledger.chat("c-1").limit(100).create();

        // Then
        assertThat(ledger.tree("c-1").limit().micros()).isNull();
    }

    /** One partition drains what is parked at once; between records of a real one, a newer limit can overtake it. */
    @Test
    @Tag("P08")
    void shouldNotLetALimitThatHasWaitedOverrideANewerOne() {
        // Given
        Fact stale = Fact.limit("c-1", 1L);
        ledger.chat("c-1").create();
        ledger.limit("other", 0x10);
        ledger.limit("c-1", 50);

        // When
        ledger.route(
                "c-1",
                new RoutedEvent(StateSerdes.toRecord(new Source(
                        LedgerDriver.NAMES.of(Topic.CHAT_LIMITS),
                        0,
                        0,
                        LedgerDriver.START,
                        stale.key(),
                        stale.value(),
                        new RecordHeaders()))));

        // Then
        assertThat(ledger.tree("c-1").limit().micros()).isEqualTo(50);
        assertThat(ledger.tree("c-1").limit().offset()).isEqualTo(1);
    }

    @ParameterizedTest
    @Tag("P15")
    @CsvSource({"true", "false"})
    void shouldRejectALimitOnAChildWhicheverComesFirst(boolean limitFirst) {
        // Given
        ledger.chat("c-1").limit(100).create();
        Fact limit = Fact.limit("c-2", 5L);

        // When
        if (limitFirst) {
            ledger.accept(limit);
        }
        ledger.chat("c-2").parent("c-1").create();
        if (!limitFirst) {
            ledger.accept(limit);
        }

        // Then
        assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.LIMIT_ON_CHILD);
        assertThat(ledger.deadLetter().carries(limit)).isTrue();
        assertThat(ledger.deadLetter().header(DeadLetters.DETAIL))
                .contains("c-2")
                .contains("c-1");
        assertThat(ledger.tree("c-1").limit().micros()).isEqualTo(100);
    }

    /** A child is a child by its own word, long before its root is known, if it ever is. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void shouldRejectALimitOnAChildWhoseRootIsNotKnown(boolean limitFirst) {
        // When
        if (limitFirst) {
            ledger.limit("c-2", 5);
        }
        ledger.chat("c-2").parent("c-1").create();
        if (!limitFirst) {
            ledger.limit("c-2", 5);
        }

        // Then
        assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.LIMIT_ON_CHILD);
    }

    // ---- tree-status ----

    @Test
    void shouldSayThatATreeIsExhaustedWithAllThatAReaderNeeds() {
        // Given
        ledger.chat("c-1").account("a-7").create();
        ledger.limit("other", 1);
        ledger.limit("c-1", 100);

        // When
        ledger.message("m-1", "c-1").account("a-8").cost(101).send();

        // Then
        assertThat(ledger.statuses()).hasSize(1);
        assertThat(ledger.statuses().get(0).key()).isEqualTo("c-1");
        assertThat(ledger.statuses().get(0).value())
                .isEqualTo(new TreeStatus(
                        "c-1", "a-7", TreeState.EXHAUSTED, 101L, 100L, 1L, LedgerDriver.START.plusMillis(3)));
        assertThat(ledger.statuses().get(0).getRecordTime()).isEqualTo(LedgerDriver.START.plusMillis(3));
    }

    @ParameterizedTest
    @Tag("P09")
    @CsvSource({"99, false", "100, true", "101, true"})
    void shouldBeExhaustedWhenTheSpendHasReachedTheLimit(long cost, boolean exhausted) {
        // Given
        ledger.chat("c-1").limit(100).create();

        // When
        ledger.message("m-1", "c-1").cost(cost).send();

        // Then
        assertThat(ledger.tree("c-1").exhausted()).isEqualTo(exhausted);
        assertThat(ledger.statuses()).hasSize(exhausted ? 1 : 0);
    }

    @Test
    void shouldCountTheSpendOfTheWholeTree() {
        // Given
        ledger.chat("c-1").limit(100).create();
        ledger.chat("c-2").parent("c-1").create();
        ledger.chat("c-3").parent("c-2").create();

        // When
        ledger.message("m-1", "c-1").cost(33).send();
        ledger.message("m-2", "c-2").cost(33).send();
        ledger.message("m-3", "c-3").cost(34).send();

        // Then
        assertThat(ledger.statusesInWords()).containsExactly("c-1 100 of 100");
    }

    @Test
    void shouldSayAgainHowMuchAnExhaustedTreeHasSpent() {
        // Given
        ledger.chat("c-1").limit(100).create();
        ledger.message("m-1", "c-1").cost(100).send();

        // When
        ledger.message("m-2", "c-1").cost(5).send();

        // Then
        assertThat(ledger.statusesInWords()).containsExactly("c-1 100 of 100", "c-1 105 of 100");
    }

    /** A reader compares the offset with those of later limits, so it must be that of the limit in force. */
    @Test
    void shouldSayAgainWhichLimitIsInForce() {
        // Given
        ledger.chat("c-1").limit(100).create();
        ledger.message("m-1", "c-1").cost(100).send();

        // When
        ledger.limit("c-1", 100);

        // Then
        assertThat(ledger.statusesInWords()).containsExactly("c-1 100 of 100", "c-1 100 of 100");
        assertThat(ledger.statuses().get(1).value().getLimitOffset()).isZero();
    }

    @Test
    void shouldSayNothingWhenNothingOfItHasChanged() {
        // Given
        ledger.chat("c-1").limit(100).create();
        ledger.message("m-1", "c-1").cost(100).send();

        // When
        ledger.message("m-1", "c-1").cost(100).send();
        ledger.message("m-2", "c-1").cost(null).send();
        ledger.chat("c-2").parent("c-1").create();

        // Then
        assertThat(ledger.statusesInWords()).containsExactly("c-1 100 of 100");
    }

    @Test
    void shouldSayNothingWhileATreeIsWithinItsLimit() {
        // Given
        ledger.chat("c-1").limit(100).create();

        // When
        ledger.message("m-1", "c-1").cost(99).send();
        ledger.limit("c-1", 200);
        ledger.noLimit("c-1");

        // Then
        assertThat(ledger.statuses()).isEmpty();
    }

    @Test
    void shouldSayThatATreeIsWithinAgainWhenAMessageIsVoid() {
        // Given
        ledger.chat("c-1").limit(100).create();
        ledger.message("m-1", "c-1").cost(100).send();

        // When
        ledger.message("m-1", "c-1").revision(1).cost(0).send();

        // Then
        assertThat(ledger.statusesInWords()).containsExactly("c-1 100 of 100", "c-1 within");
    }

    @Test
    void shouldBeExhaustedByWhatHasWaited() {
        // Given
        ledger.message("m-1", "c-2").cost(100).send();
        ledger.limit("c-1", 100);
        ledger.chat("c-2").parent("c-1").create();

        // When
        ledger.chat("c-1").create();

        // Then
        assertThat(ledger.statusesInWords()).containsExactly("c-1 100 of 100");
    }
}
