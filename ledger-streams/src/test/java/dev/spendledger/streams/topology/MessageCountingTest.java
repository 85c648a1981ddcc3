package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A message counts once, in its tree, at the price of its greatest revision. */
class MessageCountingTest {
    @RegisterExtension
    private final LedgerDriver ledger = new LedgerDriver();

    @BeforeEach
    void createATreeOfTwoAndAnotherRoot() {
        ledger.chat("c-1").create();
        ledger.chat("c-2").parent("c-1").create();
        ledger.chat("other").create();
    }

    // ---- where it is sent ----

    @ParameterizedTest(name = "{0}")
    @Tag("P01")
    @Tag("P14")
    @MethodSource("keys")
    void shouldCountAMessageUnderAnyKey(String kind, byte[] key) {
        // When
        ledger.message("m-1", "c-2").keyedBy(key).cost(5).send();

        // Then
        assertThat(ledger.spent("c-1")).isEqualTo(5);
        assertThat(ledger.spent("c-1", "c-2")).isEqualTo(5);
        assertThat(ledger.deadLetters()).isEmpty();
    }

    /** The same message under each key in turn: by several producers, say, of which some know the root. */
    @Test
    @Tag("P01")
    void shouldCountAMessageOnceWhenItIsSentUnderEveryKey() {
        // When
        keys().map(key -> (byte[]) key.get()[1])
                .forEach(
                        key -> ledger.message("m-1", "c-2").keyedBy(key).cost(5).send());

        // Then
        assertThat(ledger.tree("c-1").totals()).isEqualTo(Totals.ZERO.plus(5L));
    }

    static Stream<Arguments> keys() {
        return Stream.of(
                Arguments.of("its chat", Fact.utf8("c-2")),
                Arguments.of("its root", Fact.utf8("c-1")),
                Arguments.of("another tree's root", Fact.utf8("other")),
                Arguments.of("a chat that nobody created", Fact.utf8("nobody")),
                Arguments.of("the message itself", Fact.utf8("m-1")),
                Arguments.of("nothing", new byte[0]),
                Arguments.of("too long for an id", Fact.utf8("x".repeat(100_000))),
                Arguments.of("a control character", Fact.utf8("c-1\n")),
                Arguments.of("bytes that are no text", new byte[] {(byte) 0xff, (byte) 0xfe, 0}));
    }

    @Test
    @Tag("P14")
    void shouldNotTakeARootHintForTheRoot() {
        // When
        ledger.message("m-1", "c-2").rootHint("other").keyedBy("other").cost(5).send();

        // Then
        assertThat(ledger.spent("c-1")).isEqualTo(5);
        assertThat(ledger.spent("other")).isZero();
    }

    // ---- repeats ----

    @Test
    @Tag("P01")
    void shouldCountAMessageOnceWhenItIsSentTwice() {
        // Given
        ledger.message("m-1", "c-2").cost(5).send();
        TreeSpend before = ledger.tree("c-1");

        // When
        ledger.message("m-1", "c-2").cost(5).send();

        // Then
        assertThat(ledger.spent("c-1")).isEqualTo(5);
        assertThat(ledger.tree("c-1")).isEqualTo(before);
    }

    @Test
    @Tag("P01")
    void shouldCountAMessageOnceWhenItsRepeatsHaveWaited() {
        // Given
        ledger.message("m-1", "late").cost(5).send();
        ledger.message("m-1", "late").cost(5).send();

        // When
        ledger.chat("late").parent("c-1").create();

        // Then
        assertThat(ledger.spent("c-1", "late")).isEqualTo(5);
        assertThat(ledger.tree("c-1").totals().pricedMessages()).isEqualTo(1);
    }

    @Test
    @Tag("P01")
    void shouldCountTheSameMessageIdInEachOfTwoTrees() {
        // When
        ledger.message("m-1", "c-2").cost(5).send();
        ledger.message("m-1", "other").cost(7).send();

        // Then
        assertThat(ledger.spent("c-1")).isEqualTo(5);
        assertThat(ledger.spent("other")).isEqualTo(7);
    }

    @Test
    @Tag("P01")
    void shouldCountTheSameMessageIdOnceInTwoChatsOfATree() {
        // When
        ledger.message("m-1", "c-2").cost(5).send();
        ledger.message("m-1", "c-1").cost(5).send();

        // Then
        assertThat(ledger.spent("c-1")).isEqualTo(5);
        assertThat(ledger.spent("c-1", "c-1")).isEqualTo(5);
        assertThat(ledger.spent("c-1", "c-2")).isZero();
    }

    // ---- revisions ----

    /** All facts of one message in every order, a tree for each: the price that all of them must come to. */
    @ParameterizedTest(name = "{0}")
    @Tag("P02")
    @MethodSource("revisions")
    void shouldComeToTheSamePriceInEveryOrder(String what, List<Revision> revisions, Long price) {
        Permutations.of(revisions).forEach(order -> {
            String root = "tree " + order.stream().map(Revision::toString).toList();
            ledger.chat(hashed(root)).create();

            order.forEach(fact -> ledger.message("m-1", hashed(root))
                    .revision(fact.number)
                    .cost(fact.cost)
                    .model(fact.model)
                    .send());

            assertThat(ledger.tree(hashed(root)).totals()).as(root).isEqualTo(Totals.ZERO.plus(price));
        });
    }

