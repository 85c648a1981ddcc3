package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.testing.FakeFreezes;
import dev.spendledger.api.testing.FakeKnownTrees;
import dev.spendledger.api.testing.FakeLimits;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.StubLedger;
import dev.spendledger.api.testing.StubLedger.FixedHealth;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.Period;
import dev.spendledger.schemas.Topic;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people are shown, on partitions in memory. */
class OverviewsTest {
    private final FakeReader reader = new FakeReader();
    private final FakeFreezes freezes = new FakeFreezes();
    private final FakeLimits limits = new FakeLimits();

    // ---- trees ----

    @ParameterizedTest
    @CsvSource({"'', 20", "?limit=1, 1", "?limit=100&sort=spent, 30", "?sort=rate, 20"})
    void shouldShowAsManyTreesAsAreWanted(String query, int shown) {
        // Given
        IntStream.range(0, 30).forEach(i -> reader.root("c-" + i, 5L).spent("c-" + i, "c-" + i, (long) i));

        // When
        JsonNode trees = get("/v1/trees" + query).json();

        // Then
        assertThat(trees.get("trees")).hasSize(shown);
        assertThat(trees.at("/trees/0/root_chat_id").textValue()).isEqualTo("c-29");
        assertThat(trees.has("incomplete")).isFalse();
    }

