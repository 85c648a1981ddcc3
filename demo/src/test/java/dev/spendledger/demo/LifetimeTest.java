package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class LifetimeTest {
    private final List<String> closed = new ArrayList<>();
    private final Lifetime lifetime = new Lifetime();

    @Test
    void shouldCloseTheNewestFirstAndEachOnce() throws Exception {
        // Given
        lifetime.open(() -> () -> closed.add("first"));
        lifetime.open(() -> () -> closed.add("second"));

        // When
        lifetime.close();
        lifetime.close();

        // Then
        assertThat(closed).containsExactly("second", "first");
    }

    @Test
    void shouldCloseTheOthersWhenOneDoesNotClose() throws Exception {
        // Given
        lifetime.open(() -> () -> closed.add("first"));
        lifetime.open(() -> () -> {
            throw new IOException("does not close");
        });

        // When
        lifetime.close();

        // Then
        assertThat(closed).containsExactly("first");
    }

    @Test
    void shouldOpenNothingOnceClosed() {
        // Given
        lifetime.close();

        // Then
        assertThatThrownBy(() -> lifetime.open(() -> () -> closed.add("late")))
                .isInstanceOf(CancellationException.class);
        assertThat(closed).isEmpty();
    }
}
