package dev.spendledger.api.decision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.query.AccountQuery;
import dev.spendledger.api.query.Announcements;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.query.TreeLocator;
import dev.spendledger.api.query.TreeLocator.Hints;
import dev.spendledger.api.testing.FakeFreezes;
import dev.spendledger.api.testing.FakeKnownTrees;
import dev.spendledger.api.testing.FakeLimits;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.api.testing.SettableClock;
import dev.spendledger.streams.domain.Freeze;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.domain.Thresholds;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A check from question to decision, on partitions in memory. */
@Timeout(30)
class SpendCheckTest {
    private static final Thresholds THRESHOLDS = new Thresholds(List.of(80, 100));
    private static final Optional<String> ACCOUNT = Optional.of(FakeReader.ACCOUNT);
    private static final Optional<String> NOT_SAID = Optional.empty();
    private static final Duration LONG = Duration.ofSeconds(10);

    private static final Duration STALE_AFTER = Duration.ofSeconds(5);
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final LocalDate TODAY = LocalDate.parse("2026-11-23");

    private final FakeReader reader = new FakeReader();
    private final FakeLimits limits = new FakeLimits();
    private final FakeFreezes freezes = new FakeFreezes();
    private final FakeKnownTrees known = new FakeKnownTrees();
    private final Announcements announcements = new Announcements();
    private final SettableClock clock = new SettableClock(NOW);
    private final SpendCheck open = spendCheck(LONG, LookupErrorPolicy.OPEN);
    private final SpendCheck closed = spendCheck(LONG, LookupErrorPolicy.CLOSED);

