package dev.spendledger.api.decision;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.query.AccountSpend;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.Freeze;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.Thresholds;
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
import org.junit.jupiter.api.Test;
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
    private static final Thresholds THRESHOLDS = new Thresholds(List.of(50, 80, 100));
    private static final FreezeFinding NOT_FROZEN = new FreezeFinding.NotFrozen();
    private static final Finding<AccountSpend> NOT_LIMITED = new Finding.Nothing<>();

    // ---- a tree, of which the policy makes no difference ----

    @ParameterizedTest(name = "{0}: spent {1} of {2}, {3}")
    @MethodSource("treesWithin")
    void shouldAllowATreeWithinItsLimit(
            String kind, BigInteger spent, Long limit, LookupErrorPolicy policy, List<Scope> scopes) {
        // When
        Decision decision = Decider.decide(SUBJECT, NOT_FROZEN, fresh(spent, limit), NOT_LIMITED, policy, THRESHOLDS);

        // Then
        assertThat(decision)
                .isEqualTo(new Decision.Allowed(
                        SUBJECT, scopes, ServedBy.OWNER, Optional.of(FRESH), Optional.empty(), false));
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
        Decision decision = Decider.decide(SUBJECT, NOT_FROZEN, fresh(spent, limit), NOT_LIMITED, policy, THRESHOLDS);

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
        Decision decision = Decider.decide(
                SUBJECT,
                NOT_FROZEN,
                fresh(BigInteger.valueOf(spent), limit),
                NOT_LIMITED,
                LookupErrorPolicy.OPEN,
                THRESHOLDS);

        // Then
        assertThat(decision instanceof Decision.Rejected).isEqualTo(spent >= limit);
    }

    // ---- a reading that is not fresh ----

    @ParameterizedTest
    @MethodSource("reasonsUnderEachPolicy")
    void shouldAllowOnADoubtfulReadingAndSayWhy(DegradedReason doubt, LookupErrorPolicy policy) {
        // Given
        Freshness freshness = new Freshness(AS_OF, 9_000, Optional.of(doubt));
        Finding<TreeSpend> finding = new Finding.Found<>(tree(BigInteger.ONE, 2L), ServedBy.OWNER, freshness);

        // When
        Decision decision = Decider.decide(SUBJECT, NOT_FROZEN, finding, NOT_LIMITED, policy, THRESHOLDS);

        // Then
        assertThat(decision)
                .isEqualTo(new Decision.Allowed(
                        SUBJECT,
                        scope(1, false, 2),
                        ServedBy.OWNER,
                        Optional.of(freshness),
                        Optional.of(doubt),
                        false));
    }

    @ParameterizedTest
    @MethodSource("reasonsUnderEachPolicy")
    void shouldRejectOnADoubtfulReadingAndSayWhy(DegradedReason doubt, LookupErrorPolicy policy) {
        // Given
        Freshness freshness = new Freshness(AS_OF, 9_000, Optional.of(doubt));
        Finding<TreeSpend> finding = new Finding.Found<>(tree(BigInteger.TWO, 2L), ServedBy.OWNER, freshness);

        // When
        Decision decision = Decider.decide(SUBJECT, NOT_FROZEN, finding, NOT_LIMITED, policy, THRESHOLDS);

        // Then
        assertThat(decision)
                .isEqualTo(new Decision.Rejected(SUBJECT, treeScope(2, false, 2), ServedBy.OWNER, Optional.of(doubt)));
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
        Decision decision =
                Decider.decide(UNLOCATED, NOT_FROZEN, new Finding.Unknown<>(), NOT_LIMITED, policy, THRESHOLDS);

        // Then
        assertThat(decision).isEqualTo(allowedForWantOfAnAnswer(DegradedReason.UNKNOWN_CHAT));
    }

    @ParameterizedTest
    @EnumSource(DegradedReason.class)
    void shouldAllowWithoutAnAnswerIfThePolicyIsOpen(DegradedReason reason) {
        // When
        Decision decision = Decider.decide(
                UNLOCATED, NOT_FROZEN, new Finding.NoAnswer<>(reason), NOT_LIMITED, LookupErrorPolicy.OPEN, THRESHOLDS);

        // Then
        assertThat(decision).isEqualTo(allowedForWantOfAnAnswer(reason));
    }

    @ParameterizedTest
    @EnumSource(DegradedReason.class)
    void shouldLeaveItUndecidedWithoutAnAnswerIfThePolicyIsClosed(DegradedReason reason) {
        // When
        Decision decision = Decider.decide(
                UNLOCATED,
                NOT_FROZEN,
                new Finding.NoAnswer<>(reason),
                NOT_LIMITED,
                LookupErrorPolicy.CLOSED,
                THRESHOLDS);

        // Then
        assertThat(decision).isEqualTo(new Decision.Undecided(UNLOCATED, reason));
        assertThat(decision.degraded()).contains(reason);
    }

    // ---- the tree and the account ----

    /** How a decision is made of both: limits are 5, and what is read is 4 or 5. */
    @ParameterizedTest(name = "tree {0}, account {1}, {2}: {3} because of {4}, scopes {5}, fail open: {6}")
    @CsvSource(textBlock = """
                    WITHIN,     NOTHING,   OPEN,   allowed,        ,             chat_lifetime,                false
                    WITHIN,     WITHIN,    OPEN,   allowed,        ,             chat_lifetime account_period, false
                    WITHIN,     WITHIN,    CLOSED, allowed,        ,             chat_lifetime account_period, false
                    WITHIN,     EXHAUSTED, OPEN,   account_period, ,             ,                             false
                    WITHIN,     EXHAUSTED, CLOSED, account_period, ,             ,                             false
                    WITHIN,     NO_ANSWER, OPEN,   allowed,        rebalancing,  chat_lifetime,                true
                    WITHIN,     NO_ANSWER, CLOSED, undecided,      rebalancing,  ,                             false
                    WITHIN,     DOUBTED,   OPEN,   allowed,        catching_up,  chat_lifetime account_period, false
                    EXHAUSTED,  NOTHING,   OPEN,   chat_lifetime,  ,             ,                             false
                    EXHAUSTED,  WITHIN,    OPEN,   chat_lifetime,  ,             ,                             false
                    EXHAUSTED,  EXHAUSTED, OPEN,   chat_lifetime,  ,             ,                             false
                    EXHAUSTED,  EXHAUSTED, CLOSED, chat_lifetime,  ,             ,                             false
                    EXHAUSTED,  NO_ANSWER, CLOSED, chat_lifetime,  ,             ,                             false
                    UNKNOWN,    NOTHING,   CLOSED, allowed,        unknown_chat, ,                             true
                    UNKNOWN,    WITHIN,    OPEN,   allowed,        unknown_chat, account_period,               true
                    UNKNOWN,    WITHIN,    CLOSED, allowed,        unknown_chat, account_period,               true
                    UNKNOWN,    EXHAUSTED, OPEN,   account_period, ,             ,                             false
                    UNKNOWN,    NO_ANSWER, OPEN,   allowed,        rebalancing,  ,                             true
                    UNKNOWN,    NO_ANSWER, CLOSED, undecided,      rebalancing,  ,                             false
                    UNREADABLE, NOTHING,   OPEN,   allowed,        store_error,  ,                             true
                    UNREADABLE, WITHIN,    OPEN,   allowed,        store_error,  account_period,               true
                    UNREADABLE, WITHIN,    CLOSED, undecided,      store_error,  ,                             false
                    UNREADABLE, EXHAUSTED, OPEN,   account_period, ,             ,                             false
                    UNREADABLE, EXHAUSTED, CLOSED, account_period, ,             ,                             false
                    UNREADABLE, NO_ANSWER, OPEN,   allowed,        store_error,  ,                             true
                    UNREADABLE, DOUBTED,   OPEN,   allowed,        store_error,  account_period,               true
                    NOTHING,    NOTHING,   CLOSED, allowed,        ,             ,                             false
                    NOTHING,    WITHIN,    OPEN,   allowed,        ,             account_period,               false
                    NOTHING,    EXHAUSTED, OPEN,   account_period, ,             ,                             false
                    NOTHING,    NO_ANSWER, OPEN,   allowed,        rebalancing,  ,                             true
                    NOTHING,    NO_ANSWER, CLOSED, undecided,      rebalancing,  ,                             false
                    """)
    void shouldJudgeTheTreeFirstAndThenTheAccount(
            String tree,
            String account,
            LookupErrorPolicy policy,
            String verdict,
            String reason,
            String scopes,
            boolean failOpen) {
        // When
        Decision decision =
                Decider.decide(SUBJECT, NOT_FROZEN, treeFinding(tree), accountFinding(account), policy, THRESHOLDS);

        // Then
        assertThat(decision.degraded().map(DegradedReason::code)).isEqualTo(Optional.ofNullable(reason));
        if (decision instanceof Decision.Allowed allowed) {
            assertThat(verdict).isEqualTo("allowed");
            assertThat(allowed.scopes().stream().map(Scope::name).collect(joining(" ")))
                    .isEqualTo(scopes == null ? "" : scopes);
            assertThat(allowed.failOpen()).isEqualTo(failOpen);
        } else if (decision instanceof Decision.Rejected rejected) {
            assertThat(rejected.scope().name()).isEqualTo(verdict);
        } else {
            assertThat(verdict).isEqualTo("undecided");
        }
    }

    // ---- a freeze ----

    static Stream<Arguments> allFindingsUnderEachPolicy() {
        return Stream.of("WITHIN", "EXHAUSTED", "UNKNOWN", "UNREADABLE", "NOTHING")
                .flatMap(tree -> Stream.of("WITHIN", "EXHAUSTED", "DOUBTED", "NO_ANSWER", "NOTHING")
                        .flatMap(account -> Stream.of(LookupErrorPolicy.values())
                                .map(policy -> Arguments.of(tree, account, policy))));
    }

    @ParameterizedTest
    @MethodSource("allFindingsUnderEachPolicy")
    @Tag("P19")
    void shouldRejectAFrozenTreeWhateverElseIsFound(String tree, String account, LookupErrorPolicy policy) {
        // Given
        Freeze freeze = new Freeze("runs in circles", null, AS_OF);
        FreezeFinding frozen = new FreezeFinding.Frozen("c-1", freeze, Optional.empty());

        // When
        Decision decision =
                Decider.decide(SUBJECT, frozen, treeFinding(tree), accountFinding(account), policy, THRESHOLDS);

        // Then
        assertThat(decision).isEqualTo(new Decision.Frozen(SUBJECT, freeze, Optional.empty()));
    }

    @ParameterizedTest
    @EnumSource(LookupErrorPolicy.class)
    @Tag("P19")
    void shouldRejectByTheTreeThatAChatSeemsToBelongToAndSayWhy(LookupErrorPolicy policy) {
        // Given
        Freeze freeze = new Freeze(null, null, AS_OF);
        FreezeFinding frozen = new FreezeFinding.Frozen("c-9", freeze, Optional.of(DegradedReason.OWNER_UNREACHABLE));

        // When
        Decision decision = Decider.decide(
                UNLOCATED,
                frozen,
                new Finding.NoAnswer<>(DegradedReason.OWNER_UNREACHABLE),
                NOT_LIMITED,
                policy,
                THRESHOLDS);

        // Then
        assertThat(decision)
                .isEqualTo(new Decision.Frozen(
                        new Subject("c-7", Optional.of("c-9"), Optional.empty()),
                        freeze,
                        Optional.of(DegradedReason.OWNER_UNREACHABLE)));
    }

    /** Nobody knows yet whether there is a freeze: as with any reading that is missing, the policy decides. */
    @ParameterizedTest
    @CsvSource(textBlock = """
                    WITHIN,     NOTHING,   OPEN,   allowed
                    WITHIN,     NOTHING,   CLOSED, undecided
                    EXHAUSTED,  NOTHING,   OPEN,   chat_lifetime
                    EXHAUSTED,  NOTHING,   CLOSED, chat_lifetime
                    WITHIN,     EXHAUSTED, OPEN,   account_period
                    WITHIN,     EXHAUSTED, CLOSED, account_period
                    UNKNOWN,    NOTHING,   OPEN,   allowed
                    UNKNOWN,    NOTHING,   CLOSED, undecided
                    """)
    void shouldFollowThePolicyWhileTheFreezesAreNotRead(
            String tree, String account, LookupErrorPolicy policy, String verdict) {
        // When
        Decision decision = Decider.decide(
                SUBJECT, new FreezeFinding.NotRead(), treeFinding(tree), accountFinding(account), policy, THRESHOLDS);

        // Then
        if (decision instanceof Decision.Allowed allowed) {
            assertThat(verdict).isEqualTo("allowed");
            assertThat(allowed.failOpen()).isTrue();
            assertThat(allowed.degraded()).contains(DegradedReason.STARTING);
        } else if (decision instanceof Decision.Rejected rejected) {
            assertThat(rejected.scope().name()).isEqualTo(verdict);
        } else {
            assertThat(verdict).isEqualTo("undecided");
            assertThat(decision).isEqualTo(new Decision.Undecided(SUBJECT, DegradedReason.STARTING));
        }
    }

    @Test
    void shouldSayAllOfThePeriodInTheScopeOfAnAccount() {
        // When
        Decision decision = Decider.decide(
                SUBJECT,
                NOT_FROZEN,
                new Finding.Nothing<>(),
                accountFinding("EXHAUSTED"),
                LookupErrorPolicy.OPEN,
                THRESHOLDS);

        // Then
        assertThat(decision)
                .isEqualTo(new Decision.Rejected(
                        SUBJECT,
                        new Scope(
                                Scope.ACCOUNT_PERIOD,
                                5,
                                false,
                                5,
                                100,
                                Optional.of(new Scope.InPeriod(
                                        Period.WEEK,
                                        Instant.parse("2026-11-30T00:00:00Z"),
                                        PeriodLimitKey.Kind.GROUP))),
                        ServedBy.OWNER,
                        Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({"4, false", "5, true", "6, true", "9007199254740991, true", "9007199254740992, true"})
    void shouldRejectAnAccountIfAndOnlyIfSpentHasReachedTheLimit(BigInteger spent, boolean rejected) {
        // When
        Decision decision = Decider.decide(
                SUBJECT,
                NOT_FROZEN,
                new Finding.Nothing<>(),
                new Finding.Found<>(account(spent, 5), ServedBy.OWNER, FRESH),
                LookupErrorPolicy.OPEN,
                THRESHOLDS);

        // Then
        assertThat(decision instanceof Decision.Rejected).isEqualTo(rejected);
    }

    /** An unpriced message adds nothing, and a sum beyond what can be shown has reached even the greatest limit. */
    @Test
    void shouldCountASumBeyondWhatCanBeShownAsExhausted() {
        // Given
        BigInteger beyond = BigInteger.valueOf(Ranges.MAX_MICROS).add(BigInteger.ONE);

        // When
        Decision decision = Decider.decide(
                SUBJECT,
                NOT_FROZEN,
                new Finding.Nothing<>(),
                new Finding.Found<>(account(beyond, Ranges.MAX_MICROS), ServedBy.OWNER, FRESH),
                LookupErrorPolicy.OPEN,
                THRESHOLDS);

        // Then
        assertThat(((Decision.Rejected) decision).scope().overflow()).isTrue();
    }

    @Test
    void shouldShowTheOlderAndTheFurtherBehindOfTheReadings() {
        // Given
        Freshness older = new Freshness(AS_OF.minusMillis(7), 1, Optional.empty());
        Finding<AccountSpend> account = new Finding.Found<>(account(BigInteger.ONE, 5), ServedBy.OWNER, older);

        // When
        Decision decision = Decider.decide(
                SUBJECT, NOT_FROZEN, fresh(BigInteger.ONE, 5L), account, LookupErrorPolicy.OPEN, THRESHOLDS);

        // Then
        assertThat(((Decision.Allowed) decision).freshness())
                .contains(new Freshness(AS_OF.minusMillis(7), 2, Optional.empty()));
    }

    private static Finding<TreeSpend> treeFinding(String kind) {
        return switch (kind) {
            case "WITHIN" -> fresh(BigInteger.valueOf(4), 5L);
            case "EXHAUSTED" -> fresh(BigInteger.valueOf(5), 5L);
            case "UNKNOWN" -> new Finding.Unknown<>();
            case "UNREADABLE" -> new Finding.NoAnswer<>(DegradedReason.STORE_ERROR);
            default -> new Finding.Nothing<>();
        };
    }

    private static Finding<AccountSpend> accountFinding(String kind) {
        Freshness doubted = new Freshness(AS_OF, 9_000, Optional.of(DegradedReason.CATCHING_UP));
        return switch (kind) {
            case "WITHIN" -> new Finding.Found<>(account(BigInteger.valueOf(4), 5), ServedBy.OWNER, FRESH);
            case "EXHAUSTED" -> new Finding.Found<>(account(BigInteger.valueOf(5), 5), ServedBy.OWNER, FRESH);
            case "DOUBTED" -> new Finding.Found<>(account(BigInteger.valueOf(4), 5), ServedBy.OWNER, doubted);
            case "NO_ANSWER" -> new Finding.NoAnswer<>(DegradedReason.REBALANCING);
            default -> new Finding.Nothing<>();
        };
    }

    private static AccountSpend account(BigInteger spent, long limit) {
        return new AccountSpend(
                "a-1",
                new AccountLimit(
                        Period.WEEK,
                        Optional.of(new AccountLimit.InForce(limit, PeriodLimitKey.Kind.GROUP, null, AS_OF))),
                Period.WEEK.at(AS_OF),
                new Totals(spent, 3, 1));
    }

    // ---- thresholds ----

    /** Of limits of 100; a dash = the tree, or the account, has none. */
    @ParameterizedTest(name = "tree {0}, account {1}: {2}")
    @CsvSource({
        "0, -, 0",
        "49, -, 0",
        "50, -, 50",
        "79, 10, 50",
        "10, 80, 80",
        "50, 80, 80",
        "80, 50, 80",
        "-, 99, 80",
        "-, 49, 0",
        "-, -, 0",
    })
    void shouldSayWhichThresholdTheTreeOrItsAccountHasPassed(String tree, String account, int passed) {
        // When
        Decision decision = Decider.decide(
                SUBJECT,
                NOT_FROZEN,
                tree.equals("-") ? new Finding.Nothing<>() : fresh(new BigInteger(tree), 100L),
                account.equals("-")
                        ? new Finding.Nothing<>()
                        : new Finding.Found<>(account(new BigInteger(account), 100), ServedBy.OWNER, FRESH),
                LookupErrorPolicy.OPEN,
                THRESHOLDS);

        // Then
        assertThat(((Decision.Allowed) decision).passedPercent()).isEqualTo(passed);
    }

    @Test
    void shouldSayOfAReachedLimitThatItsLastThresholdIsPassed() {
        // When
        Decision decision = Decider.decide(
                SUBJECT,
                NOT_FROZEN,
                fresh(BigInteger.TEN, 10L),
                NOT_LIMITED,
                LookupErrorPolicy.OPEN,
                new Thresholds(List.of(40, 90)));

        // Then
        assertThat(((Decision.Rejected) decision).scope().passedPercent()).isEqualTo(90);
    }

    // ---- what is left ----

    @ParameterizedTest
    @CsvSource({"0, 5, 5", "4, 5, 1", "5, 5, 0", "6, 5, 0", "9007199254740991, 1, 0"})
    void shouldNeverShowLessThanNothingLeft(long spent, long limit, long remaining) {
        assertThat(treeScope(spent, false, limit).remainingMicros()).isEqualTo(remaining);
    }

    private static Stream<Arguments> underEachPolicy(Arguments... rows) {
        return Stream.of(rows)
                .map(Arguments::get)
                .flatMap(row -> Stream.of(LookupErrorPolicy.values())
                        .map(policy -> Arguments.of(row[0], row[1], row[2], policy, row[3])));
    }

    private static List<Scope> scope(long spent, boolean overflow, long limit) {
        return List.of(treeScope(spent, overflow, limit));
    }

    private static Scope treeScope(long spent, boolean overflow, long limit) {
        return new Scope(
                Scope.CHAT_LIFETIME, spent, overflow, limit, THRESHOLDS.passed(spent, limit), Optional.empty());
    }

    private static Finding<TreeSpend> fresh(BigInteger spent, Long limit) {
        return new Finding.Found<>(tree(spent, limit), ServedBy.OWNER, FRESH);
    }

    private static TreeSpend tree(BigInteger spent, Long limit) {
        return new TreeSpend("a-1", new Totals(spent, 3, 1), new Limit(limit, Limit.AS_CREATED), 2);
    }

    private static Decision allowedForWantOfAnAnswer(DegradedReason reason) {
        return new Decision.Allowed(UNLOCATED, List.of(), ServedBy.NONE, Optional.empty(), Optional.of(reason), true);
    }
}
