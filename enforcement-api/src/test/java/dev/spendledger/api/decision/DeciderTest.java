package dev.spendledger.api.decision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The decision, as tables: every kind of finding under every policy. */
class DeciderTest {
    private static final Subject SUBJECT = new Subject("c-7", Optional.of("c-1"), Optional.of("a-1"));
    private static final Subject UNLOCATED = new Subject("c-7", Optional.empty(), Optional.empty());
    private static final Instant AS_OF = Instant.parse("2026-11-23T12:00:00.123Z");
    private static final Freshness FRESH = new Freshness(AS_OF, 2, Optional.empty());

    // ---- a tree, of which the policy makes no difference ----

    @ParameterizedTest(name = "{0}: spent {1} of {2}, {3}")
    @MethodSource("treesWithin")
    void shouldAllowATreeWithinItsLimit(
            String kind, BigInteger spent, Long limit, LookupErrorPolicy policy, List<Scope> scopes) {
        // When
        Decision decision = Decider.decide(SUBJECT, fresh(spent, limit), policy);

        // Then
        assertThat(decision)
                .isEqualTo(new Decision.Allowed(SUBJECT, scopes, ServedBy.OWNER, Optional.of(FRESH), Optional.empty()));
    }

    static Stream<Arguments> treesWithin() {
        BigInteger most = BigInteger.valueOf(Ranges.MAX_MICROS);
        return underEachPolicy(
                Arguments.of("nothing spent", BigInteger.ZERO, 1L, scope(0, false, 1)),
                Arguments.of(
                        "one below", BigInteger.valueOf(4_999_999), 5_000_000L, scope(4_999_999, false, 5_000_000)),
                Arguments.of(
                        "one below the greatest limit",
                        most.subtract(BigInteger.ONE),
                        Ranges.MAX_MICROS,
                        scope(Ranges.MAX_MICROS - 1, false, Ranges.MAX_MICROS)),
                Arguments.of("no limit", BigInteger.valueOf(1_000), null, List.of()),
                Arguments.of("no limit, all that can be shown", most, null, List.of()));
    }

    @ParameterizedTest(name = "{0}: spent {1} of {2}, {3}")
    @Tag("P09")
    @MethodSource("treesExhausted")
    void shouldRejectATreeThatHasReachedItsLimit(
            String kind, BigInteger spent, Long limit, LookupErrorPolicy policy, List<Scope> scopes) {
        // When
        Decision decision = Decider.decide(SUBJECT, fresh(spent, limit), policy);

        // Then
        assertThat(decision).isEqualTo(new Decision.Rejected(SUBJECT, scopes.get(0), ServedBy.OWNER, Optional.empty()));
    }

    static Stream<Arguments> treesExhausted() {
        BigInteger most = BigInteger.valueOf(Ranges.MAX_MICROS);
        BigInteger beyond = most.add(BigInteger.ONE);
        return underEachPolicy(
                Arguments.of(
                        "just reached", BigInteger.valueOf(5_000_000), 5_000_000L, scope(5_000_000, false, 5_000_000)),
                Arguments.of(
                        "one above", BigInteger.valueOf(5_000_001), 5_000_000L, scope(5_000_001, false, 5_000_000)),
                Arguments.of("the smallest limit", BigInteger.ONE, 1L, scope(1, false, 1)),
                Arguments.of(
                        "the greatest limit",
                        most,
                        Ranges.MAX_MICROS,
                        scope(Ranges.MAX_MICROS, false, Ranges.MAX_MICROS)),
                Arguments.of(
                        "beyond what can be shown, no limit",
                        beyond,
                        null,
                        scope(Ranges.MAX_MICROS, true, Ranges.MAX_MICROS)),
                Arguments.of(
                        "beyond what can be shown, the greatest limit",
                        beyond,
                        Ranges.MAX_MICROS,
                        scope(Ranges.MAX_MICROS, true, Ranges.MAX_MICROS)),
                Arguments.of("beyond 64 bits", BigInteger.TWO.pow(80), 7L, scope(Ranges.MAX_MICROS, true, 7)));
    }

    @Property
    @net.jqwik.api.Tag("P09")
    void shouldRejectIfAndOnlyIfSpentHasReachedTheLimit(
            @ForAll @LongRange(max = Long.MAX_VALUE) long spent,
            @ForAll @LongRange(min = 1, max = Ranges.MAX_MICROS) long limit) {
        // When
        Decision decision = Decider.decide(SUBJECT, fresh(BigInteger.valueOf(spent), limit), LookupErrorPolicy.OPEN);

        // Then
        assertThat(decision instanceof Decision.Rejected).isEqualTo(spent >= limit);
    }

    // ---- a reading that is not fresh ----

