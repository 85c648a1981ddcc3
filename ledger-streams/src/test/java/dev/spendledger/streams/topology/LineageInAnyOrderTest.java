package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.state.Member;
import dev.spendledger.state.RootAnswer;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.RejectReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chats find their root, and messages their tree, in whatever order they come. */
class LineageInAnyOrderTest {
    @RegisterExtension
    private final LedgerDriver ledger = new LedgerDriver();

    @Test
    void shouldBeARootWithoutAParent() {
        // When
        ledger.chat("c-1").account("a-7").limit(100).create();

        // Then
        assertThat(ledger.state().rootOf("c-1")).isEqualTo("c-1 at depth 0");
        assertThat(ledger.tree("c-1").accountId()).isEqualTo("a-7");
        assertThat(ledger.tree("c-1").limit().micros()).isEqualTo(100);
        assertThat(ledger.chatSpend("c-1", "c-1").parentChatId()).isNull();
    }

    @Test
    void shouldJoinATreeWithItsParentAndItsAccount() {
        // Given
        ledger.chat("c-1").account("a-1").create();

        // When
        ledger.chat("c-2").parent("c-1").account("a-2").create();

        // Then
        assertThat(ledger.chatSpend("c-1", "c-2").parentChatId()).isEqualTo("c-1");
        assertThat(ledger.chatSpend("c-1", "c-2").accountId()).isEqualTo("a-2");
        assertThat(ledger.tree("c-1").accountId()).isEqualTo("a-1");
        assertThat(ledger.tree("c-1").chats()).isEqualTo(2);
    }

    @Test
    void shouldCountAChildThatIsCreatedBeforeItsParent() {
        // Given
        ledger.chat("c-2").parent("c-1").create();
        ledger.message("m-1", "c-2").cost(5).send();

        // When
        ledger.chat("c-1").create();

        // Then
        assertThat(ledger.spent("c-1")).isEqualTo(5);
        assertThat(ledger.spent("c-1", "c-2")).isEqualTo(5);
    }

    /** Of root, child and grandchild with a message each: every order of creation, with the messages first and last. */
    @ParameterizedTest
    @Tag("P05")
    @MethodSource("ordersOfThree")
    void shouldCountAGrandchildInEveryOrderOfCreation(List<Integer> order, boolean messagesFirst) {
        // Given
        List<Fact> chats = List.of(
                Fact.chat("c-1").fact(),
                Fact.chat("c-2").parent("c-1").fact(),
                Fact.chat("c-3").parent("c-2").fact());
        List<Fact> messages = List.of(
                Fact.message("m-1", "c-1").cost(1).fact(),
                Fact.message("m-2", "c-2").cost(20).fact(),
                Fact.message("m-3", "c-3").cost(300).fact());

        // When
        if (messagesFirst) {
            messages.forEach(ledger::accept);
        }
        order.forEach(chat -> ledger.accept(chats.get(chat)));
        if (!messagesFirst) {
            messages.forEach(ledger::accept);
        }

        // Then
        assertThat(ledger.spent("c-1")).isEqualTo(321);
        assertThat(ledger.spent("c-1", "c-1")).isEqualTo(1);
        assertThat(ledger.spent("c-1", "c-2")).isEqualTo(20);
        assertThat(ledger.spent("c-1", "c-3")).isEqualTo(300);
        assertThat(ledger.state().rootOf("c-3")).isEqualTo("c-1 at depth 2");
        assertThat(ledger.state().waitingQuestions()).isZero();
        assertThat(ledger.state().parkedRows()).isZero();
        assertThat(ledger.deadLetters()).isEmpty();
    }

    static Stream<Arguments> ordersOfThree() {
        return Permutations.of(List.of(0, 1, 2))
                .flatMap(order -> Stream.of(true, false).map(first -> Arguments.of(order, first)));
    }

    @Test
    void shouldWaitForAParentThatIsNotCreated() {
        // When
        ledger.chat("c-2").parent("c-1").create();
        ledger.chat("c-3").parent("c-2").create();
        ledger.message("m-1", "c-3").cost(5).send();

        // Then
        assertThat(ledger.state().rootOf("c-3")).isEqualTo("not known yet");
        assertThat(ledger.tree("c-1")).isNull();
        assertThat(ledger.state().waitingQuestions()).isEqualTo(2);
        assertThat(ledger.lineage("c-3").parked().spentMicros()).isEqualTo(5);
    }

