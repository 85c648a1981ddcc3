package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a partition sends to itself comes back, and changes nothing. */
class CanaryTest {
    @RegisterExtension
    private final LedgerDriver ledger = new LedgerDriver();

    @Test
    void shouldHearOfItsOwnCanaryInEveryPeriodAndKeepNothingOfIt() {
        // Given
        ledger.chat("c-1").create();
        LedgerState before = ledger.state();

        // When
        ledger.passTime(ResolveRootProcessor.CANARY_PERIOD);
        Map<Integer, Instant> first = Map.copyOf(ledger.observer().canaries);
        ledger.passTime(ResolveRootProcessor.CANARY_PERIOD);

        // Then
        assertThat(first).containsOnlyKeys(0);
        assertThat(ledger.observer().canaries)
                .containsExactly(Map.entry(0, first.get(0).plus(ResolveRootProcessor.CANARY_PERIOD)));
        assertThat(ledger.state()).isEqualTo(before);
        assertThat(ledger.deadLetters()).isEmpty();
    }

    @Test
    void shouldSendItToItsOwnPartitionOnly() {
        RecordingObserver observer = new RecordingObserver();
        try (LedgerDriver partitionZero = new LedgerDriver(5, observer)) {
            // When
            partitionZero.passTime(ResolveRootProcessor.CANARY_PERIOD);

            // Then
            assertThat(observer.misplacedRecords).isZero();
            assertThat(observer.canaries)
                    .containsExactly(Map.entry(0, LedgerDriver.START.plus(ResolveRootProcessor.CANARY_PERIOD)));
        }
    }

    @Test
    void shouldTellFromWhenToWhenAPartitionIsOpen() {
        RecordingObserver observer = new RecordingObserver();
        try (LedgerDriver partitionZero = new LedgerDriver(5, observer)) {
            assertThat(observer.open).containsExactly("account-spend/0", "spend-by-root/0");
        }
        assertThat(observer.open).isEmpty();
    }
}