    @ParameterizedTest
    @MethodSource("reasonsUnderEachPolicy")
    void shouldAllowOnADoubtfulReadingAndSayWhy(DegradedReason doubt, LookupErrorPolicy policy) {
        // Given
        Freshness freshness = new Freshness(AS_OF, 9_000, Optional.of(doubt));
        Finding finding = new Finding.OfTree(tree(BigInteger.ONE, 2L), ServedBy.OWNER, freshness);

        // When
        Decision decision = Decider.decide(SUBJECT, finding, policy);

        // Then
        assertThat(decision)
                .isEqualTo(new Decision.Allowed(
                        SUBJECT, scope(1, false, 2), ServedBy.OWNER, Optional.of(freshness), Optional.of(doubt)));
    }

    @ParameterizedTest
    @MethodSource("reasonsUnderEachPolicy")
    void shouldRejectOnADoubtfulReadingAndSayWhy(DegradedReason doubt, LookupErrorPolicy policy) {
        // Given
        Freshness freshness = new Freshness(AS_OF, 9_000, Optional.of(doubt));
        Finding finding = new Finding.OfTree(tree(BigInteger.TWO, 2L), ServedBy.OWNER, freshness);

        // When
        Decision decision = Decider.decide(SUBJECT, finding, policy);

        // Then
        assertThat(decision)
                .isEqualTo(new Decision.Rejected(
                        SUBJECT, new Scope(Scope.CHAT_LIFETIME, 2, false, 2), ServedBy.OWNER, Optional.of(doubt)));
    }

    static Stream<Arguments> reasonsUnderEachPolicy() {
        return Stream.of(DegradedReason.values())
                .flatMap(reason -> Stream.of(LookupErrorPolicy.values()).map(policy -> Arguments.of(reason, policy)));
    }

    // ---- no tree, and no answer ----

    /** That nobody has heard of a chat is an answer: a policy for failed look-ups does not apply. */
    @ParameterizedTest
    @EnumSource(LookupErrorPolicy.class)
    void shouldAllowAChatInNoTreeWhateverThePolicy(LookupErrorPolicy policy) {
        // When
        Decision decision = Decider.decide(UNLOCATED, new Finding.NoTree(), policy);

        // Then
        assertThat(decision).isEqualTo(allowedForWantOfAnAnswer(DegradedReason.UNKNOWN_CHAT));
    }

    @ParameterizedTest
    @EnumSource(DegradedReason.class)
    void shouldAllowWithoutAnAnswerIfThePolicyIsOpen(DegradedReason reason) {
        // When
        Decision decision = Decider.decide(UNLOCATED, new Finding.NoAnswer(reason), LookupErrorPolicy.OPEN);

        // Then
        assertThat(decision).isEqualTo(allowedForWantOfAnAnswer(reason));
    }

    @ParameterizedTest
    @EnumSource(DegradedReason.class)
    void shouldLeaveItUndecidedWithoutAnAnswerIfThePolicyIsClosed(DegradedReason reason) {
        // When
        Decision decision = Decider.decide(UNLOCATED, new Finding.NoAnswer(reason), LookupErrorPolicy.CLOSED);

        // Then
        assertThat(decision).isEqualTo(new Decision.Undecided(UNLOCATED, reason));
        assertThat(decision.degraded()).contains(reason);
    }

    // ---- what is left ----

    @ParameterizedTest
    @CsvSource({"0, 5, 5", "4, 5, 1", "5, 5, 0", "6, 5, 0", "9007199254740991, 1, 0"})
    void shouldNeverShowLessThanNothingLeft(long spent, long limit, long remaining) {
        assertThat(new Scope(Scope.CHAT_LIFETIME, spent, false, limit).remainingMicros())
                .isEqualTo(remaining);
    }

    private static Stream<Arguments> underEachPolicy(Arguments... rows) {
        return Stream.of(rows)
                .map(Arguments::get)
                .flatMap(row -> Stream.of(LookupErrorPolicy.values())
                        .map(policy -> Arguments.of(row[0], row[1], row[2], policy, row[3])));
    }

    private static List<Scope> scope(long spent, boolean overflow, long limit) {
        return List.of(new Scope(Scope.CHAT_LIFETIME, spent, overflow, limit));
    }

    private static Finding fresh(BigInteger spent, Long limit) {
        return new Finding.OfTree(tree(spent, limit), ServedBy.OWNER, FRESH);
    }

    private static TreeSpend tree(BigInteger spent, Long limit) {
        return new TreeSpend("a-1", new Totals(spent, 3, 1), new Limit(limit, Limit.AS_CREATED), 2);
    }

    private static Decision allowedForWantOfAnAnswer(DegradedReason reason) {
        return new Decision.Allowed(UNLOCATED, List.of(), ServedBy.NONE, Optional.empty(), Optional.of(reason));
    }
}
