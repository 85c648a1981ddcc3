package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.Root.Rooted;
import dev.spendledger.streams.domain.Root.Unrooted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogFoldTest {
    private final LogFold<String> fold = new LogFold<>();

    // ---- depth ----

    @ParameterizedTest
    @Tag("P05")
    @ValueSource(booleans = {true, false})
    void shouldCountDownToDepth1000AndNotDeeper(boolean rootFirst) {
        // Given
        List<Runnable> creations = new ArrayList<>();
        for (int depth = 0; depth <= 1_002; depth++) {
            int at = depth;
            creations.add(() -> chat("c-" + at, at == 0 ? null : "c-" + (at - 1)));
        }
        if (!rootFirst) {
            Collections.reverse(creations);
        }
        message("m-1000", "c-1000", 5);
        message("m-1001", "c-1001", 7);

        // When
        creations.forEach(Runnable::run);

        // Then
        assertThat(fold.lineages().get("c-1000").root()).isEqualTo(new Rooted("c-0", 1_000));
        assertThat(fold.lineages().get("c-1001").root()).isInstanceOf(Unrooted.class);
        assertThat(fold.trees().get("c-0").chats()).isEqualTo(1_001);
        assertThat(fold.trees().get("c-0").totals().spentMicros()).isEqualTo(5);
        assertThat(fold.deadLetters()).isEqualTo(noRoot("chat c-1001", "chat c-1002", "message m-1001"));
        assertThat(fold.parkedMessages()).isEmpty();
        assertThat(fold.chatsInWait()).isEmpty();
    }

    @Test
    void shouldTellHowDeepItIs() {
        // Given
        int none = fold.depth();
        chat("c-0", null);
        chat("c-1", "c-0");
        chat("c-2", "c-1");
        int rooted = fold.depth();
        chat("w-1", "w-0");
        chat("w-2", "w-1");
        chat("w-3", "w-2");
        int waiting = fold.depth();
        chat("o-1", "o-2");
        chat("o-2", "o-3");
        chat("o-3", "o-4");
        chat("o-4", "o-1");

        // When
        int circle = fold.depth();

        // Then
        assertThat(List.of(none, rooted, waiting, circle)).containsExactly(0, 2, 3, 4);
    }

    /** At 1,000 parents below a chat that nobody has created it may still have a root; at 1,001 never. */
    @ParameterizedTest
    @Tag("P05")
    @ValueSource(booleans = {true, false})
    void shouldWait1000ParentsBelowAChatNobodyHasCreatedAndNotDeeper(boolean nearestFirst) {
        // Given
        List<Runnable> creations = new ArrayList<>();
        for (int hops = 1; hops <= 1_001; hops++) {
            int at = hops;
            creations.add(() -> chat("c-" + at, "c-" + (at - 1)));
        }
        if (!nearestFirst) {
            Collections.reverse(creations);
        }

        // When
        creations.forEach(Runnable::run);

        // Then
        assertThat(fold.lineages().get("c-1000").root()).isNull();
        assertThat(fold.waitsFor("c-1000")).isEqualTo(Map.entry("c-0", 1_000));
        assertThat(fold.lineages().get("c-1001").root()).isInstanceOf(Unrooted.class);
        assertThat(fold.chatsInWait()).hasSize(1_000);
        assertThat(fold.deadLetters()).isEqualTo(noRoot("chat c-1001"));
    }

    // ---- circles ----

    static Stream<Arguments> circles() {
        return Stream.of(2, 3, 7).flatMap(size -> Stream.of(1L, 2L, 3L, 4L, 5L).map(seed -> Arguments.of(size, seed)));
    }

    @ParameterizedTest
    @Tag("P04")
    @MethodSource("circles")
    void shouldBuryACircleWithItsDescendantsAndAllTheirMessagesInAnyOrder(int size, long seed) {
        // Given
        List<Runnable> facts = new ArrayList<>();
        List<String> events = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            String chat = "c-" + i;
            String next = "c-" + (i + 1) % size;
            String message = "m-" + i;
            facts.add(() -> chat(chat, next));
            facts.add(() -> message(message, chat, 1));
            events.addAll(List.of("chat " + chat, "message " + message));
        }
        for (int depth = 1; depth <= 3; depth++) {
            String chat = "below-" + depth;
            String parent = depth == 1 ? "c-0" : "below-" + (depth - 1);
            String message = "m-below-" + depth;
            facts.add(() -> chat(chat, parent));
            facts.add(() -> message(message, chat, 1));
            events.addAll(List.of("chat " + chat, "message " + message));
        }
        Collections.shuffle(facts, new Random(seed));

        // When
        facts.forEach(Runnable::run);

        // Then
        assertThat(fold.deadLetters()).isEqualTo(noRoot(events.toArray(String[]::new)));
        assertThat(fold.trees()).isEmpty();
        assertThat(fold.parkedMessages()).isEmpty();
        assertThat(fold.chatsInWait()).isEmpty();
    }

    /** {@link FactRules} rejects it before; should it come here, it must not run for ever. */
    @Test
    void shouldBuryACircleOfOne() {
        // When
        chat("c-1", "c-1");

        // Then
        assertThat(fold.deadLetters()).isEqualTo(noRoot("chat c-1"));
    }

    // ---- limits ----

    @Test
    @Tag("P08")
    void shouldHoldTheLastLimitInTheLogWhenTheyComeBeforeTheChat() {
        // Given
        limit("c-1", 5L, 0);
        limit("c-1", 9L, 1);

        // When
        fold.accept(new ChatFact("c-1", null, "a-1", 3L, Instant.EPOCH), "chat c-1");

        // Then
        assertThat(fold.trees().get("c-1").limit()).isEqualTo(new Limit(9L, 1));
        assertThat(fold.parkedLimits()).isEmpty();
    }

    @Test
    @Tag("P08")
    void shouldHoldTheLimitOfTheGreaterOffsetWhicheverIsToldLast() {
        // Given
        chat("c-1", null);
        limit("c-1", 9L, 1);

        // When
        limit("c-1", 5L, 0);

        // Then
        assertThat(fold.trees().get("c-1").limit()).isEqualTo(new Limit(9L, 1));
    }

    @Test
    void shouldKeepALimitOfAChatNobodyHasCreated() {
        // When
        limit("c-1", 5L, 0);

        // Then
        assertThat(fold.parkedLimits().map(LogFold.Waiting::event)).containsExactly("limit 0 of c-1");
        assertThat(fold.deadLetters()).isEmpty();
    }

    @ParameterizedTest
    @Tag("P15")
    @ValueSource(booleans = {true, false})
    void shouldRejectALimitOnAChildBeforeItAndAfterIt(boolean limitFirst) {
        // When
        if (limitFirst) {
            limit("c-2", 5L, 0);
        }
        chat("c-2", "c-1");
        if (!limitFirst) {
            limit("c-2", 5L, 0);
        }

        // Then
        assertThat(fold.deadLetters()).isEqualTo(Map.of("limit 0 of c-2", RejectReason.LIMIT_ON_CHILD));
        assertThat(fold.parkedLimits()).isEmpty();
    }

    // ---- chats and messages ----

    @Test
    @Tag("P15")
    void shouldRejectARedefinitionAndIgnoreARepeat() {
        // Given
        chat("c-1", null);

        // When
        fold.accept(new ChatFact("c-1", null, "a-1", null, Instant.MAX), "repeat");
        fold.accept(new ChatFact("c-1", null, "a-2", null, Instant.EPOCH), "another account");
        fold.accept(new ChatFact("c-1", "c-0", "a-1", null, Instant.EPOCH), "another parent");
        fold.accept(new ChatFact("c-1", null, "a-1", 5L, Instant.EPOCH), "another limit");

        // Then
        assertThat(fold.deadLetters())
                .isEqualTo(Map.of(
                        "another account", RejectReason.CHAT_REDEFINED,
                        "another parent", RejectReason.CHAT_REDEFINED,
                        "another limit", RejectReason.CHAT_REDEFINED));
    }

    @Test
    @Tag("P03")
    void shouldMoveAMessageToTheMemberOfItsSmallestAttribution() {
        // Given
        chat("c-1", null);
        chat("c-2", "c-1");
        fold.accept(fact("m-1", "c-1", 1, 5L), "later revision");

        // When
        fold.accept(fact("m-1", "c-2", 0, null), "first revision");

        // Then
        assertThat(fold.members("c-1").get("c-1").totals()).isEqualTo(Totals.ZERO);
        assertThat(fold.members("c-1").get("c-2").totals()).isEqualTo(Totals.ZERO.plus(5L));
        assertThat(fold.trees().get("c-1").totals()).isEqualTo(Totals.ZERO.plus(5L));
    }

    @Test
    void shouldTellItsListenerOfEveryMessageThatChangesATreeAndOfNoOther() {
        // Given
        List<String> heard = new ArrayList<>();
        LogFold<String> told =
                new LogFold<>((root, messageId, before, after, event) -> heard.add(event + ": " + root + " "
                        + (before == null ? "new" : before.pricing().costMicros()) + " to "
                        + after.pricing().costMicros()));
        told.accept(fact("m-1", "c-1", 0, 5L), "first");

        // When
        told.accept(new ChatFact("c-1", null, "a-1", null, Instant.EPOCH), "chat");
        told.accept(fact("m-1", "c-1", 0, 5L), "repeat");
        told.accept(fact("m-1", "c-1", 1, 7L), "second");

        // Then
        assertThat(heard).containsExactly("first: c-1 new to 5", "second: c-1 5 to 7");
    }

    /** A chat of many children, and one below each: neither the last child nor the nearest chat is to come first. */
    @Test
    void shouldLetGoWhatWaitsBelowARootInTheOrderOfTheLog() {
        // Given
        List<String> heard = new ArrayList<>();
        LogFold<String> told = new LogFold<>((root, messageId, before, after, event) -> heard.add(messageId));
        told.accept(fact("m-1", "c-3", 0, 1L), "1");
        told.accept(fact("m-2", "c-1", 0, 1L), "2");
        told.accept(new ChatFact("c-2", "c-1", "a-1", null, Instant.EPOCH), "c-2");
        told.accept(fact("m-3", "c-2", 0, 1L), "3");
        told.accept(new ChatFact("c-3", "c-1", "a-1", null, Instant.EPOCH), "c-3");
        told.accept(new ChatFact("c-4", "c-2", "a-1", null, Instant.EPOCH), "c-4");
        told.accept(fact("m-4", "c-3", 0, 1L), "4");
        told.accept(fact("m-5", "c-4", 0, 1L), "5");
        told.accept(fact("m-6", "c-1", 0, 1L), "6");

        // When
        told.accept(new ChatFact("c-1", null, "a-1", null, Instant.EPOCH), "c-1");

        // Then
        assertThat(heard).containsExactly("m-1", "m-2", "m-3", "m-4", "m-5", "m-6");
    }

    @Test
    @Tag("P04")
    void shouldShowWhatIsParkedAtAChat() {
        // When
        message("m-1", "c-1", 5);
        message("m-1", "c-1", 5);
        fold.accept(fact("m-2", "c-1", 0, null), "unpriced");

        // Then
        assertThat(fold.lineages())
                .isEqualTo(Map.of(
                        "c-1",
                        Lineage.HEARD_OF.withParked(
                                Totals.ZERO.plus(5L).plus(5L).plus((Long) null))));
        assertThat(fold.rootChatIds()).isEmpty();
        assertThat(fold.members("c-1")).isEmpty();
        assertThat(fold.messages("c-1")).isEmpty();
    }

    /** One that is only named, as a parent or by a limit, has no lineage: the ledger keeps no row of it. */
    @Test
    @Tag("P04")
    void shouldShowEveryChatThatWasCreatedOrHasMessagesInWaitAndNoOther() {
        // When
        chat("c-2", "c-1");
        message("m-1", "c-3", 5);
        limit("c-4", 5L, 0);

        // Then
        assertThat(fold.lineages())
                .isEqualTo(Map.of(
                        "c-2",
                        Lineage.HEARD_OF.withCreated(new ChatFact("c-2", "c-1", "a-1", null, Instant.EPOCH)),
                        "c-3",
                        Lineage.HEARD_OF.withParked(Totals.ZERO.plus(5L))));
    }

    @Test
    @Tag("P04")
    void shouldNameEveryRecordThatWaits() {
        // When
        chat("c-2", "c-1");
        chat("c-3", "c-2");
        message("m-1", "c-3", 5);
        message("m-2", "c-4", 7);

        // Then
        assertThat(fold.chatsInWait().map(LogFold.Waiting::event)).containsExactlyInAnyOrder("chat c-2", "chat c-3");
        assertThat(fold.parkedMessages().map(LogFold.Waiting::event))
                .containsExactlyInAnyOrder("message m-1", "message m-2");
    }

    /** Every size, because a hash map grows at some of them, and must not do so while it is read. */
    @Test
    @Tag("P16")
    void shouldTellWhatEveryChatWaitsForHoweverManyThereAre() {
        for (int chats = 1; chats <= 100; chats++) {
            // Given
            LogFold<String> told = new LogFold<>();
            Map<String, Map.Entry<String, Integer>> expected = new HashMap<>();
            for (int i = 1; i <= chats; i++) {
                told.accept(new ChatFact("c-" + i, "c-" + (i - 1), "a-1", null, Instant.EPOCH), "chat c-" + i);
                expected.put("c-" + i, Map.entry("c-0", i));
            }
            told.accept(fact("m-1", "of another chat", 0, 5L), "message m-1");

            // When
            Map<String, Map.Entry<String, Integer>> waiting = new HashMap<>();
            told.chatsInWait().forEach(chat -> {
                String id = chat.fact().chatId();
                waiting.put(id, told.waitsFor(id));
            });

            // Then
            assertThat(waiting).as("%s chats", chats).isEqualTo(expected);
        }
    }

    @Test
    @Tag("P05")
    void shouldListItsTreesWithTheirMembersAndMessages() {
        // Given
        chat("c-1", null);
        chat("c-2", "c-1");
        chat("c-9", null);

        // When
        message("m-1", "c-2", 5);

        // Then
        assertThat(fold.rootChatIds()).containsExactlyInAnyOrder("c-1", "c-9");
        assertThat(fold.members("c-1"))
                .isEqualTo(Map.of(
                        "c-1", ChatSpend.joined(null, "a-1"),
                        "c-2",
                                ChatSpend.joined("c-1", "a-1")
                                        .plus(fact("m-1", "c-2", 0, 5L).pricing())));
        assertThat(fold.messages("c-1")).isEqualTo(Map.of("m-1", Message.of(fact("m-1", "c-2", 0, 5L))));
        assertThat(fold.messages("c-9")).isEmpty();
    }

    private void chat(String id, String parent) {
        fold.accept(new ChatFact(id, parent, "a-1", null, Instant.EPOCH), "chat " + id);
    }

    private void limit(String id, Long micros, long offset) {
        fold.accept(new LimitFact(id, new Limit(micros, offset)), "limit " + offset + " of " + id);
    }

    private void message(String id, String chat, long costMicros) {
        fold.accept(fact(id, chat, 0, costMicros), "message " + id);
    }

    private static MessageFact fact(String id, String chat, int revision, Long costMicros) {
        return MessageFact.of(id, chat, "a-1", revision, Instant.EPOCH, costMicros, null, null, null);
    }

    private static Map<String, RejectReason> noRoot(String... events) {
        return Stream.of(events).collect(Collectors.toMap(event -> event, event -> RejectReason.NO_ROOT));
    }
}