    @ParameterizedTest
    @Tag("P05")
    @ValueSource(strings = {"creation order", "reverse", "shuffled"})
    void shouldFindTheRootOfAChainOfDepth50(String order) {
        // Given
        List<Fact> facts = new ArrayList<>();
        facts.add(Fact.chat("c-0").fact());
        for (int depth = 1; depth <= 50; depth++) {
            facts.add(Fact.chat("c-" + depth).parent("c-" + (depth - 1)).fact());
            facts.add(Fact.message("m-" + depth, "c-" + depth).cost(depth).fact());
        }
        switch (order) {
            case "reverse" -> Collections.reverse(facts);
            case "shuffled" -> Collections.shuffle(facts, new Random(50));
            default -> {
                // As they were created.
            }
        }

        // When
        facts.forEach(ledger::accept);

        // Then
        assertThat(ledger.spent("c-0")).isEqualTo(50 * 51 / 2);
        assertThat(ledger.tree("c-0").chats()).isEqualTo(51);
        assertThat(IntStream.rangeClosed(0, 50).mapToObj(i -> ledger.state().rootOf("c-" + i)))
                .isEqualTo(IntStream.rangeClosed(0, 50)
                        .mapToObj(i -> "c-0 at depth " + i)
                        .toList());
        assertThat(ledger.state().parkedRows()).isZero();
    }

    /** Ids that begin alike must not be taken for one another in the prefix scans of what waits. */
    @Test
    void shouldTellChatsWhoseIdsBeginAlikeFromEachOther() {
        // Given
        ledger.chat("child-of-1").parent("c-1").create();
        ledger.chat("child-of-10").parent("c-10").create();
        ledger.message("m-1", "c-1").cost(1).send();
        ledger.message("m-10", "c-10").cost(10).send();

        // When
        ledger.chat("c-1").create();

        // Then
        assertThat(ledger.state().rootOf("child-of-1")).isEqualTo("c-1 at depth 1");
        assertThat(ledger.state().rootOf("child-of-10")).isEqualTo("not known yet");
        assertThat(ledger.spent("c-1")).isEqualTo(1);
        assertThat(ledger.lineage("c-10").parked().spentMicros()).isEqualTo(10);
    }

    @ParameterizedTest
    @MethodSource("unusualIds")
    void shouldTakeAnyIdThatIsOne(String rootChatId) {
        // Given
        String child = "子".repeat(128);
        ledger.chat(child).parent(rootChatId).create();
        ledger.message("m-1", child).cost(5).send();

        // When
        ledger.chat(rootChatId).create();

        // Then
        assertThat(ledger.spent(rootChatId, child)).isEqualTo(5);
    }

    static Stream<String> unusualIds() {
        return Stream.of("😀".repeat(64), "x".repeat(128), "\u07ff".repeat(128), " ", "c/1", "\u00a0");
    }

    // ---- no root ----

    /** A circle of three, a descendant of it, and messages from before and after: in each rotation of their creation. */
    @ParameterizedTest
    @Tag("P04")
    @CsvSource({"0, 1, 2, 3", "1, 2, 0, 3", "2, 0, 1, 3", "2, 1, 0, 3", "3, 0, 1, 2", "0, 3, 2, 1"})
    void shouldBuryACircleWithItsDescendantsAndAllTheirMessages(int first, int second, int third, int fourth) {
        // Given
        List<Fact> chats = List.of(
                Fact.chat("c-0").parent("c-2").fact(),
                Fact.chat("c-1").parent("c-0").fact(),
                Fact.chat("c-2").parent("c-1").fact(),
                Fact.chat("below").parent("c-1").fact());
        List<Fact> messages = List.of(
                Fact.message("m-0", "c-0").cost(1).fact(),
                Fact.message("m-1", "c-1").fact(),
                Fact.message("m-2", "c-2").cost(1).fact(),
                Fact.message("m-below", "below").cost(1).fact());

        // When
        messages.forEach(ledger::accept);
        Stream.of(first, second, third, fourth).map(chats::get).forEach(ledger::accept);
        messages.forEach(ledger::accept);

        // Then
        assertThat(ledger.deadLetterReasons()).hasSize(12).containsOnly(RejectReason.NO_ROOT);
        chats.forEach(chat -> assertThat(ledger.deadLetters())
                .as(chat.toString())
                .filteredOn(letter -> letter.carries(chat))
                .hasSize(1));
        messages.forEach(message -> assertThat(ledger.deadLetters())
                .as(message.toString())
                .filteredOn(letter -> letter.carries(message))
                .hasSize(2));
        assertThat(Stream.of("c-0", "c-1", "c-2", "below").map(ledger.state()::rootOf))
                .containsOnly("none");
        assertThat(ledger.state().trees()).isEmpty();
        assertThat(ledger.state().parkedRows()).isZero();
        assertThat(ledger.state().waitingQuestions()).isZero();
    }

