package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.query.LedgerReader.Member;
import dev.spendledger.api.query.SpendQuery.Page;
import dev.spendledger.api.query.SpendQuery.UnavailableException;
import dev.spendledger.api.testing.FakeFreezes;
import dev.spendledger.api.testing.FakeReader;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is shown of a chat's spend, on partitions in memory. */
class SpendQueryTest {
    private static final Optional<Page> NO_PAGE = Optional.empty();

    private final Vertx vertx = Vertx.vertx();
    private final FakeReader reader = new FakeReader();
    private final Announcements announcements = new Announcements();
    private final FakeFreezes freezes = new FakeFreezes();
    private final SpendQuery query =
            new SpendQuery(reader, freezes.view(), announcements, new Turns(vertx, 2, Duration.ofSeconds(30)));

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void shouldShowAChatAndItsTree() {
        // Given
        reader.root("c-1", 5L)
                .child("c-7", "c-1", "c-1")
                .spent("c-1", "c-1", 2L)
                .spent("c-1", "c-7", 1L);

        // When
        SpendView view = find("c-7", NO_PAGE);

        // Then
        assertThat(view.rootChatId()).contains("c-1");
        assertThat(view.accountId()).contains(FakeReader.ACCOUNT);
        assertThat(view.own().spentMicros()).isEqualTo(1);
        assertThat(view.tree().orElseThrow().totals().spentMicros()).isEqualTo(3);
        assertThat(view.tree().orElseThrow().chats()).isEqualTo(2);
        assertThat(view.chats()).isEmpty();
        assertThat(view.moreChats()).isFalse();
    }

    @Test
    void shouldKnowNothingOfAChatNeverHeardOf() {
        // When
        Optional<SpendView> found = query.find("c-99", NO_PAGE).await();

        // Then
        assertThat(found).isEmpty();
    }

    @Test
    @Tag("P04")
    void shouldShowWhatIsParkedWhileTheRootIsNotKnown() {
        // Given
        reader.unresolved("c-21", "c-20").parked("c-21", 700);

        // When
        SpendView view = find("c-21", NO_PAGE);

        // Then
        assertThat(view.rootChatId()).isEmpty();
        assertThat(view.accountId()).contains(FakeReader.ACCOUNT);
        assertThat(view.parked().spentMicros()).isEqualTo(700);
        assertThat(view.tree()).isEmpty();
    }

    @Test
    @Tag("P04")
    void shouldShowAChatOfWhichOnlyMessagesAreKnown() {
        // Given
        reader.parked("c-22", 300);

        // When
        SpendView view = find("c-22", NO_PAGE);

        // Then
        assertThat(view.accountId()).isEmpty();
        assertThat(view.parked().messages()).isEqualTo(1);
    }

    // ---- what this instance has just written ----

    @Test
    void shouldShowARootThatWasJustAnnounced() {
        // Given
        announcements.announce(FakeReader.chat("c-1", null, 5L));

        // When
        SpendView view = find("c-1", NO_PAGE);

        // Then
        assertThat(view.rootChatId()).contains("c-1");
        assertThat(view.accountId()).contains(FakeReader.ACCOUNT);
        assertThat(view.tree().orElseThrow().limit().micros()).isEqualTo(5);
        assertThat(view.tree().orElseThrow().totals().spentMicros()).isZero();
    }

    @Test
    void shouldShowAChildThatWasJustAnnouncedAsOneWhoseRootIsNotKnownYet() {
        // Given
        reader.root("c-1", 5L);
        announcements.announce(FakeReader.chat("c-7", "c-1", null));

        // When
        SpendView view = find("c-7", NO_PAGE);

        // Then
        assertThat(view.rootChatId()).isEmpty();
        assertThat(view.accountId()).contains(FakeReader.ACCOUNT);
    }

