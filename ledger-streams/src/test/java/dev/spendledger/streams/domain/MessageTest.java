package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** That what the facts of a message come to is a function of the set of them. All of the ledger's deduplication rests on it. */
class MessageTest {

    // ---- the two orders, each row from the smallest to the greatest ----

    @ParameterizedTest
    @MethodSource("pricingsInOrder")
    void shouldPutPricingsInOrder(Pricing smaller, Pricing greater) {
        assertThat(smaller).isLessThan(greater);
        assertThat(greater).isGreaterThan(smaller);
        assertThat(smaller.orGreater(greater)).isEqualTo(greater);
        assertThat(greater.orGreater(smaller)).isEqualTo(greater);
    }

    static Stream<Arguments> pricingsInOrder() {
        return adjacent(List.of(
                new Pricing(0, null, null, null, null),
                new Pricing(0, null, "z", 9L, 9L),
                new Pricing(0, 0L, null, null, null),
                new Pricing(0, 0L, null, null, 0L),
                new Pricing(0, 0L, null, 0L, null),
                new Pricing(0, 0L, "a", null, null),
                new Pricing(0, 0L, "a", 1L, 0L),
                new Pricing(0, 0L, "a", 1L, 1L),
                new Pricing(0, 0L, "b", null, null),
                new Pricing(0, 1L, null, null, null),
                new Pricing(0, 1_000_000_000_000L, null, null, null),
                new Pricing(1, null, null, null, null),
                new Pricing(1, 0L, null, null, null),
                new Pricing(Integer.MAX_VALUE, null, null, null, null)));
    }

    @ParameterizedTest
    @MethodSource("attributionsInOrder")
    void shouldPutAttributionsInOrder(Attribution smaller, Attribution greater) {
        assertThat(smaller).isLessThan(greater);
        assertThat(greater).isGreaterThan(smaller);
        assertThat(smaller.orSmaller(greater)).isEqualTo(smaller);
        assertThat(greater.orSmaller(smaller)).isEqualTo(smaller);
    }

    static Stream<Arguments> attributionsInOrder() {
        return adjacent(List.of(
                new Attribution(0, Instant.ofEpochMilli(-1), "c-9", "a-9"),
                new Attribution(0, Instant.ofEpochMilli(0), "c-1", "a-1"),
                new Attribution(0, Instant.ofEpochMilli(0), "c-1", "a-2"),
                new Attribution(0, Instant.ofEpochMilli(0), "c-10", "a-1"),
                new Attribution(0, Instant.ofEpochMilli(0), "c-2", "a-1"),
                new Attribution(0, Instant.ofEpochMilli(1), "c-1", "a-1"),
                new Attribution(1, Instant.ofEpochMilli(0), "c-1", "a-1"),
                new Attribution(Integer.MAX_VALUE, Instant.ofEpochMilli(-1), "c-0", "a-0")));
    }

    private static Stream<Arguments> adjacent(List<?> ordered) {
        return Stream.iterate(1, i -> i < ordered.size(), i -> i + 1)
                .map(i -> Arguments.of(ordered.get(i - 1), ordered.get(i)));
    }

    /** Total, and agreeing with equals: if two that differ could be equal in it, the first to come would win. */
    @Property(tries = 500)
    @Tag("P02")
    void shouldOrderPricingsTotally(
            @ForAll("pricings") Pricing a, @ForAll("pricings") Pricing b, @ForAll("pricings") Pricing c) {
        assertTotalOrder(a, b, c);
    }

    @Property(tries = 500)
    @Tag("P02")
    void shouldOrderAttributionsTotally(
            @ForAll("attributions") Attribution a,
            @ForAll("attributions") Attribution b,
            @ForAll("attributions") Attribution c) {
        assertTotalOrder(a, b, c);
    }

    private static <T extends Comparable<T>> void assertTotalOrder(T a, T b, T c) {
        assertThat(Integer.signum(a.compareTo(b))).isEqualTo(-Integer.signum(b.compareTo(a)));
        assertThat(a.compareTo(b) == 0).isEqualTo(a.equals(b));
        if (a.compareTo(b) <= 0 && b.compareTo(c) <= 0) {
            assertThat(a.compareTo(c)).isLessThanOrEqualTo(0);
        }
    }

    // ---- the merge ----

    @Property
    @Tag("P02")
    void shouldNotDependOnWhichOfTwoFactsComesFirst(
            @ForAll("facts") MessageFact first, @ForAll("facts") MessageFact second) {
        assertThat(Message.of(first).with(second)).isEqualTo(Message.of(second).with(first));
    }

    @Property
    @Tag("P01")
    void shouldNotChangeWhenAFactComesAgain(@ForAll("facts") MessageFact first, @ForAll("facts") MessageFact second) {
        Message both = Message.of(first).with(second);

        assertThat(both.with(first)).isEqualTo(both);
        assertThat(both.with(second)).isEqualTo(both);
    }

    @Property
    @Tag("P02")
    void shouldComeToTheSameWhateverTheOrderOfAllItsFacts(@ForAll("severalFacts") List<MessageFact> facts) {
        Message inOrder = fold(facts.stream());
        Message backwards =
                fold(Stream.iterate(facts.size() - 1, i -> i >= 0, i -> i - 1).map(facts::get));
        Message sorted = fold(facts.stream()
                .sorted((a, b) -> a.toString().compareTo(b.toString()))
                .flatMap(f -> Stream.of(f, f)));

        assertThat(backwards).isEqualTo(inOrder);
        assertThat(sorted).isEqualTo(inOrder);
    }

    @Property
    @Tag("P02")
    void shouldTakeTheSmallestAttributionAndTheGreatestPricing(@ForAll("severalFacts") List<MessageFact> facts) {
        Message message = fold(facts.stream());

        assertThat(facts)
                .extracting(MessageFact::attribution)
                .contains(message.attribution())
                .allMatch(seen -> message.attribution().compareTo(seen) <= 0);
        assertThat(facts)
                .extracting(MessageFact::pricing)
                .contains(message.pricing())
                .allMatch(seen -> message.pricing().compareTo(seen) >= 0);
    }

    @Provide
    Arbitrary<MessageFact> facts() {
        return MessageFacts.ofOneMessage();
    }

    @Provide
    Arbitrary<List<MessageFact>> severalFacts() {
        return MessageFacts.ofOneMessage().list().ofMinSize(1).ofMaxSize(6);
    }

    @Provide
    Arbitrary<Pricing> pricings() {
        return MessageFacts.pricings();
    }

    @Provide
    Arbitrary<Attribution> attributions() {
        return MessageFacts.attributions();
    }

    private static Message fold(Stream<MessageFact> facts) {
        Message[] message = new Message[1];
        facts.forEach(fact -> message[0] = message[0] == null ? Message.of(fact) : message[0].with(fact));
        return message[0];
    }
}