    @Test
    void shouldBuryAChatThatJoinsACircleAfterwards() {
        // Given
        ledger.chat("c-1").parent("c-2").create();
        ledger.chat("c-2").parent("c-1").create();

        // When
        ledger.chat("c-3").parent("c-2").create();
        ledger.message("m-1", "c-3").cost(1).send();

        // Then
        assertThat(ledger.deadLetterReasons()).hasSize(4).containsOnly(RejectReason.NO_ROOT);
        assertThat(ledger.deadLetters().get(3).header(DeadLetters.DETAIL)).contains("c-3");
    }

    @Test
    void shouldIgnoreAnEqualRepeatOfAChatWithoutARoot() {
        // Given
        ledger.chat("c-1").parent("c-2").create();
        ledger.chat("c-2").parent("c-1").create();

        // When
        ledger.chat("c-1").parent("c-2").create();

        // Then
        assertThat(ledger.deadLetters()).hasSize(2);
    }

    @Test
    void shouldRejectAChatThatIsItsOwnParentAndTakeItWhenItIsCreatedRight() {
        // Given
        ledger.message("m-1", "c-1").cost(5).send();

        // When
        ledger.chat("c-1").parent("c-1").create();
        ledger.chat("c-1").create();

        // Then
        assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.SELF_PARENT);
        assertThat(ledger.spent("c-1")).isEqualTo(5);
    }

    @Test
    @Tag("P15")
    void shouldCountDownToDepth1000AndBuryWhatIsDeeper() {
        // Given
        ledger.chat("c-0").create();
        for (int depth = 1; depth <= 1_000; depth++) {
            ledger.chat("c-" + depth).parent("c-" + (depth - 1)).create();
        }

        // When
        ledger.message("m-1000", "c-1000").cost(5).send();
        ledger.chat("c-1001").parent("c-1000").create();
        ledger.message("m-1001", "c-1001").cost(7).send();
        ledger.chat("c-1002").parent("c-1001").create();

        // Then
        assertThat(ledger.state().rootOf("c-1000")).isEqualTo("c-0 at depth 1000");
        assertThat(ledger.state().rootOf("c-1001")).isEqualTo("none");
        assertThat(ledger.state().rootOf("c-1002")).isEqualTo("none");
        assertThat(ledger.spent("c-0")).isEqualTo(5);
        assertThat(ledger.tree("c-0").chats()).isEqualTo(1_001);
        assertThat(ledger.deadLetterReasons()).hasSize(3).containsOnly(RejectReason.NO_ROOT);
        assertThat(ledger.deadLetters().get(0).header(DeadLetters.DETAIL)).contains("1000 parents");
    }

    // ---- said twice ----

    @Test
    void shouldJoinATreeOnce() {
        // Given
        ledger.chat("c-1").create();
        ledger.chat("c-2").parent("c-1").create();
        ledger.message("m-1", "c-2").cost(5).send();

        // When
        ledger.route("c-1", new Member("c-2", "c-1", "a-1"));

        // Then
        assertThat(ledger.tree("c-1").chats()).isEqualTo(2);
        assertThat(ledger.spent("c-1", "c-2")).isEqualTo(5);
    }

    @Test
    void shouldNotTakeASecondAnswer() {
        // Given
        ledger.chat("c-1").create();
        ledger.chat("c-2").parent("c-1").create();
        ledger.chat("other").create();

        // When
        ledger.route("c-2", new RootAnswer("other", 1, null));
        ledger.route("nobody", new RootAnswer("other", 1, null));

        // Then
        assertThat(ledger.state().rootOf("c-2")).isEqualTo("c-1 at depth 1");
        assertThat(ledger.state().rootOf("nobody")).isEqualTo("not created");
        assertThat(ledger.tree("other").chats()).isEqualTo(1);
        assertThat(ledger.deadLetters()).isEmpty();
    }

    // ---- parents and roots that are none ----

    @Test
    @Tag("P14")
    void shouldNotTakeAHintForTheRoot() {
        // Given
        ledger.chat("c-1").create();
        ledger.chat("liar").create();

        // When
        ledger.chat("c-2").parent("c-1").rootHint("liar").create();
        ledger.message("m-1", "c-2").rootHint("liar").keyedBy("liar").cost(5).send();

        // Then
        assertThat(ledger.spent("c-1")).isEqualTo(5);
        assertThat(ledger.spent("liar")).isZero();
        assertThat(ledger.deadLetters()).isEmpty();
    }

    @Test
    void shouldHaveNothingParkedForAChatThatWasOnlyNamedAsAParent() {
        // When
        ledger.chat("c-2").parent("c-1").create();

        // Then
        assertThat(ledger.lineage("c-1")).isNull();
        assertThat(ledger.lineage("c-2")).extracting(Lineage::root).isNull();
    }
}