    @Test
    void shouldAllowATreeWithinItsLimit() {
        // Given
        reader.root("c-1", 5L).child("c-7", "c-1", "c-1").spent("c-1", "c-7", 2L);

        // When
        Decision decision = check("c-7", Hints.NONE);

        // Then
        assertThat(decision)
                .isEqualTo(new Decision.Allowed(
                        inTree("c-7", ACCOUNT),
                        List.of(treeScope(2)),
                        ServedBy.OWNER,
                        Optional.of(FakeReader.FRESH),
                        Optional.empty(),
                        false));
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 5})
    void shouldDecideFromMemoryWhatItHasReadBefore(long spent) {
        // Given
        reader.root("c-1", 5L).child("c-7", "c-1", "c-1").spent("c-1", "c-7", spent);
        Optional<Decision> before = open.checkInMemory("c-7", NOT_SAID);
        Decision read = check("c-7", Hints.NONE);
        reader.forgetReads();

        // When
        Optional<Decision> decision = open.checkInMemory("c-7", NOT_SAID);

        // Then
        assertThat(before).isEmpty();
        assertThat(decision).contains(read);
        assertThat(reader.reads()).isEmpty();
    }

    @Test
    void shouldDecideFromMemoryThatATreeIsFrozen() {
        // Given
        reader.root("c-1", 5L);
        check("c-1", Hints.NONE);
        freezes.freeze("c-1", null);

        // When
        Optional<Decision> decision = open.checkInMemory("c-1", NOT_SAID);

        // Then
        assertThat(decision).containsInstanceOf(Decision.Frozen.class);
    }

    @Test
    void shouldHoldTheAccountOfTheRequestToItsLimitFromMemoryToo() {
        // Given
        reader.root("c-1", 5L).spentOn("a-2", TODAY, 1L);
        limits.ofAccount("a-2", 1).byDefault(9, dev.spendledger.events.Period.MONTH);
        check("c-1", Hints.NONE);

        // When
        Optional<Decision> decision = open.checkInMemory("c-1", Optional.of("a-2"));

        // Then
        assertThat(decision)
                .containsInstanceOf(Decision.Rejected.class)
                .hasValueSatisfying(rejected -> assertThat(((Decision.Rejected) rejected).scope())
                        .isEqualTo(accountScope(1, 1, PeriodLimitKey.Kind.ACCOUNT)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void shouldDecideFromMemoryWhatAnAccountMayBegin(long limit) {
        // Given
        reader.spentOn("a-2", TODAY, 1L);
        limits.ofAccount("a-2", limit);
        Decision read = checkAccount("a-2");
        reader.forgetReads();

        // When
        Optional<Decision> decision = open.checkAccountInMemory("a-2");

        // Then
        assertThat(decision).contains(read);
        assertThat(reader.reads()).isEmpty();
    }

    @Test
    void shouldNotDecideFromMemoryWhatAnAccountMayBeginIfItsSpendIsNotThere() {
        // Given
        reader.unreadable("account a-2", DegradedReason.REBALANCING);
        limits.ofAccount("a-2", 1);
        checkAccount("a-2");

        // When
        Optional<Decision> decision = open.checkAccountInMemory("a-2");

        // Then
        assertThat(decision).isEmpty();
    }

    @Test
    void shouldNotDecideFromMemoryWhereTheLimitedAccountIsNotThere() {
        // Given
        reader.root("c-1", 5L).unreadable("account a-2", DegradedReason.REBALANCING);
        limits.ofAccount("a-2", 1);
        check("c-1", Hints.NONE);

        // When
        Optional<Decision> decision = open.checkInMemory("c-1", Optional.of("a-2"));

        // Then
        assertThat(decision).isEmpty();
    }

    @Test
    void shouldNotDecideFromMemoryBeforeItKnowsTheFreezes() {
        // Given
        reader.root("c-1", 5L);
        FakeFreezes notLoaded = new FakeFreezes(false);

        // When
        SpendCheck starting = new SpendCheck(
                new TreeLocator(reader, announcements),
                reader,
                new AccountQuery(reader, limits.view(), clock),
                notLoaded.view(),
                known.view(),
                announcements,
                clock,
                LONG,
                STALE_AFTER,
                LookupErrorPolicy.OPEN,
                THRESHOLDS);
        starting.check("c-1", Hints.NONE, NOT_SAID).await();

        // Then
        assertThat(starting.checkInMemory("c-1", NOT_SAID)).isEmpty();
    }

    @Test
    @Tag("P09")
    void shouldRejectEveryChatOfAnExhaustedTree() {
        // Given
        reader.root("c-1", 5L).child("c-7", "c-1", "c-1").spent("c-1", "c-7", 5L);

        // When
        List<Decision> decisions = List.of(check("c-1", Hints.NONE), check("c-7", Hints.NONE));

        // Then
        assertThat(decisions).containsExactly(rejected(inTree("c-1", ACCOUNT), 5), rejected(inTree("c-7", ACCOUNT), 5));
    }

    @Test
    void shouldRejectAChatNeverHeardOfBelowAParentInAnExhaustedTree() {
        // Given
        reader.root("c-1", 5L).spent("c-1", "c-1", 6L);

        // When
        Decision decision = check("c-8", new Hints(Optional.empty(), Optional.of("c-1")));

        // Then
        assertThat(decision).isEqualTo(rejected(inTree("c-8", NOT_SAID), 6));
    }

    @Test
    void shouldRejectAChatThatWasJustAnnouncedInAnExhaustedTree() {
        // Given
        reader.root("c-1", 5L).spent("c-1", "c-1", 6L);
        announcements.announce(FakeReader.chat("c-8", "c-1", null));

        // When
        Decision decision = check("c-8", Hints.NONE);

        // Then
        assertThat(decision).isEqualTo(rejected(inTree("c-8", ACCOUNT), 6));
    }

    @Test
    void shouldHoldARootThatWasJustAnnouncedToItsLimit() {
        // Given
        announcements.announce(FakeReader.chat("c-1", null, 5L));

        // When
        Decision decision = check("c-1", Hints.NONE);

        // Then
        assertThat(decision)
                .isEqualTo(new Decision.Allowed(
                        inTree("c-1", ACCOUNT),
                        List.of(treeScope(0)),
                        ServedBy.OWNER,
                        Optional.of(FakeReader.FRESH),
                        Optional.empty(),
                        false));
    }

    @Test
    void shouldTakeTheTreeThatWasReadAboveTheOneAnnounced() {
        // Given
        reader.root("c-1", 5L).spent("c-1", "c-1", 6L);
        announcements.announce(FakeReader.chat("c-1", null, 1_000L));

        // When
        Decision decision = check("c-1", Hints.NONE);

        // Then
        assertThat(decision).isEqualTo(rejected(inTree("c-1", ACCOUNT), 6));
    }

    @Test
    void shouldJudgeTheAccountOfTheRequestBeforeTheChats() {
        // Given
        reader.root("c-1", null);

        // When
        Decision decision = open.check("c-1", Hints.NONE, Optional.of("a-2")).await();

        // Then
        assertThat(decision.subject()).isEqualTo(inTree("c-1", Optional.of("a-2")));
    }

    @Test
    void shouldAllowAChatNeverHeardOfAndSayWhatTheCallerSays() {
        // When
        List<Decision> decisions = List.of(
                open.check("c-99", Hints.NONE, Optional.of("a-2")).await(),
                closed.check("c-99", Hints.NONE, Optional.of("a-2")).await());

        // Then
        assertThat(decisions)
                .containsOnly(forWantOfAnAnswer(
                        new Subject("c-99", Optional.empty(), Optional.of("a-2")), DegradedReason.UNKNOWN_CHAT));
    }

    /** A root named by a child before anything of the root itself was folded. */
    @Test
    void shouldAllowATreeOfWhichThereIsNoRowAsUnknown() {
        // Given
        reader.child("c-7", "c-1", "c-1");

        // When
        Decision decision = check("c-7", Hints.NONE);

        // Then
        assertThat(decision).isEqualTo(forWantOfAnAnswer(inTree("c-7", ACCOUNT), DegradedReason.UNKNOWN_CHAT));
    }

    @Test
    void shouldSayThatAReadingIsNotFreshAndStillRejectByIt() {
        // Given
        reader.root("c-1", 5L).spent("c-1", "c-1", 5L).doubt(DegradedReason.STALE_OWNER);

        // When
        Decision decision = check("c-1", Hints.NONE);

        // Then
        assertThat(decision)
                .isEqualTo(new Decision.Rejected(
                        inTree("c-1", ACCOUNT), treeScope(5), ServedBy.OWNER, Optional.of(DegradedReason.STALE_OWNER)));
    }

    @Test
    void shouldFollowThePolicyIfTheLineageCannotBeRead() {
        // Given
        reader.root("c-1", 5L).unreadable("lineage c-1", DegradedReason.REBALANCING);

        // When
        List<Decision> decisions = List.of(
                open.check("c-1", Hints.NONE, NOT_SAID).await(),
                closed.check("c-1", Hints.NONE, NOT_SAID).await());

        // Then
        Subject subject = new Subject("c-1", Optional.empty(), Optional.empty());
        assertThat(decisions)
                .containsExactly(
                        forWantOfAnAnswer(subject, DegradedReason.REBALANCING),
                        new Decision.Undecided(subject, DegradedReason.REBALANCING));
    }

    @Test
    void shouldFollowThePolicyIfTheTreeCannotBeRead() {
        // Given
        reader.root("c-1", 5L).unreadable("tree c-1", DegradedReason.STORE_ERROR);

        // When
        List<Decision> decisions = List.of(
                open.check("c-1", Hints.NONE, NOT_SAID).await(),
                closed.check("c-1", Hints.NONE, NOT_SAID).await());

        // Then
        assertThat(decisions)
                .containsExactly(
                        forWantOfAnAnswer(inTree("c-1", ACCOUNT), DegradedReason.STORE_ERROR),
                        new Decision.Undecided(inTree("c-1", ACCOUNT), DegradedReason.STORE_ERROR));
    }

    @Test
    void shouldFollowThePolicyIfNobodyAnswersBeforeTheDeadline() {
        // Given
        reader.silent();
        Duration deadline = Duration.ofMillis(20);

        // When
        List<Decision> decisions = List.of(
                spendCheck(deadline, LookupErrorPolicy.OPEN)
                        .check("c-1", Hints.NONE, NOT_SAID)
                        .await(),
                spendCheck(deadline, LookupErrorPolicy.CLOSED)
                        .check("c-1", Hints.NONE, NOT_SAID)
                        .await());

        // Then
        Subject subject = new Subject("c-1", Optional.empty(), Optional.empty());
        assertThat(decisions)
                .containsExactly(
                        forWantOfAnAnswer(subject, DegradedReason.DEADLINE),
                        new Decision.Undecided(subject, DegradedReason.DEADLINE));
    }

    /** A bug is a 500 and not an allowance: nothing that was foreseen has failed. */
    @Test
    void shouldFailForABug() {
        // Given
        RuntimeException bug = new IllegalStateException("no such store");
        reader.failing(bug);

        // When
        Future<Decision> decision = open.check("c-1", Hints.NONE, NOT_SAID);

        // Then
        assertThat(decision.cause()).isSameAs(bug);
    }

    // ---- the account ----

    @Test
    void shouldListTheTreeAndTheAccountWithTheirNumbers() {
        // Given
        limits.byDefault(9, dev.spendledger.events.Period.MONTH);
        reader.root("c-1", 5L).spent("c-1", "c-1", 2L).spentOn(FakeReader.ACCOUNT, TODAY, 4L);

        // When
        Decision decision = check("c-1", Hints.NONE);

        // Then
        assertThat(((Decision.Allowed) decision).scopes())
                .containsExactly(treeScope(2), accountScope(4, 9, PeriodLimitKey.Kind.DEFAULT));
    }

    @Test
    void shouldReadNothingOfAnAccountWithoutALimit() {
        // Given
        limits.ofAccount("a-2", 1).ofGroup("g-1", 1);
        reader.root("c-1", 5L);

        // When
        check("c-1", Hints.NONE);

        // Then
        assertThat(reader.reads()).noneMatch(read -> read.startsWith("account"));
    }

    @Test
    void shouldRejectTheChatsOfAnAccountThatHasReachedItsLimitInThisPeriodAlone() {
        // Given
        limits.ofAccount(FakeReader.ACCOUNT, 9).byDefault(1, dev.spendledger.events.Period.MONTH);
        reader.root("c-1", 5L)
                .spentOn(FakeReader.ACCOUNT, LocalDate.parse("2026-10-31"), 100L)
                .spentOn(FakeReader.ACCOUNT, LocalDate.parse("2026-11-01"), 4L)
                .spentOn(FakeReader.ACCOUNT, LocalDate.parse("2026-11-30"), 5L)
                .spentOn(FakeReader.ACCOUNT, LocalDate.parse("2026-12-01"), 100L)
                .spentOn(FakeReader.ACCOUNT, TODAY, null);

        // When
        Decision decision = check("c-1", Hints.NONE);

        // Then
        assertThat(decision)
                .isEqualTo(new Decision.Rejected(
                        inTree("c-1", ACCOUNT),
                        accountScope(9, 9, PeriodLimitKey.Kind.ACCOUNT),
                        ServedBy.OWNER,
                        Optional.empty()));
    }

    @Test
    void shouldHoldTheAccountOfTheRequestToItsLimitAndNotTheChats() {
        // Given
        limits.ofAccount("a-2", 9);
        reader.root("c-1", 5L).spentOn("a-2", TODAY, 10L);

        // When
        List<Decision> decisions = List.of(
                check("c-1", Hints.NONE),
                open.check("c-1", Hints.NONE, Optional.of("a-2")).await());

        // Then
        assertThat(decisions.get(0)).isInstanceOf(Decision.Allowed.class);
        assertThat(((Decision.Rejected) decisions.get(1)).scope())
                .isEqualTo(accountScope(10, 9, PeriodLimitKey.Kind.ACCOUNT));
    }

    @Test
    void shouldRejectByTheAccountWhatHasATreeThatNobodyCanRead() {
        // Given
        limits.ofAccount("a-2", 9);
        reader.root("c-1", 5L)
                .unreadable("lineage c-1", DegradedReason.STORE_ERROR)
                .spentOn("a-2", TODAY, 9L);

        // When
        List<Decision> decisions = List.of(
                open.check("c-1", Hints.NONE, Optional.of("a-2")).await(),
                open.check("c-99", Hints.NONE, Optional.of("a-2")).await());

        // Then
        assertThat(decisions)
                .allSatisfy(decision -> assertThat(((Decision.Rejected) decision).scope())
                        .isEqualTo(accountScope(9, 9, PeriodLimitKey.Kind.ACCOUNT)));
    }

    @Test
    void shouldFollowThePolicyIfTheAccountCannotBeRead() {
        // Given
        limits.ofAccount(FakeReader.ACCOUNT, 9);
        reader.root("c-1", 5L).unreadable("account " + FakeReader.ACCOUNT, DegradedReason.REBALANCING);

        // When
        List<Decision> decisions = List.of(
                open.check("c-1", Hints.NONE, NOT_SAID).await(),
                closed.check("c-1", Hints.NONE, NOT_SAID).await());

        // Then
        assertThat(decisions)
                .containsExactly(
                        new Decision.Allowed(
                                inTree("c-1", ACCOUNT),
                                List.of(treeScope(0)),
                                ServedBy.OWNER,
                                Optional.of(FakeReader.FRESH),
                                Optional.of(DegradedReason.REBALANCING),
                                true),
                        new Decision.Undecided(inTree("c-1", ACCOUNT), DegradedReason.REBALANCING));
    }

    /** Nobody knows yet whether there is a limit. */
    @Test
    void shouldFollowThePolicyWhileTheLimitsOfAccountsAreNotRead() {
        // Given
        FakeLimits notLoaded = new FakeLimits(false);
        SpendCheck starting = new SpendCheck(
                new TreeLocator(reader, announcements),
                reader,
                new AccountQuery(reader, notLoaded.view(), Clock.systemUTC()),
                freezes.view(),
                known.view(),
                announcements,
                Clock.systemUTC(),
                LONG,
                STALE_AFTER,
                LookupErrorPolicy.CLOSED,
                THRESHOLDS);
        reader.root("c-1", 5L);

        // When
        Decision decision = starting.check("c-1", Hints.NONE, NOT_SAID).await();

        // Then
        assertThat(decision).isEqualTo(new Decision.Undecided(inTree("c-1", ACCOUNT), DegradedReason.STARTING));
    }

    @Test
    void shouldJudgeAnAccountAlone() {
        // Given
        limits.ofGroup("g-1", 9).groups("a-2", "g-1").groups("a-3", "g-1");
        reader.spentOn("a-2", TODAY, 9L).spentOn("a-3", TODAY, 8L);

        // When
        List<Decision> decisions = List.of(checkAccount("a-2"), checkAccount("a-3"), checkAccount("a-4"));

        // Then
        assertThat(decisions)
                .containsExactly(
                        new Decision.Rejected(
                                Subject.ofAccount("a-2"),
                                accountScope(9, 9, PeriodLimitKey.Kind.GROUP),
                                ServedBy.OWNER,
                                Optional.empty()),
                        new Decision.Allowed(
                                Subject.ofAccount("a-3"),
                                List.of(accountScope(8, 9, PeriodLimitKey.Kind.GROUP)),
                                ServedBy.OWNER,
                                Optional.of(FakeReader.FRESH),
                                Optional.empty(),
                                false),
                        new Decision.Allowed(
                                Subject.ofAccount("a-4"),
                                List.of(),
                                ServedBy.NONE,
                                Optional.empty(),
                                Optional.empty(),
                                false));
    }

    // ---- without a fresh owner ----

    /** Whatever fails: the tree's partition, the chat's, or the copy that has not heard of the last message. */
    @Test
    @Tag("P18")
    void shouldRejectATreeThatIsKnownToBeExhaustedWhateverFails() {
        // Given
        known.status("c-1", 6, 5, -1);
        reader.root("c-1", 5L).child("c-7", "c-1", "c-1").spent("c-1", "c-7", 2L);
        check("c-7", Hints.NONE); // So that its root is known.

        // When
        reader.servedBy(ServedBy.STANDBY);
        Decision byCopy = check("c-7", Hints.NONE);
        reader.doubt(DegradedReason.STALE_OWNER);
        Decision byOldCopy = check("c-7", Hints.NONE);
        reader.unreadable(DegradedReason.OWNER_UNREACHABLE);
        Decision byNobody = check("c-7", Hints.NONE);
        Decision ofTheRootItself = check("c-1", Hints.NONE);
        Decision ofAChatThatCannotBeLookedUp = check("c-8", new Hints(Optional.of("c-1"), Optional.empty()));
        Decision belowAParentThatIsTheRoot = check("c-9", new Hints(Optional.empty(), Optional.of("c-1")));

        // Then
        assertThat(List.of(
                        byCopy,
                        byOldCopy,
                        byNobody,
                        ofTheRootItself,
                        ofAChatThatCannotBeLookedUp,
                        belowAParentThatIsTheRoot))
                .allSatisfy(decision -> {
                    Decision.Rejected rejected = (Decision.Rejected) decision;
                    assertThat(rejected.subject().rootChatId()).contains("c-1");
                    assertThat(rejected.scope()).isEqualTo(treeScope(6));
                    assertThat(rejected.servedBy()).isEqualTo(ServedBy.STATUS_VIEW);
                    assertThat(rejected.degraded()).isPresent();
                });
    }

    @Test
    void shouldRejectByACopyThatIsAsNewAsAnOwnerHasToBeWithoutADoubt() {
        // Given
        known.status("c-1", 6, 5, -1);
        reader.root("c-1", 5L).spent("c-1", "c-1", 6L);

        // When
        reader.servedBy(ServedBy.STANDBY);
        Decision.Rejected byCopy = (Decision.Rejected) check("c-1", Hints.NONE);
        reader.doubt(DegradedReason.STALE_OWNER);
        Decision.Rejected byOldCopy = (Decision.Rejected) check("c-1", Hints.NONE);

        // Then
        assertThat(byCopy.servedBy()).isEqualTo(ServedBy.STANDBY);
        assertThat(byCopy.degraded()).isEmpty();
        assertThat(byOldCopy.servedBy()).isEqualTo(ServedBy.STATUS_VIEW);
        assertThat(byOldCopy.degraded()).isPresent();
    }

    /** The owner of the chat's partition is behind, and has no row of it yet. */
    @Test
    @Tag("P18")
    void shouldHoldAChatThatAStaleOwnerLacksToTheExhaustedTreeThatTheCallerNames() {
        // Given
        known.status("c-1", 6, 5, -1);
        reader.root("c-1", 5L).doubt(DegradedReason.CATCHING_UP);

        // Then
        assertThat(check("c-7", new Hints(Optional.of("c-1"), Optional.empty())))
                .isInstanceOf(Decision.Rejected.class);
    }

    @Test
    @Tag("P18")
    void shouldHoldATreeThatItsOwnerLacksToWhatIsKnownOfIt() {
        // Given
        known.status("c-1", 6, 5, -1);
        reader.child("c-7", "c-1", "c-1");

        // When
        Decision byAFreshOwner = check("c-7", Hints.NONE);
        reader.doubt(DegradedReason.CATCHING_UP);
        Decision byAStaleOne = check("c-7", Hints.NONE);

        // Then
        assertThat(byAFreshOwner).isInstanceOf(Decision.Rejected.class);
        assertThat(byAStaleOne).isInstanceOf(Decision.Rejected.class);
    }

    @Test
    void shouldNotTakeAStaleOwnersMissingRowForAChatNeverHeardOf() {
        // Given
        reader.doubt(DegradedReason.STALE_OWNER);

        // Then
        assertThat(closed.check("c-7", Hints.NONE, NOT_SAID).await()).isInstanceOf(Decision.Undecided.class);
    }

    @Test
    void shouldRememberNothingOfATreeThatWasOnlyAnnounced() {
        // Given
        announcements.announce(FakeReader.chat("c-1", null, 5L));
        check("c-1", Hints.NONE);

        // When
        reader.unreadable(DegradedReason.REBALANCING);

        // Then
        assertThat(((Decision.Allowed) check("c-1", Hints.NONE)).scopes()).isEmpty();
    }

    @Test
    void shouldTakeAFreshOwnersWordAboveWhatIsKnown() {
        // Given
        known.status("c-1", 6, 5, -1);
        reader.root("c-1", 5L).spent("c-1", "c-1", 2L);

        // Then
        assertThat(check("c-1", Hints.NONE)).isInstanceOf(Decision.Allowed.class);
    }

    @Test
    void shouldGoOnByWhatAFreshOwnerLastSaidAndMarkItOnceItIsOld() {
        // Given
        reader.root("c-1", 5L).spent("c-1", "c-1", 2L).root("c-2", 5L).spent("c-2", "c-2", 5L);
        check("c-1", Hints.NONE);
        check("c-2", Hints.NONE);

        // When
        reader.unreadable(DegradedReason.REBALANCING);
        Decision.Allowed soon = (Decision.Allowed) check("c-1", Hints.NONE);
        Decision.Rejected rejected = (Decision.Rejected) check("c-2", Hints.NONE);
        clock.set(FakeReader.FRESH.asOf().plus(STALE_AFTER).plusMillis(1));
        Decision.Allowed late = (Decision.Allowed) check("c-1", Hints.NONE);
        Decision.Rejected rejectedLate = (Decision.Rejected) check("c-2", Hints.NONE);

        // Then
        assertThat(soon.servedBy()).isEqualTo(ServedBy.STATUS_VIEW);
        assertThat(soon.scopes()).containsExactly(treeScope(2));
        assertThat(soon.degraded()).isEmpty();
        assertThat(soon.freshness().orElseThrow().asOf()).isEqualTo(FakeReader.FRESH.asOf());
        assertThat(rejected.degraded()).isEmpty();
        assertThat(rejectedLate.degraded()).contains(DegradedReason.REBALANCING);
        assertThat(late.scopes()).containsExactly(treeScope(2));
        assertThat(late.degraded()).contains(DegradedReason.REBALANCING);
        assertThat(late.failOpen()).isFalse();
    }

    /** A hint is enough to be stopped by, and not to be let go by. */
    @Test
    void shouldNotAllowByTheTreeOfAHint() {
        // Given
        reader.root("c-1", 5L).spent("c-1", "c-1", 2L);
        check("c-1", Hints.NONE);
        reader.unreadable(DegradedReason.REBALANCING);

        // When
        Decision.Allowed decision = (Decision.Allowed) check("c-7", new Hints(Optional.of("c-1"), Optional.empty()));

        // Then
        assertThat(decision.failOpen()).isTrue();
        assertThat(decision.scopes()).isEmpty();
    }

    @Test
    void shouldRememberAnExhaustedAccountUntilItsPeriodEndsOrItsLimitChanges() {
        // Given
        limits.ofAccount("a-2", 9);
        reader.spentOn("a-2", TODAY, 9L);
        checkAccount("a-2");
        reader.unreadable(DegradedReason.REBALANCING);

        // When
        Decision meanwhile = checkAccount("a-2");
        clock.set(FakeReader.FRESH.asOf().plus(STALE_AFTER).plusMillis(1));
        Decision later = checkAccount("a-2");
        limits.ofAccount("a-2", 10);
        Decision raised = checkAccount("a-2");
        limits.ofAccount("a-2", 9);
        clock.set(Instant.parse("2026-12-01T00:00:00Z"));
        Decision nextMonth = checkAccount("a-2");

        // Then
        assertThat(meanwhile).isEqualTo(rejectedByTheView(Optional.empty()));
        assertThat(later).isEqualTo(rejectedByTheView(Optional.of(DegradedReason.REBALANCING)));
        assertThat(raised).isInstanceOf(Decision.Allowed.class);
        assertThat(nextMonth).isInstanceOf(Decision.Allowed.class);
        assertThat(nextMonth.degraded()).contains(DegradedReason.REBALANCING);
    }

    private static Decision rejectedByTheView(Optional<DegradedReason> degraded) {
        return new Decision.Rejected(
                Subject.ofAccount("a-2"),
                accountScope(9, 9, PeriodLimitKey.Kind.ACCOUNT),
                ServedBy.STATUS_VIEW,
                degraded);
    }

    // ---- freezes ----

    @Test
    @Tag("P19")
    void shouldRejectEveryChatOfAFrozenTreeBeforeItsLimit() {
        // Given
        reader.root("c-1", 5L)
                .child("c-7", "c-1", "c-1")
                .unresolved("c-9", "c-7")
                .spent("c-1", "c-7", 6L);
        freezes.freeze("c-1", "runs in circles");

        // When
        List<Decision> decisions = List.of(
                check("c-1", Hints.NONE),
                check("c-7", Hints.NONE),
                check("c-9", Hints.NONE),
                check("c-8", new Hints(Optional.empty(), Optional.of("c-7"))));

        // Then
        Freeze freeze = new Freeze("runs in circles", null, FakeFreezes.SET_AT);
        assertThat(decisions)
                .containsExactly(
                        new Decision.Frozen(inTree("c-1", ACCOUNT), freeze, Optional.empty()),
                        new Decision.Frozen(inTree("c-7", ACCOUNT), freeze, Optional.empty()),
                        new Decision.Frozen(inTree("c-9", ACCOUNT), freeze, Optional.empty()),
                        new Decision.Frozen(inTree("c-8", NOT_SAID), freeze, Optional.empty()));
    }

    @Test
    void shouldLetATreeGoOnOnceItIsUnfrozen() {
        // Given
        reader.root("c-1", 5L);
        freezes.freeze("c-1", null);

        // When
        Decision before = check("c-1", Hints.NONE);
        freezes.apply("c-1", null);
        Decision after = check("c-1", Hints.NONE);

        // Then
        assertThat(before).isInstanceOf(Decision.Frozen.class);
        assertThat(after).isInstanceOf(Decision.Allowed.class);
    }

    /** Only a root can be frozen, and what the ledger knows stands above what a caller says. */
    @Test
    @Tag("P14")
    void shouldGiveNothingForHintsAndForTheFreezeOfAChildWhereTheTreeIsKnown() {
        // Given
        reader.root("c-1", 5L).child("c-7", "c-1", "c-1").root("c-2", 5L);
        freezes.freeze("c-2", null).freeze("c-7", null);

        // When
        Decision decision = check("c-7", new Hints(Optional.of("c-2"), Optional.of("c-2")));

        // Then
        assertThat(decision).isInstanceOf(Decision.Allowed.class);
    }

    /**
     * What can be known of the chat c-7, of which parent and root are c-2 and c-1, while its tree is not. The root above it may
     * be found by one way or another, or not at all.
     */
    @ParameterizedTest
    @CsvSource(textBlock = """
                    unknown,          c-7,     ,     ,     unknown_chat, c-7
                    unknown,          c-1,     c-1,  ,     unknown_chat, c-1
                    unknown,          c-1,     ,     ,     ,
                    parent unknown,   c-2,     ,     ,     unknown_chat, c-2
                    parent unknown,   c-7,     ,     ,     ,
                    parent unknown,   c-1,     c-1,  ,     unknown_chat, c-1
                    parent unknown,   c-1,     ,     c-1,  unknown_chat, c-1
                    unreadable,       c-7,     ,     ,     store_error,  c-7
                    unreadable,       c-1,     c-1,  ,     store_error,  c-1
                    unreadable,       c-2,     ,     c-2,  store_error,  c-2
                    unreadable,       c-1,     ,     c-6,  store_error,  c-1
                    unreadable,       c-1,     c-3,  c-4,  ,
                    root unreadable,  c-1,     ,     ,     store_error,  c-1
                    root unreadable,  c-7,     ,     ,     ,
                    silent,           c-7,     ,     ,     deadline,     c-7
                    silent,           c-1,     c-1,  ,     deadline,     c-1
                    silent,           c-1,     ,     c-6,  deadline,     c-1
                    """)
    @Tag("P19")
    void shouldGoByWhatMayBeTheRootWhereNobodyKnowsIt(
            String known, String frozen, String rootHint, String parentHint, String doubt, String root) {
        // Given
        SpendCheck check = spendCheck(known.equals("silent") ? Duration.ofMillis(50) : LONG, LookupErrorPolicy.OPEN);
        reader.root("c-1", 5L).child("c-6", "c-1", "c-1");
        check.check("c-6", Hints.NONE, NOT_SAID).await(); // So that its place is cached.
        switch (known) {
            case "unknown" -> {}
            case "parent unknown" -> reader.unresolved("c-7", "c-2");
            case "unreadable" -> reader.unreadable(DegradedReason.STORE_ERROR);
            case "root unreadable" ->
                reader.unresolved("c-7", "c-2")
                        .unresolved("c-2", "c-1")
                        .unreadable("lineage c-1", DegradedReason.STORE_ERROR);
            default -> reader.silent();
        }
        freezes.freeze(frozen, null);

        // When
        Decision decision = check.check(
                        "c-7", new Hints(Optional.ofNullable(rootHint), Optional.ofNullable(parentHint)), NOT_SAID)
                .await();

        // Then
        if (root == null) {
            assertThat(decision).isInstanceOf(Decision.Allowed.class);
        } else {
            assertThat(decision).isInstanceOf(Decision.Frozen.class);
            assertThat(decision.subject().rootChatId()).contains(root);
            assertThat(decision.degraded().map(DegradedReason::code)).contains(doubt);
        }
    }

    /** Nothing that hangs may hold a kill switch up. */
    @Test
    @Tag("P19")
    void shouldNotWaitForAnyReadingOfATreeThatIsFrozen() {
        // Given
        reader.root("c-1", 5L);
        limits.ofAccount("a-2", 5);
        check("c-1", Hints.NONE);
        freezes.freeze("c-1", null);
        reader.silent();

        // When
        Future<Decision> decision = open.check("c-1", Hints.NONE, Optional.of("a-2"));

        // Then
        assertThat(decision.succeeded()).isTrue();
        assertThat(decision.result()).isInstanceOf(Decision.Frozen.class);
    }

    @Test
    void shouldFollowThePolicyWhileTheFreezesAreNotRead() {
        // Given
        SpendCheck starting = new SpendCheck(
                new TreeLocator(reader, announcements),
                reader,
                new AccountQuery(reader, limits.view(), Clock.systemUTC()),
                new FakeFreezes(false).view(),
                known.view(),
                announcements,
                clock,
                LONG,
                STALE_AFTER,
                LookupErrorPolicy.CLOSED,
                THRESHOLDS);
        reader.root("c-1", 5L);

        // When
        Decision decision = starting.check("c-1", Hints.NONE, NOT_SAID).await();

        // Then
        assertThat(decision).isEqualTo(new Decision.Undecided(inTree("c-1", ACCOUNT), DegradedReason.STARTING));
    }

    @Test
    void shouldNotHoldAFreezeAgainstAnAccountAlone() {
        // Given
        freezes.freeze("a-2", null);

        // When
        Decision decision = checkAccount("a-2");

        // Then
        assertThat(decision).isInstanceOf(Decision.Allowed.class);
    }

    private SpendCheck spendCheck(Duration deadline, LookupErrorPolicy policy) {
        return new SpendCheck(
                new TreeLocator(reader, announcements),
                reader,
                new AccountQuery(reader, limits.view(), clock),
                freezes.view(),
                known.view(),
                announcements,
                clock,
                deadline,
                STALE_AFTER,
                policy,
                THRESHOLDS);
    }

    private Decision check(String chatId, Hints hints) {
        Decision decision = open.check(chatId, hints, NOT_SAID).await();
        // Whatever the case: what can be decided from memory is decided in the same way.
        assertThat(open.checkInMemory(chatId, NOT_SAID)).isIn(Optional.of(decision), Optional.empty());
        return decision;
    }

    private Decision checkAccount(String accountId) {
        Decision decision = open.checkAccount(accountId).await();
        assertThat(open.checkAccountInMemory(accountId)).isIn(Optional.of(decision), Optional.empty());
        return decision;
    }

    private static Scope treeScope(long spent) {
        return new Scope(Scope.CHAT_LIFETIME, spent, false, 5, THRESHOLDS.passed(spent, 5), Optional.empty());
    }

    private static Scope accountScope(long spent, long limit, PeriodLimitKey.Kind source) {
        return new Scope(
                Scope.ACCOUNT_PERIOD,
                spent,
                false,
                limit,
                THRESHOLDS.passed(spent, limit),
                Optional.of(new Scope.InPeriod(Period.MONTH, Instant.parse("2026-12-01T00:00:00Z"), source)));
    }

    private static Subject inTree(String chatId, Optional<String> accountId) {
        return new Subject(chatId, Optional.of("c-1"), accountId);
    }

    private static Decision rejected(Subject subject, long spent) {
        return new Decision.Rejected(subject, treeScope(spent), ServedBy.OWNER, Optional.empty());
    }

    private static Decision forWantOfAnAnswer(Subject subject, DegradedReason reason) {
        return new Decision.Allowed(subject, List.of(), ServedBy.NONE, Optional.empty(), Optional.of(reason), true);
    }
}
