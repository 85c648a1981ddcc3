package dev.spendledger.api.decision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.query.Announcements;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.query.TreeLocator;
import dev.spendledger.api.query.TreeLocator.Hints;
import dev.spendledger.api.testing.FakeReader;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A check from question to decision, on partitions in memory. */
@Timeout(30)
class SpendCheckTest {
    private static final Optional<String> ACCOUNT = Optional.of(FakeReader.ACCOUNT);
    private static final Optional<String> NOT_SAID = Optional.empty();
    private static final Duration LONG = Duration.ofSeconds(10);

    private final FakeReader reader = new FakeReader();
    private final Announcements announcements = new Announcements();
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
                        List.of(new Scope(Scope.CHAT_LIFETIME, 2, false, 5)),
                        ServedBy.OWNER,
                        Optional.of(FakeReader.FRESH),
                        Optional.empty()));
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
                        List.of(new Scope(Scope.CHAT_LIFETIME, 0, false, 5)),
                        ServedBy.OWNER,
                        Optional.of(FakeReader.FRESH),
                        Optional.empty()));
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
                        inTree("c-1", ACCOUNT),
                        new Scope(Scope.CHAT_LIFETIME, 5, false, 5),
                        ServedBy.OWNER,
                        Optional.of(DegradedReason.STALE_OWNER)));
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

    private SpendCheck spendCheck(Duration deadline, LookupErrorPolicy policy) {
        return new SpendCheck(new TreeLocator(reader, announcements), reader, announcements, deadline, policy);
    }

    private Decision check(String chatId, Hints hints) {
        return open.check(chatId, hints, NOT_SAID).await();
    }

    private static Subject inTree(String chatId, Optional<String> accountId) {
        return new Subject(chatId, Optional.of("c-1"), accountId);
    }

    private static Decision rejected(Subject subject, long spent) {
        return new Decision.Rejected(
                subject, new Scope(Scope.CHAT_LIFETIME, spent, false, 5), ServedBy.OWNER, Optional.empty());
    }

    private static Decision forWantOfAnAnswer(Subject subject, DegradedReason reason) {
        return new Decision.Allowed(subject, List.of(), ServedBy.NONE, Optional.empty(), Optional.of(reason));
    }
}