    static Stream<Arguments> revisions() {
        return Stream.of(
                Arguments.of("priced up", List.of(Revision.of(0, 5L), Revision.of(1, 9L)), 9L),
                Arguments.of("priced down", List.of(Revision.of(0, 9L), Revision.of(1, 5L)), 5L),
                Arguments.of("void", List.of(Revision.of(0, 9L), Revision.of(1, 0L)), 0L),
                Arguments.of("priced later", List.of(Revision.of(0, null), Revision.of(1, 9L)), 9L),
                Arguments.of("no longer priced", List.of(Revision.of(0, 9L), Revision.of(1, null)), null),
                Arguments.of("a tie is the greater cost's", List.of(Revision.of(3, 5L), Revision.of(3, 9L)), 9L),
                Arguments.of("a tie is not the unpriced's", List.of(Revision.of(3, null), Revision.of(3, 0L)), 0L),
                Arguments.of(
                        "a tie of cost and of model",
                        List.of(new Revision(3, 5L, "x"), new Revision(3, 5L, "y"), new Revision(3, 5L, null)),
                        5L),
                Arguments.of(
                        "five, with gaps, ties and a repeat",
                        List.of(
                                Revision.of(0, 100L),
                                Revision.of(7, 50L),
                                Revision.of(7, 70L),
                                Revision.of(3, null),
                                Revision.of(0, 100L)),
                        70L),
                Arguments.of(
                        "the greatest revision there is",
                        List.of(Revision.of(0, 1L), Revision.of(Integer.MAX_VALUE, 2L), Revision.of(1, 3L)),
                        2L));
    }

    private static String hashed(String root) {
        return "c-" + Integer.toHexString(Objects.hash(root));
    }

    private record Revision(int number, Long cost, String model) {
        static Revision of(int number, Long cost) {
            return new Revision(number, cost, null);
        }
    }

    @Test
    @Tag("P02")
    void shouldKeepTheModelOfTheGreatestPricing() {
        // When
        ledger.message("m-1", "c-2").revision(1).cost(5).model("new").send();
        ledger.message("m-1", "c-2").revision(0).cost(9).model("old").send();

        // Then
        assertThat(ledger.messageOf("c-1", "m-1").pricing().model()).isEqualTo("new");
    }

    @Test
    @Tag("P02")
    @Tag("P03")
    void shouldMoveAMessageToTheChatOfASmallerAttributionThatComesLate() {
        // Given
        ledger.message("m-1", "c-2").revision(1).cost(9).send();

        // When
        ledger.message("m-1", "c-1").revision(0).cost(5).send();

        // Then
        assertThat(ledger.spent("c-1")).isEqualTo(9);
        assertThat(ledger.spent("c-1", "c-1")).isEqualTo(9);
        assertThat(ledger.chatSpend("c-1", "c-2").totals()).isEqualTo(Totals.ZERO);
    }

    @Test
    @Tag("P02")
    void shouldLeaveAMessageWhereItIsWhenALaterRevisionNamesAnotherChat() {
        // Given
        ledger.message("m-1", "c-2").account("a-1").revision(0).cost(5).send();

        // When
        ledger.message("m-1", "c-1").account("a-2").revision(1).cost(9).send();

        // Then
        assertThat(ledger.spent("c-1", "c-2")).isEqualTo(9);
        assertThat(ledger.spent("c-1", "c-1")).isZero();
        assertThat(ledger.messageOf("c-1", "m-1").attribution().accountId()).isEqualTo("a-1");
    }

    @Test
    @Tag("P02")
    void shouldTakeTheEarlierTimeOfTwoFactsOfTheSameRevision() {
        // Given
        Instant earlier = Fact.LONG_AGO.minusSeconds(86_400);
        ledger.message("m-1", "c-2").cost(5).send();

        // When
        ledger.message("m-1", "c-2").cost(5).pricedAt(earlier).send();

        // Then
        assertThat(ledger.messageOf("c-1", "m-1").attribution().pricedAt()).isEqualTo(earlier);
        assertThat(ledger.spent("c-1")).isEqualTo(5);
    }

    /** The account of a message is the one it names, and has nothing to do with its chat's. */
    @Test
    void shouldKeepTheAccountThatAMessageNames() {
        // When
        ledger.message("m-1", "c-2").account("a-9").cost(5).send();

        // Then
        assertThat(ledger.messageOf("c-1", "m-1").attribution().accountId()).isEqualTo("a-9");
        assertThat(ledger.chatSpend("c-1", "c-2").accountId()).isEqualTo("a-1");
    }

    // ---- sums ----

    @Test
    void shouldCountAnUnpricedMessageAndAddNothingForIt() {
        // When
        ledger.message("m-1", "c-2").cost(null).send();
        ledger.message("m-2", "c-2").cost(0).send();

        // Then
        assertThat(ledger.tree("c-1").totals()).isEqualTo(new Totals(BigInteger.ZERO, 1, 1));
        assertThat(ledger.chatSpend("c-1", "c-2").totals()).isEqualTo(new Totals(BigInteger.ZERO, 1, 1));
    }
}
