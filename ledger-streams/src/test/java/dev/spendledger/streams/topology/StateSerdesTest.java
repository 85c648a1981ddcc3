package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.Attribution;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.Models;
import dev.spendledger.streams.domain.Pace;
import dev.spendledger.streams.domain.Pricing;
import dev.spendledger.streams.domain.Root;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.intake.Source;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes into a store comes out of it, every kind and every null of it. */
class StateSerdesTest {
    private static final Instant AT = Instant.ofEpochMilli(1_795_000_000_123L);
    private static final Totals TOTALS = new Totals(new BigInteger("99999999999999999999999999"), 3, 4);
    private static final ChatFact CHAT = new ChatFact("c-2", "c-1", "a-1", null, AT);

    @ParameterizedTest(name = "{1}")
    @MethodSource("values")
    <T> void shouldReadWhatItWrote(Serde<T> serde, T value) {
        // When
        T read = serde.deserializer().deserialize("store", serde.serializer().serialize("store", value));

        // Then
        assertThat(read).isEqualTo(value);
    }

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of(StateSerdes.TREE_SPEND, new TreeSpend("a-1", TOTALS, new Limit(5L, 7), 2)),
                Arguments.of(StateSerdes.TREE_SPEND, new TreeSpend("a-1", Totals.ZERO, new Limit(null, -1), 1)),
                Arguments.of(
                        StateSerdes.TREE_SPEND,
                        new TreeSpend(
                                "a-1", TOTALS, new Limit(5L, 7, "ops", AT), 2, new Pace(29_000_000, -5, 1, 7, 2), 80)),
                Arguments.of(
                        StateSerdes.CHAT_SPEND,
                        new ChatSpend(
                                "c-1",
                                "a-1",
                                TOTALS,
                                new Models(List.of(
                                        new Models.Part(null, Totals.ZERO.plus(null), 0, 0),
                                        new Models.Part("model-x", TOTALS, Long.MAX_VALUE, Long.MIN_VALUE))))),
                Arguments.of(StateSerdes.CHAT_SPEND, ChatSpend.joined(null, "a-1")),
                Arguments.of(
                        StateSerdes.MESSAGE,
                        new Message(
                                new Attribution(1, AT, "c-1", "a-1"),
                                new Pricing(Integer.MAX_VALUE, 5L, "model-x", 1L, 2L))),
                Arguments.of(
                        StateSerdes.MESSAGE,
                        new Message(
                                new Attribution(0, Instant.ofEpochMilli(Long.MIN_VALUE), "c-1", "a-1"),
                                new Pricing(0, null, null, null, null))),
                Arguments.of(StateSerdes.LINEAGE, Lineage.HEARD_OF.withParked(TOTALS)),
                Arguments.of(StateSerdes.LINEAGE, Lineage.HEARD_OF.withCreated(CHAT)),
                Arguments.of(
                        StateSerdes.LINEAGE,
                        Lineage.HEARD_OF.withCreated(CHAT).withRoot(new Root.Rooted("c-0", 1_000))),
                Arguments.of(
                        StateSerdes.LINEAGE,
                        Lineage.HEARD_OF.withCreated(CHAT).withRoot(new Root.Unrooted("a circle"))),
                Arguments.of(
                        StateSerdes.LINEAGE, Lineage.HEARD_OF.withCreated(new ChatFact("c-1", null, "a-1", 100L, AT))),
                Arguments.of(StateSerdes.WAITING_HOPS, 1_000));
    }

    @Test
    void shouldKeepAParkedRecordAsItCame() {
        // Given
        RecordHeaders headers = new RecordHeaders();
        headers.add("twice", new byte[] {1}).add("twice", new byte[] {2}).add("empty", new byte[0]);
        headers.add("null", null);
        Source source = new Source("chats", 3, 1L << 40, AT, new byte[] {(byte) 0xff}, new byte[] {0, 1}, headers);

        // When
        Parked read = roundTrip(new Parked(source, 5L));

        // Then
        assertThat(read).usingRecursiveComparison().isEqualTo(new Parked(source, 5L));
        assertThat(read.source().headers()).isEqualTo(headers);
    }

    @Test
    void shouldKeepAParkedRecordWithoutKeyValueOrHeaders() {
        // Given
        Source nothing = new Source("chats", 0, 0, AT, null, null, new RecordHeaders());

        // When
        Parked read = roundTrip(Parked.other(nothing));

        // Then
        assertThat(read).usingRecursiveComparison().isEqualTo(Parked.other(nothing));
    }

    private static Parked roundTrip(Parked parked) {
        return StateSerdes.PARKED
                .deserializer()
                .deserialize("store", StateSerdes.PARKED.serializer().serialize("store", parked));
    }
}