    @Test
    void shouldShowTheAccountOfAnAnnouncedChatWhoseMessagesCameFirst() {
        // Given
        reader.parked("c-22", 300);
        announcements.announce(FakeReader.chat("c-22", "c-20", null));

        // When
        SpendView view = find("c-22", NO_PAGE);

        // Then
        assertThat(view.accountId()).contains(FakeReader.ACCOUNT);
        assertThat(view.parked().spentMicros()).isEqualTo(300);
    }

    @Test
    void shouldTakeWhatWasReadAboveWhatWasAnnounced() {
        // Given
        reader.root("c-1", 5L).child("c-7", "c-1", "c-1");
        announcements.announce(FakeReader.chat("c-7", "c-9", null));

        // When
        SpendView view = find("c-7", NO_PAGE);

        // Then
        assertThat(view.rootChatId()).contains("c-1");
    }

    // ---- pages ----

    @ParameterizedTest
    @CsvSource({"1, 1, true", "6, 6, true", "7, 7, false", "8, 7, false", "1000, 7, false"})
    void shouldListAtMostAPageAndSayWhetherThereIsMore(int size, int shown, boolean more) {
        // Given
        treeOfSeven();

        // When
        SpendView view = find("c-3", Optional.of(new Page("", size)));

        // Then
        assertThat(view.chats().orElseThrow()).hasSize(shown);
        assertThat(view.moreChats()).isEqualTo(more);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 6, 7, 100})
    void shouldListEveryChatOnceOverAllPages(int size) {
        // Given
        treeOfSeven();

        // When
        List<String> chatIds = new ArrayList<>();
        Optional<Page> page = Optional.of(new Page("", size));
        while (page.isPresent()) {
            SpendView view = find("c-3", page);
            view.chats().orElseThrow().stream().map(Member::chatId).forEach(chatIds::add);
            page = Optional.of(view)
                    .filter(SpendView::moreChats)
                    .map(shown -> new Page(chatIds.get(chatIds.size() - 1), size));
        }

        // Then
        assertThat(chatIds).containsExactly("c-1", "c-2", "c-3", "c-4", "c-5", "c-6", "c-7");
    }

    private void treeOfSeven() {
        reader.root("c-1", 5L);
        IntStream.rangeClosed(2, 7).forEach(i -> reader.child("c-" + i, "c-1", "c-1"));
    }

    // ---- sums ----

    @Test
    void shouldSumTheTreeWhateverPageIsListed() {
        // Given
        treeOfSeven();
        reader.child("c-8", "c-7", "c-1")
                .spent("c-1", "c-1", 1L)
                .spent("c-1", "c-7", 10L)
                .spent("c-1", "c-8", 100L);

        // When
        SpendView view = find("c-3", Optional.of(new Page("c-6", 1)));

        // Then
        TreeSums sums = view.sums().orElseThrow();
        assertThat(view.chats().orElseThrow()).extracting(Member::chatId).containsExactly("c-7");
        assertThat(view.moreChats()).isTrue();
        assertThat(sums.subtree("c-1").spentMicros()).isEqualTo(111);
        assertThat(sums.subtree("c-7").spentMicros()).isEqualTo(110);
        assertThat(sums.subtree("c-3").spentMicros()).isZero();
        assertThat(sums.models().parts())
                .extracting(part -> part.totals().spentMicros())
                .containsExactly(111L);
    }

    @Test
    void shouldSumATreeOfManyPages() {
        // Given
        treeOf(2_500);

        // When
        SpendView view = find("c-1", Optional.of(new Page("", 1)));

        // Then
        assertThat(view.sums().orElseThrow().subtree("c-1").spentMicros()).isEqualTo(2_500);
    }

    @ParameterizedTest
    @CsvSource({"10000, true", "10001, false"})
    void shouldSumNoTreeOfMoreThanTenThousandChats(int chats, boolean summed) {
        // Given
        treeOf(chats);

        // When
        SpendView view = find("c-1", Optional.of(new Page("", 3)));

        // Then
        assertThat(view.chats().orElseThrow()).hasSize(3);
        assertThat(view.moreChats()).isTrue();
        assertThat(view.sums().isPresent()).isEqualTo(summed);
    }

    @ParameterizedTest
    @CsvSource({"999, 20", "1001, 12"})
    void shouldNotReadAllOfALargeTreeForEachOfItsPages(int chats, int reads) {
        // Given
        treeOf(chats);

        // When
        for (int i = 0; i < 10; i++) {
            find("c-1", Optional.of(new Page("", 10)));
        }

        // Then
        assertThat(reader.reads()).filteredOn("members c-1"::equals).hasSize(reads);
    }

    @Test
    void shouldReadALargeTreeOnceForAllWhoAskForItAtATime() {
        // Given
        treeOf(5_000);

        // When
        List<Future<Optional<SpendView>>> all = IntStream.range(0, 10)
                .mapToObj(i -> query.find("c-1", Optional.of(new Page("", 10))))
                .toList();
        Future.all(all).await();

        // Then
        assertThat(all)
                .allMatch(found -> found.result()
                                .orElseThrow()
                                .sums()
                                .orElseThrow()
                                .subtree("c-1")
                                .spentMicros()
                        == 5_000);
        assertThat(reader.reads()).filteredOn("members c-1"::equals).hasSize(10 + 6);
    }

    /** It was smaller when it was looked at. */
    @Test
    void shouldListATreeThatHasGrownTooLargeMeanwhile() {
        // Given
        reader.root("c-1", 5L);
        IntStream.rangeClosed(2, 10_002).forEach(i -> reader.member("c-1", "c-" + i, "c-1"));

        // When
        SpendView view = find("c-1", Optional.of(new Page("c-1", 2)));

        // Then
        assertThat(view.chats().orElseThrow()).extracting(Member::chatId).containsExactly("c-10", "c-100");
        assertThat(view.sums()).isEmpty();
    }

    /** Where two UTF-16 units make a character, strings are in another order than their bytes. */
    @Test
    void shouldFindThePageBehindAnIdOfAnyCharacters() {
        // Given
        reader.root("c-1", 5L).member("c-1", "\uFFFC", "c-1").member("c-1", "\uD83D\uDE00", "c-1");

        // When
        SpendView view = find("c-1", Optional.of(new Page("\uFFFC", 9)));

        // Then
        assertThat(view.chats().orElseThrow()).extracting(Member::chatId).containsExactly("\uD83D\uDE00");
    }

    @Test
    void shouldSumNothingWhereNoChatsAreListed() {
        // Given
        treeOf(2);

        // When
        SpendView view = find("c-1", NO_PAGE);

        // Then
        assertThat(view.sums()).isEmpty();
    }

    private void treeOf(int chats) {
        reader.root("c-1", 5L).spent("c-1", "c-1", 1L);
        IntStream.rangeClosed(2, chats)
                .forEach(i -> reader.child("c-" + i, "c-1", "c-1").spent("c-1", "c-" + i, 1L));
    }

    // ---- what cannot be read ----

    @ParameterizedTest
    @ValueSource(strings = {"lineage c-7", "tree c-1", "member c-1 c-7", "members c-1"})
    void shouldSayWhichReadKeepsItFromAnswering(String read) {
        // Given
        reader.root("c-1", 5L).child("c-7", "c-1", "c-1").unreadable(read, DegradedReason.REBALANCING);

        // When
        Throwable failure = query.find("c-7", Optional.of(new Page("", 10)))
                .transform(ended -> Future.succeededFuture(ended.cause()))
                .await();

        // Then
        assertThat(failure).isInstanceOf(UnavailableException.class).hasMessage("rebalancing");
    }

    private SpendView find(String chatId, Optional<Page> page) {
        return query.find(chatId, page).await().orElseThrow();
    }
}
