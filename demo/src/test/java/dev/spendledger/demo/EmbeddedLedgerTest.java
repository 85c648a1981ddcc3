package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.spendledger.api.runtime.LedgerInstance.StartException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EmbeddedLedgerTest {

    @Test
    void shouldSayInOneLineThatTheLedgerDidNotGetReady() {
        // When
        Throwable thrown = catchThrowable(() -> EmbeddedLedger.awaitReady(() -> false, Duration.ofMillis(1)));

        // Then a command prints the message of a StartException, and no stack trace
        assertThat(thrown).isInstanceOf(StartException.class).hasMessageContainingAll("not ready within", "again");
        assertThat(thrown.getMessage()).hasLineCount(1);
    }
}
