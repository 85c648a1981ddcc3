package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.intake.RecordId;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Test;

class StoreKeysTest {

    @Property
    void shouldGiveTwoPairsTheSameKeyOnlyIfTheyAreTheSame(
            @ForAll("ids") String a, @ForAll("ids") String b, @ForAll("ids") String c, @ForAll("ids") String d) {
        assertThat(StoreKeys.of(a, b).equals(StoreKeys.of(c, d))).isEqualTo(a.equals(c) && b.equals(d));
    }

    @Property
    void shouldBeginAKeyWithThePrefixOfItsFirstIdOnly(
            @ForAll("ids") String first, @ForAll("ids") String second, @ForAll("ids") String other) {
        Bytes key = StoreKeys.of(first, second);

        assertThat(beginsWith(key, StoreKeys.prefix(first))).isTrue();
        assertThat(beginsWith(key, StoreKeys.prefix(other))).isEqualTo(other.equals(first));
    }

    @Property
    void shouldGiveBackTheSecondId(@ForAll("ids") String first, @ForAll("ids") String second) {
        assertThat(StoreKeys.second(StoreKeys.of(first, second))).isEqualTo(second);
    }

    /** The longest id in UTF-8 needs more than one byte for its length. */
    @Test
    void shouldTakeTheLongestIds() {
        // Given
        String longest = "子".repeat(128);

        // When
        Bytes key = StoreKeys.of(longest, longest);

        // Then
        assertThat(key.get()).hasSize(2 + 384 + 384);
        assertThat(StoreKeys.second(key)).isEqualTo(longest);
    }

    @Provide
    Arbitrary<String> ids() {
        return Arbitraries.oneOf(
                        Arbitraries.of("c", "c-1", "c-10", "c-1c", "-1", "1"),
                        Arbitraries.strings()
                                .withChars("ab\u0001é子")
                                .ofMinLength(1)
                                .ofMaxLength(4),
                        Arbitraries.strings().alpha().ofLength(128))
                .withoutEdgeCases();
    }

    /** Bytewise, because that is the order a store hands its rows out in: limits must come out as they were set. */
    @Test
    void shouldKeepWhatIsParkedInTheOrderOfTheLog() {
        // Given
        List<Long> offsets = List.of(0L, 1L, 255L, 256L, 65_536L, 1L << 40, Long.MAX_VALUE);

        // When
        List<Bytes> keys = offsets.stream()
                .map(offset -> Parked.Kind.LIMIT.key("c-1", new RecordId("t", 0, offset)))
                .toList();

        // Then
        assertThat(keys).isSorted();
    }

    @Test
    void shouldTellTheKindsOfWhatIsParkedApart() {
        Stream.of(Parked.Kind.values()).forEach(kind -> {
            Bytes key = kind.key("c-1", new RecordId("t", 3, 7));

            assertThat(Stream.of(Parked.Kind.values()).filter(other -> other.isKindOf(key)))
                    .containsExactly(kind);
            assertThat(Stream.of(Parked.Kind.values()).filter(other -> beginsWith(key, other.prefix("c-1"))))
                    .containsExactly(kind);
        });
    }

    private static boolean beginsWith(Bytes key, Bytes prefix) {
        return key.get().length >= prefix.get().length
                && Arrays.equals(Arrays.copyOf(key.get(), prefix.get().length), prefix.get());
    }
}