    @Test
    void shouldShowOfATreeWhatItsSpendShows() {
        // Given
        reader.root("c-1", 100L).spent("c-1", "c-1", 85L);
        freezes.freeze("c-1", null);

        // When
        JsonNode one = get("/v1/trees").json().at("/trees/0");
        JsonNode tree = get("/v1/chats/c-1/spend").json().get("tree");

        // Then
        assertThat(one.get("threshold_percent").intValue()).isEqualTo(80);
        assertThat(one.get("frozen").booleanValue()).isTrue();
        tree.fields()
                .forEachRemaining(field -> assertThat(one.get(field.getKey())).isEqualTo(field.getValue()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sort=", "sort=SPENT", "limit=0", "limit=101", "limit=1e1", "limit=", "limit=-1"})
    void shouldNameAParameterOfTheTreesThatIsWrong(String parameter) {
        // When
        Reply reply = get("/v1/trees?" + parameter);

        // Then
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/validations/0/field").textValue())
                .isEqualTo(parameter.split("=")[0]);
    }

    // ---- explain ----

    /** Allowed, rejected by the tree, by the account, frozen, and in no tree yet. */
    @ParameterizedTest
    @CsvSource({"within, 2, 200", "spent, 2, 409", "within, 1, 409", "frozen, 2, 409", "orphan, 2, 200"})
    void shouldExplainByTheVeryBodyThatACheckIsAnsweredWith(String chatId, long limitOfAccount, int status) {
        // Given
        someChats();
        limits.ofAccount(FakeReader.ACCOUNT, limitOfAccount);

        try (StubLedger ledger = start(LookupErrorPolicy.OPEN)) {
            // When
            Reply check = ledger.http().post("/v1/chats/" + chatId + "/check");
            Reply explained = ledger.http().get("/v1/chats/" + chatId + "/explain");

            // Then
            assertThat(explained.status()).isEqualTo(200);
            assertThat(check.status()).isEqualTo(status);
            assertThat(explained.json().get("status").intValue()).isEqualTo(status);
            assertThat(explained.json().get("check")).isEqualTo(check.json());
        }
    }

    @Test
    void shouldExplainACheckThatNobodyCanDecide() {
        // Given
        someChats();
        limits.ofAccount(FakeReader.ACCOUNT, 2);
        reader.unreadable("account " + FakeReader.ACCOUNT, DegradedReason.STORE_ERROR);

        try (StubLedger ledger = start(LookupErrorPolicy.CLOSED)) {
            // When
            JsonNode explained = ledger.http().get("/v1/chats/within/explain").json();

            // Then
            assertThat(explained.get("status").intValue()).isEqualTo(503);
            assertThat(explained.at("/check/code").textValue()).isEqualTo("lookup_failed");
            assertThat(explained.has("account")).isFalse();
            assertThat(explained.get("degraded").booleanValue()).isTrue();
            assertThat(explained.get("degraded_reason").textValue()).isEqualTo("store_error");
        }
    }

    @Test
    void shouldCountNoCheckThatIsOnlyExplained() {
        // Given
        someChats();

        try (StubLedger ledger = start(LookupErrorPolicy.OPEN)) {
            // When
            ledger.http().get("/v1/chats/spent/explain");

            // Then
            assertThat(ledger.http().get("/metrics").body()).doesNotContain("ledger_checks_total{");
        }
    }

    @Test
    void shouldSayWhoHasSetWhatAChatIsHeldTo() {
        // Given
        someChats();
        limits.apply(
                Topic.ACCOUNT_LIMITS, "default", new AccountLimitSet(9L, Period.DAY, "finance", FakeLimits.SET_AT));
        freezes.freeze("within", "looked into");

        // When
        JsonNode explained = get("/v1/chats/within/explain").json();

        // Then
        assertThat(explained.at("/limit/source").textValue()).isEqualTo("chat_created");
        assertThat(explained.at("/limit/spend_limit_micros").longValue()).isEqualTo(5);
        assertThat(explained.at("/freeze/reason").textValue()).isEqualTo("looked into");
        assertThat(explained.at("/account/limit_source").textValue()).isEqualTo("default");
        assertThat(explained.at("/account/limit_set_by").textValue()).isEqualTo("finance");
        assertThat(explained.at("/account/limit_set_at").textValue()).isEqualTo("2026-11-23T12:00:00.123Z");
    }

    @Test
    void shouldShowTheLatestMessagesOfTheWholeTree() {
        // Given
        reader.root("c-1", 5L)
                .child("c-7", "c-1", "c-1")
                .spent("c-1", "c-7", 3L)
                .spent("c-1", "c-1", null);

        // When
        JsonNode messages = get("/v1/chats/c-7/explain").json().get("last_messages");

        // Then
        assertThat(messages).hasSize(2);
        assertThat(messages.at("/0/chat_id").textValue()).isEqualTo("c-1");
        assertThat(messages.at("/0/cost_micros").isNull()).isTrue();
        assertThat(messages.at("/1/cost_micros").intValue()).isEqualTo(3);
        assertThat(messages.at("/1/priced_at").textValue()).isEqualTo("2026-11-23T11:00:00.000Z");
    }

    @Test
    void shouldExplainWithoutTheMessagesWhereTheyCannotBeRead() {
        // Given
        someChats();
        reader.unreadable("messages within", DegradedReason.REBALANCING);

        // When
        JsonNode explained = get("/v1/chats/within/explain").json();

        // Then
        assertThat(explained.has("last_messages")).isFalse();
        assertThat(explained.at("/tree/spent_micros").intValue()).isEqualTo(4);
        assertThat(explained.get("degraded").booleanValue()).isFalse();
    }

    /** Of which two are gone through at a time, and here for ever. */
    @Test
    void shouldExplainWithoutTheMessagesOfLargeTreesWhereOthersReadThem() {
        // Given
        List.of("c-1", "c-2", "c-3").forEach(root -> {
            reader.root(root, 5L);
            IntStream.rangeClosed(0, 1_000).forEach(i -> reader.spent(root, root, 1L));
        });
        reader.root("small", 5L).spent("small", "small", 1L);
        reader.silent("messages c-1").silent("messages c-2");

        try (StubLedger ledger = start(LookupErrorPolicy.OPEN)) {
            // When
            List<Reply> explained = Stream.of("c-1", "c-2", "c-3", "small")
                    .map(chatId -> ledger.http().get("/v1/chats/" + chatId + "/explain"))
                    .toList();
            Reply timeline = ledger.http().get("/v1/chats/c-3/timeline");

            // Then
            assertThat(explained).allMatch(reply -> reply.status() == 200);
            assertThat(explained)
                    .extracting(reply -> reply.json().has("last_messages"))
                    .containsExactly(false, false, false, true);
            assertThat(timeline.status()).isEqualTo(503);
            assertThat(timeline.json().get("code").textValue()).isEqualTo("overloaded");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lineage within, OPEN, 200", "lineage within, CLOSED, 503",
        "tree within, OPEN, 200", "tree within, CLOSED, 503",
        "lineage frozen, OPEN, 409"
    })
    void shouldExplainByTheAnswerToACheckWhereTheTreeCannotBeRead(String read, LookupErrorPolicy policy, int status) {
        // Given
        someChats();
        String chatId = read.split(" ")[1];
        reader.unreadable(read, DegradedReason.STORE_ERROR);

        try (StubLedger ledger = start(policy)) {
            // When
            Reply check = ledger.http().post("/v1/chats/" + chatId + "/check");
            Reply explained = ledger.http().get("/v1/chats/" + chatId + "/explain");

            // Then
            JsonNode why = explained.json();
            assertThat(explained.status()).isEqualTo(200);
            assertThat(why.get("status").intValue()).isEqualTo(status);
            assertThat(why.get("check")).isEqualTo(check.json());
            assertThat(why.has("tree")).isFalse();
            assertThat(why.has("limit")).isFalse();
            assertThat(why.has("last_messages")).isFalse();
            assertThat(why.has("freeze")).isEqualTo(status == 409);
            assertThat(why.get("served_by").textValue()).isEqualTo("none");
            assertThat(why.get("degraded_reason").textValue()).isEqualTo("store_error");
        }
    }

    @Test
    void shouldExplainATreeThatCannotBeReadAndIsKnownToBeExhausted() {
        // Given
        reader.root("known", 5L).spent("known", "known", 6L).unreadable(DegradedReason.OWNER_UNREACHABLE);
        FakeKnownTrees known = new FakeKnownTrees().status("known", 6, 5, -1);

        try (StubLedger ledger = StubLedger.start(reader, limits.view(), known.view(), LookupErrorPolicy.OPEN)) {
            // When
            JsonNode why = ledger.http().get("/v1/chats/known/explain").json();

            // Then
            assertThat(why.get("status").intValue()).isEqualTo(409);
            assertThat(why.at("/check/code").textValue()).isEqualTo("spend_limit_exceeded");
            assertThat(why.get("root_chat_id").textValue()).isEqualTo("known");
            assertThat(why.get("degraded_reason").textValue()).isEqualTo("owner_unreachable");
        }
    }

    // ---- what fails ----

    @ParameterizedTest
    @ValueSource(strings = {"timeline", "explain"})
    void shouldNotKnowAChatNeverHeardOf(String route) {
        // When
        Reply reply = get("/v1/chats/c-99/" + route);

        // Then
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.json().get("code").textValue()).isEqualTo("chat_not_found");
    }

    @ParameterizedTest
    @EnumSource(names = {"OWNER_UNREACHABLE", "REBALANCING"})
    void shouldSayThatItCannotReadWhatNobodyAnswersFor(DegradedReason reason) {
        // Given
        reader.root("c-1", 5L).spent("c-1", "c-1", 3L).unreadable("messages c-1", reason);

        // When
        Reply reply = get("/v1/chats/c-1/timeline");

        // Then
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.json().get("code").textValue()).isEqualTo("lookup_failed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"timeline", "explain"})
    void shouldAnswerByACopyAndSayWhy(String route) {
        // Given
        reader.root("c-1", 5L)
                .spent("c-1", "c-1", 3L)
                .servedBy(ServedBy.STANDBY)
                .doubt(DegradedReason.OWNER_UNREACHABLE);

        // When
        Reply reply = get("/v1/chats/c-1/" + route);

        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json().get("served_by").textValue()).isEqualTo("standby");
        assertThat(reply.json().get("degraded_reason").textValue()).isEqualTo("owner_unreachable");
    }

    private void someChats() {
        reader.root("within", 5L).spent("within", "within", 4L);
        reader.root("spent", 5L).spent("spent", "spent", 5L);
        reader.spentOn(FakeReader.ACCOUNT, LocalDate.now(ZoneOffset.UTC), 1L);
        reader.root("frozen", 5L);
        reader.unresolved("orphan", "nobody");
        freezes.freeze("frozen", "runs in circles");
    }

    private Reply get(String path) {
        try (StubLedger ledger = start(LookupErrorPolicy.OPEN)) {
            return ledger.http().get(path);
        }
    }

    private StubLedger start(LookupErrorPolicy policy) {
        return StubLedger.start(reader, limits.view(), freezes.view(), policy, new FixedHealth(List.of(), List.of()));
    }
}
