package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TreeSpendTest {
    private static final ChatFact ROOT = new ChatFact("c-1", null, "a-1", 100L, Instant.EPOCH);

    @ParameterizedTest
    @Tag("P09")
    @CsvSource(
            nullValues = "none",
            value = {
                "0, none, none, false",
                "9007199254740991, none, none, false",
                // Beyond what can be shown, a tree without a limit is held to that.
                "9007199254740992, none, 9007199254740991, true",
                "9223372036854775808, none, 9007199254740991, true",
                "0, 1, 1, false",
                "1, 1, 1, true",
                "99, 100, 100, false",
                "100, 100, 100, true",
                "101, 100, 100, true",
                "9007199254740990, 9007199254740991, 9007199254740991, false",
                "9007199254740991, 9007199254740991, 9007199254740991, true",
                "99999999999999999999, 9007199254740991, 9007199254740991, true",
                "99999999999999999999, 1, 1, true"
            })
    void shouldBeExhaustedWhenItsSpendHasReachedItsLimit(
            String spent, Long limit, Long effectiveLimit, boolean exhausted) {
        // Given
        TreeSpend tree = tree(new BigInteger(spent), limit);

        // Then
        assertThat(tree.exhausted()).isEqualTo(exhausted);
        assertThat(tree.effectiveLimitMicros().orElse(null)).isEqualTo(effectiveLimit);
    }

    @Test
    void shouldOpenWithNothingSpentAndTheLimitOfItsRoot() {
        // When
        TreeSpend tree = TreeSpend.opened(ROOT);

        // Then
        assertThat(tree)
                .isEqualTo(
                        new TreeSpend("a-1", Totals.ZERO, new Limit(100L, Limit.AS_CREATED, null, Instant.EPOCH), 1));
        assertThat(tree.exhausted()).isFalse();
    }

    @Test
    void shouldHaveAllThatItWasTold() {
        // When
        TreeSpend tree = TreeSpend.opened(ROOT)
                .withTotals(Totals.ZERO.plus(1L), Instant.EPOCH)
                .withOneMoreChat(Instant.EPOCH)
                .withLimit(new Limit(5L, 0));

        // Then
        assertThat(tree)
                .isEqualTo(new TreeSpend(
                        "a-1",
                        new Totals(BigInteger.ONE, 1, 0),
                        new Limit(5L, 0),
                        2,
                        new Pace(0, 1, 1, 0, 0),
                        Thresholds.NONE_PASSED));
        assertThat(tree.determined())
                .isEqualTo(new TreeSpend("a-1", new Totals(BigInteger.ONE, 1, 0), new Limit(5L, 0), 2));
    }

    @Test
    @Tag("P08")
    void shouldStayTheSameWhenALaterLimitIsInForceAlready() {
        // Given
        TreeSpend tree = TreeSpend.opened(ROOT).withLimit(new Limit(5L, 7));

        // When
        TreeSpend after = tree.withLimit(new Limit(9L, 6));

        // Then
        assertThat(after).isEqualTo(tree);
    }

    // ---- limits ----

    @ParameterizedTest
    @Tag("P08")
    @CsvSource({
        "-1, 0, 0",
        "0, -1, 0",
        "0, 1, 1",
        "1, 0, 1",
        "9, 10, 10",
        "-1, 9223372036854775807, 9223372036854775807"
    })
    void shouldHoldTheLimitWithTheGreaterOffset(long first, long second, long inForce) {
        assertThat(new Limit(null, first).orLater(new Limit(null, second)).offset())
                .isEqualTo(inForce);
    }

    @Test
    void shouldHoldNoLimitWhenTheLastOneRemovesIt() {
        // When
        Limit limit =
                new Limit(100L, Limit.AS_CREATED).orLater(new Limit(50L, 3)).orLater(new Limit(null, 4));

        // Then
        assertThat(limit.micros()).isNull();
    }

    /** An offset belongs to one record, so limits of equal offset are one limit. */
    @Property
    @net.jqwik.api.Tag("P08")
    void shouldHoldTheSameLimitWhateverTheOrderOfArrival(@ForAll("limits") List<Limit> limits) {
        Limit inOrder = limits.stream().reduce(new Limit(100L, Limit.AS_CREATED), Limit::orLater);
        Collections.reverse(limits);
        Limit backwards = limits.stream().reduce(new Limit(100L, Limit.AS_CREATED), Limit::orLater);

        assertThat(backwards).isEqualTo(inOrder);
    }

    @Provide
    Arbitrary<List<Limit>> limits() {
        return Combinators.combine(
                        Arbitraries.of(1L, 100L, Ranges.MAX_MICROS).injectNull(0.3),
                        Arbitraries.longs().between(0, 20))
                .as(Limit::new)
                .list()
                .uniqueElements(Limit::offset)
                .ofMaxSize(8);
    }

    private static TreeSpend tree(BigInteger spent, Long limit) {
        return new TreeSpend("a-1", new Totals(spent, 1, 0), new Limit(limit, Limit.AS_CREATED), 1);
    }
}
