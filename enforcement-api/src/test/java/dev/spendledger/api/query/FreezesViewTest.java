package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.testing.FakeFreezes;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.streams.domain.Freeze;
import dev.spendledger.streams.domain.Ranges;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FreezesViewTest {
    private final FakeFreezes freezes = new FakeFreezes();
    private final FreezesView view = freezes.view();

    @Test
    void shouldTakeTheLastRecordOfEachKey() {
        // When
        freezes.freeze("c-1", "first").freeze("c-2", null).freeze("c-1", "second");
        Optional<Freeze> frozen = view.freeze("c-1");
        freezes.apply("c-1", null).apply("c-3", null);

        // Then
        assertThat(frozen).contains(new Freeze("second", null, FakeFreezes.SET_AT));
        assertThat(List.of(view.freeze("c-1"), view.freeze("c-2"), view.freeze("c-3")))
                .containsExactly(
                        Optional.empty(), Optional.of(new Freeze(null, null, FakeFreezes.SET_AT)), Optional.empty());
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                Arguments.of("no event", new byte[] {1, 2, 3}),
                Arguments.of("an unknown schema", new byte[] {0, 0, 0, 0, 42, 1}),
                Arguments.of("far too large", new byte[Ranges.MAX_RECORD_BYTES]),
                Arguments.of("out of range", bytes(new ChatFreezeSet("c-1", "", null, Instant.EPOCH))),
                Arguments.of("of another chat", bytes(new ChatFreezeSet("c-2", null, null, Instant.EPOCH))),
                Arguments.of("another event", bytes(new AccountLimitSet(5L, null, null, Instant.EPOCH))));
    }

    /** Compaction leaves nothing else of the key, so an instance that starts later sees nothing else. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void shouldTakeABadLastRecordOfAKeyForNone(String what, byte[] bad) {
        // Given
        freezes.freeze("c-1", null).freeze("c-2", null);

        // When
        freezes.apply("c-1", bad);

        // Then
        assertThat(view.freeze("c-1")).isEmpty();
        assertThat(view.freeze("c-2")).isPresent();
    }

    @Test
    void shouldPassOverARecordThatIsNoLastOneOfAnyKey() {
        // Given
        freezes.freeze("c-1", null);

        // When
        freezes.apply(null, new byte[] {1}).apply("", null).apply("c-1\n", new byte[] {1});

        // Then
        assertThat(view.freeze("c-1")).isPresent();
    }

    private static byte[] bytes(SpecificRecord event) {
        return new EventSerde(new BundledRegistry()).serializer().serialize("any", event);
    }
}
