package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.query.TreeLocator.Hints;
import dev.spendledger.api.testing.FakeReader;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a chat belongs: found from what the ledger knows, never from what a caller believes. */
@Timeout(30)
class TreeLocatorTest {
    private static final Optional<String> ACCOUNT = Optional.of(FakeReader.ACCOUNT);
    private static final Optional<String> NO_ACCOUNT = Optional.empty();

    private final FakeReader reader = new FakeReader();
    private final Announcements announcements = new Announcements();
    private final TreeLocator locator = new TreeLocator(reader, announcements);

    // ---- by lineage ----

    @Test
    void shouldFindARootInItsOwnTree() {
        // Given
        reader.root("c-1", null);

        // When
        Location location = locate("c-1", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
    }

    @Test
    void shouldFindAChildInTheTreeOfItsStoredRoot() {
        // Given
        reader.root("c-1", null).child("c-7", "c-2", "c-1");

        // When
        Location location = locate("c-7", Hints.NONE);

        // Then its parent is not asked: depth costs nothing once the root is stored
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
        assertThat(reader.reads()).containsExactly("lineage c-7");
    }

    @Test
    void shouldFindAChatThatNobodyHasHeardOfNowhere() {
        // When
        Location location = locate("c-99", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.Nowhere(NO_ACCOUNT, "c-99"));
    }

    @Test
    void shouldFindAChatOfWhichOnlyMessagesAreKnownNowhere() {
        // Given
        reader.parked("c-22", 300);

        // When
        Location location = locate("c-22", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.Nowhere(NO_ACCOUNT, "c-22"));
    }

    @Test
    void shouldFindAChatWithoutARootNowhereButKnowItsAccount() {
        // Given
        reader.rootless("c-5", "c-6");

        // When
        Location location = locate("c-5", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.Nowhere(ACCOUNT, "c-5"));
        assertThat(reader.reads()).containsExactly("lineage c-5");
    }

    // ---- the cache ----

    @Test
    void shouldReadTheLineageOfAChatOnlyOnceItsRootIsKnown() {
        // Given
        reader.root("c-1", null).child("c-7", "c-2", "c-1");
        locate("c-7", Hints.NONE);
        reader.forgetReads();

        // When
        Location location = locate("c-7", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
        assertThat(locator.cached("c-7")).contains(new Location.InTree("c-1", ACCOUNT));
        assertThat(reader.reads()).isEmpty();
    }

    @Test
    void shouldKeepAnsweringFromTheCacheWhenNothingCanBeRead() {
        // Given
        reader.root("c-1", null).child("c-7", "c-2", "c-1");
        locate("c-7", Hints.NONE);
        reader.unreadable(DegradedReason.STORE_ERROR);

        // When
        Location location = locate("c-7", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
    }

    @Test
    void shouldNotCacheWhatWasReadUpTheParents() {
        // Given
        reader.root("c-1", null).unresolved("c-2", "c-1");
        locate("c-2", Hints.NONE);
        reader.forgetReads();

        // When
        locate("c-2", Hints.NONE);

        // Then
        assertThat(locator.cached("c-2")).isEmpty();
        assertThat(reader.reads()).containsExactly("lineage c-2");
    }

    @Test
    void shouldNotCacheAnAnnouncement() {
        // Given
        announcements.announce(FakeReader.chat("c-1", null, null));

        // When
        Location location = locate("c-1", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
        assertThat(locator.cached("c-1")).isEmpty();
    }

    @Test
    void shouldNotCacheTheTreeThatAParentHintLedTo() {
        // Given
        reader.root("c-1", null);

        // When
        locate("c-99", new Hints(Optional.empty(), Optional.of("c-1")));

        // Then
        assertThat(locator.cached("c-99")).isEmpty();
    }

    @Test
    void shouldNotCacheThatAChatIsUnknown() {
        // Given
        locate("c-1", Hints.NONE);
        reader.root("c-1", null);

        // When
        Location location = locate("c-1", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
    }

    // ---- up the parents ----

    @Test
    void shouldReadUpTheParentsWhileTheRootIsNotStored() {
        // Given
        reader.root("c-1", null).unresolved("c-2", "c-1").unresolved("c-7", "c-2");

        // When
        Location location = locate("c-7", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
        assertThat(reader.reads()).containsExactly("lineage c-7", "lineage c-2", "lineage c-1");
    }

    @Test
    void shouldStopReadingUpAtAParentWhoseRootIsCached() {
        // Given
        reader.root("c-1", null).child("c-2", "c-1", "c-1").unresolved("c-7", "c-2");
        locate("c-2", Hints.NONE);
        reader.forgetReads();

        // When
        Location location = locate("c-7", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
        assertThat(reader.reads()).containsExactly("lineage c-7");
    }

    @Test
    void shouldFindAChatNowhereIfAParentIsNotKnown() {
        // Given
        reader.unresolved("c-21", "c-20");

        // When
        Location location = locate("c-21", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.Nowhere(ACCOUNT, "c-20"));
    }

    @Test
    void shouldFindAChatNowhereIfAParentHasNoRoot() {
        // Given
        reader.rootless("c-5", "c-6").unresolved("c-8", "c-5");

        // When
        Location location = locate("c-8", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.Nowhere(ACCOUNT, "c-5"));
    }

    @Test
    void shouldEndInACircleOfParents() {
        // Given
        reader.unresolved("c-1", "c-3").unresolved("c-2", "c-1").unresolved("c-3", "c-2");

        // When
        Location location = locate("c-1", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.Nowhere(ACCOUNT, "c-2"));
    }

    @Test
    void shouldFindTheRootOfTheDeepestChatThatCanHaveOneOnAThreadThatServesRequests() {
        // Given
        chain(1_000);

        // When
        Location location = onWorkerThread("c-1000");

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-0", ACCOUNT));
    }

    @Test
    void shouldGiveUpOnAChatThatIsTooDeep() {
        // Given
        chain(1_001);

        // When
        Location location = onWorkerThread("c-1001");

        // Then
        assertThat(location).isEqualTo(new Location.Nowhere(ACCOUNT, "c-0"));
    }

    /** A root and so many descendants below each other, of which only the root is resolved. */
    private void chain(int descendants) {
        reader.root("c-0", null);
        for (int depth = 1; depth <= descendants; depth++) {
            reader.unresolved("c-" + depth, "c-" + (depth - 1));
        }
    }

    /** Requests are served by threads with a stack of the default size, which a test's thread may exceed. */
    private Location onWorkerThread(String chatId) {
        Vertx vertx = Vertx.vertx();
        try {
            return vertx.executeBlocking(() -> locator.locate(chatId, Hints.NONE))
                    .compose(location -> location)
                    .await();
        } finally {
            vertx.close().await();
        }
    }

    // ---- what was announced ----

    @Test
    void shouldFindAnAnnouncedChildInTheTreeOfItsParent() {
        // Given
        reader.root("c-1", null);
        announcements.announce(FakeReader.chat("c-2", "c-1", null));
        announcements.announce(FakeReader.chat("c-7", "c-2", null));

        // When
        Location location = locate("c-7", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
    }

    @Test
    void shouldTakeLineageAboveAnAnnouncement() {
        // Given
        reader.root("c-1", null).root("c-9", null).child("c-7", "c-1", "c-1");
        announcements.announce(FakeReader.chat("c-7", "c-9", null));

        // When
        Location location = locate("c-7", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
    }

    @Test
    void shouldTakeAnAnnouncementAboveTheParentThatTheCallerNames() {
        // Given
        reader.root("c-1", null).root("c-9", null);
        announcements.announce(FakeReader.chat("c-7", "c-1", null));

        // When
        Location location = locate("c-7", new Hints(Optional.empty(), Optional.of("c-9")));

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
    }

    @Test
    void shouldForgetAnAnnouncementThatWasWithdrawn() {
        // Given
        announcements.announce(FakeReader.chat("c-1", null, null));
        announcements.withdraw(FakeReader.chat("c-1", null, null));

        // When
        Location location = locate("c-1", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.Nowhere(NO_ACCOUNT, "c-1"));
    }

    // ---- what the caller believes ----

    @Test
    void shouldSaveTheReadOfTheLineageWhereTheChatIsAMemberOfTheTreeNamed() {
        // Given
        reader.root("c-1", null).child("c-7", "c-2", "c-1");

        // When
        Location location = locate("c-7", new Hints(Optional.of("c-1"), Optional.empty()));

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
        assertThat(reader.reads()).containsExactly("member c-1 c-7");
    }

    @ParameterizedTest
    @Tag("P14")
    @ValueSource(strings = {"c-9", "c-404", "c-7"})
    void shouldNotFollowAWrongRoot(String wrongRoot) {
        // Given
        reader.root("c-1", null).root("c-9", null).child("c-7", "c-1", "c-1");

        // When
        Location location = locate("c-7", new Hints(Optional.of(wrongRoot), Optional.empty()));

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
    }

    @Test
    @Tag("P14")
    void shouldNotFollowTheRootNamedForAChatNeverHeardOf() {
        // Given
        reader.root("c-1", null);

        // When
        Location location = locate("c-99", new Hints(Optional.of("c-1"), Optional.empty()));

        // Then
        assertThat(location).isEqualTo(new Location.Nowhere(NO_ACCOUNT, "c-99"));
    }

    @Test
    void shouldFallBackToTheLineageIfTheTreeNamedCannotBeRead() {
        // Given
        reader.root("c-1", null).child("c-7", "c-1", "c-1").unreadable("member c-1 c-7", DegradedReason.REBALANCING);

        // When
        Location location = locate("c-7", new Hints(Optional.of("c-1"), Optional.empty()));

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
    }

    @Test
    void shouldJudgeAChatNeverHeardOfByTheParentNamed() {
        // Given
        reader.root("c-1", null).child("c-7", "c-1", "c-1");

        // When
        Location location = locate("c-8", new Hints(Optional.empty(), Optional.of("c-7")));

        // Then the account is the parent's, which need not be the chat's
        assertThat(location).isEqualTo(new Location.InTree("c-1", NO_ACCOUNT));
    }

    @Test
    void shouldJudgeAChatOfWhichOnlyMessagesAreKnownByTheParentNamed() {
        // Given
        reader.root("c-1", null).parked("c-22", 300);

        // When
        Location location = locate("c-22", new Hints(Optional.empty(), Optional.of("c-1")));

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", NO_ACCOUNT));
    }

    @Test
    void shouldNotFollowTheParentNamedForAKnownChat() {
        // Given
        reader.root("c-1", null).root("c-9", null).child("c-7", "c-1", "c-1");

        // When
        Location location = locate("c-7", new Hints(Optional.empty(), Optional.of("c-9")));

        // Then
        assertThat(location).isEqualTo(new Location.InTree("c-1", ACCOUNT));
    }

    @Test
    void shouldNotFollowTheParentNamedForAKnownChatWhoseOwnParentIsUnknown() {
        // Given
        reader.root("c-9", null).unresolved("c-21", "c-20");

        // When
        Location location = locate("c-21", new Hints(Optional.empty(), Optional.of("c-9")));

        // Then
        assertThat(location).isEqualTo(new Location.Nowhere(ACCOUNT, "c-20"));
    }

    @Test
    void shouldEndIfTheParentNamedIsTheChatItself() {
        // When
        Location location = locate("c-99", new Hints(Optional.empty(), Optional.of("c-99")));

        // Then
        assertThat(location).isEqualTo(new Location.Nowhere(NO_ACCOUNT, "c-99"));
    }

    // ---- what cannot be read ----

    @ParameterizedTest
    @EnumSource(
            value = DegradedReason.class,
            names = {"STARTING", "REBALANCING", "STORE_ERROR"})
    void shouldSayWhyALineageCannotBeRead(DegradedReason reason) {
        // Given
        reader.unreadable("lineage c-7", reason);

        // When
        Location location = locate("c-7", new Hints(Optional.empty(), Optional.of("c-1")));

        // Then the parent named is not followed: the chat may be known, with another
        assertThat(location).isEqualTo(new Location.Unreadable(reason, "c-7"));
    }

    @Test
    void shouldSayThatAParentCannotBeRead() {
        // Given
        reader.unresolved("c-7", "c-2").unreadable("lineage c-2", DegradedReason.REBALANCING);

        // When
        Location location = locate("c-7", Hints.NONE);

        // Then
        assertThat(location).isEqualTo(new Location.Unreadable(DegradedReason.REBALANCING, "c-2"));
    }

    @Test
    void shouldFailForABug() {
        // Given
        RuntimeException bug = new IllegalStateException("no such store");
        reader.failing(bug);

        // When
        Future<Location> location = locator.locate("c-7", Hints.NONE);

        // Then
        assertThat(location.cause()).isSameAs(bug);
    }

    private Location locate(String chatId, Hints hints) {
        return locator.locate(chatId, hints).await();
    }
}
