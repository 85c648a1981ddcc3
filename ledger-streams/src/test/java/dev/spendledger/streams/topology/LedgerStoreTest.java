package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.Source;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an auditor sees of a store, whatever bytes lie in it. */
@Tag("P16")
class LedgerStoreTest {

    @ParameterizedTest
    @MethodSource("keysThatAreNone")
    void shouldNameTheBytesOfAKeyThatIsNone(LedgerStore<?, ?> store, byte[] key, String shown) {
        // When
        LedgerStore.Row row = store.row(key, new byte[] {1});

        // Then
        assertThat(row.ids()).containsExactly("", "key " + shown);
        assertThat(row.value()).isSameAs(LedgerStore.UNREADABLE);
    }

    static Stream<Arguments> keysThatAreNone() {
        return Stream.of(
                Arguments.of(LedgerTopology.MESSAGE_REVISIONS, new byte[] {0}, "00"),
                Arguments.of(LedgerTopology.MESSAGE_REVISIONS, new byte[] {0, 9, 'c'}, "000963"),
                Arguments.of(LedgerTopology.SPEND_BY_CHAT, new byte[] {0, 1, 'c'}, "000163"),
                Arguments.of(LedgerTopology.ROOT_BY_CHAT, new byte[] {(byte) 0xFF, 'x'}, "ff78"),
                Arguments.of(LedgerTopology.ROOT_BY_CHAT, new byte[] {0}, "00"),
                Arguments.of(LedgerTopology.PARKED_EVENTS, new byte[] {0, 1, 'c', 7}, "00016307"),
                Arguments.of(
                        LedgerTopology.PARKED_EVENTS,
                        longerBy1(parkedKey()),
                        "00016302000000010000000000000002" + "00"));
    }

    @Test
    void shouldMakeTheSameKeyOfTheIdsOfAKey() {
        assertThat(LedgerTopology.PARKED_EVENTS.key(List.of("c", "MESSAGE", "1", "2")))
                .isEqualTo(parkedKey());
        assertThat(LedgerTopology.ROOT_BY_CHAT.key(List.of("é"))).isEqualTo("é".getBytes(StandardCharsets.UTF_8));
        assertThat(LedgerTopology.SPEND_BY_CHAT.key(List.of("é", "c")))
                .isEqualTo(StoreKeys.of("é", "c").get());
    }

    /** Each of them may be the money that counts once the event is let go. */
    @Test
    void shouldSeeEveryByteOfAParkedEvent() {
        // Given
        Source source = new Source(
                "priced-messages",
                1,
                2,
                Instant.EPOCH,
                new byte[] {1},
                new byte[] {2, 3},
                new RecordHeaders().add("trace", new byte[] {4}));
        byte[] value = StateSerdes.PARKED.serializer().serialize("any", new Parked(source, 5L));
        Object whole = LedgerTopology.PARKED_EVENTS.row(parkedKey(), value).value();

        // When
        List<Object> changed = new ArrayList<>();
        for (int i = 0; i < value.length; i++) {
            byte[] other = value.clone();
            other[i] ^= 1;
            changed.add(LedgerTopology.PARKED_EVENTS.row(parkedKey(), other).value());
        }

        // Then
        assertThat(changed).hasSizeGreaterThan(30).doesNotContain(whole);
    }

    private static byte[] parkedKey() {
        return Parked.Kind.MESSAGE.key("c", new RecordId("", 1, 2)).get();
    }

    private static byte[] longerBy1(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length + 1);
    }
}
