package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.testing.FakeKnownTrees;
import dev.spendledger.api.testing.FakeLimits;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.StubLedger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Walks the table of docs/operations.md that says what each route answers when something fails. */
class FailureTableTest {
    /** What each line of the table does to the partitions. */
    private static final Map<String, Consumer<FakeReader>> FAILURES = Map.of(
            "owner: gone, and no copy", reader -> reader.unreadable(DegradedReason.OWNER_UNREACHABLE),
            "owner: gone, a copy is there",
                    reader -> reader.servedBy(ServedBy.STANDBY).doubt(DegradedReason.OWNER_UNREACHABLE),
            "owner: cut off from Kafka", reader -> reader.doubt(DegradedReason.STALE_OWNER),
            "owner: behind its input", reader -> reader.doubt(DegradedReason.CATCHING_UP),
            "store: being restored or moved", reader -> reader.unreadable(DegradedReason.REBALANCING),
            "store: broken", reader -> reader.unreadable(DegradedReason.STORE_ERROR),
            "peer: does not answer in time", reader -> reader.unreadable(DegradedReason.DEADLINE),
            "view: limits of accounts not read yet", reader -> {});

    /** How each column asks. */
    private static final Map<String, BiConsumer<Http, Consumer<Reply>>> ROUTES = Map.of(
            "check, tree known to be exhausted", (http, reply) -> reply.accept(http.post("/v1/chats/known/check")),
            "check, tree asked for within 5 s", (http, reply) -> reply.accept(http.post("/v1/chats/seen/check")),
            "check, any other tree", (http, reply) -> reply.accept(http.post("/v1/chats/other/check")),
            "check, account", (http, reply) -> reply.accept(http.post("/v1/accounts/rich/check")),
            "`GET` of a chat's spend", (http, reply) -> reply.accept(http.get("/v1/chats/other/spend")),
            "`GET` of a chat's timeline", (http, reply) -> reply.accept(http.get("/v1/chats/other/timeline")),
            "`GET` of why (`explain`)", (http, reply) -> reply.accept(http.get("/v1/chats/other/explain")),
            "`GET` of an account's spend", (http, reply) -> reply.accept(http.get("/v1/accounts/rich/spend")));

    static Stream<Arguments> cells() throws IOException {
        List<List<String>> lines = Files.readAllLines(Path.of("..", "docs", "operations.md")).stream()
                .dropWhile(line -> !line.startsWith("| what fails"))
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> Stream.of(line.substring(1).split("\\|"))
                        .map(String::trim)
                        .toList())
                .toList();
        List<String> routes = lines.get(0);
        assertThat(routes.subList(1, routes.size())).hasSameElementsAs(ROUTES.keySet());
        assertThat(lines.stream().skip(2).map(line -> line.get(0))).hasSameElementsAs(FAILURES.keySet());
        return lines.stream()
                .skip(2)
                .flatMap(line -> Stream.iterate(1, i -> i < line.size(), i -> i + 1)
                        .map(i -> Arguments.of(line.get(0), routes.get(i), line.get(i))));
    }

    @ParameterizedTest(name = "{0}: {1} = {2}")
    @MethodSource("cells")
    void shouldAnswerAsTheTableSays(String failure, String route, String answer) {
        shouldAnswer(failure, route, answer, LookupErrorPolicy.OPEN);
        shouldAnswer(
                failure,
                route,
                answer.equals("200 fail-open") ? "503 lookup_failed" : answer,
                LookupErrorPolicy.CLOSED);
    }

    /** Of the reasons, each that a partition may give is a line of the table. */
    @ParameterizedTest
    @EnumSource(
            names = {"UNKNOWN_CHAT", "STARTING"},
            mode = EnumSource.Mode.EXCLUDE)
    void shouldHaveALineForEveryReason(DegradedReason reason) {
        assertThat(FAILURES.values()).anySatisfy(failure -> {
            FakeReader reader = new FakeReader();
            failure.accept(reader);
            assertThat(reader.failsFor(reason)).isTrue();
        });
    }

    private static void shouldAnswer(String failure, String route, String answer, LookupErrorPolicy policy) {
        // Given
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        FakeReader reader = new FakeReader()
                .root("known", 5L)
                .spent("known", "known", 6L)
                .root("seen", 5L)
                .root("other", 5L)
                .spentOn("rich", today, 1L);
        FakeLimits limits = new FakeLimits(!failure.startsWith("view:")).ofAccount("rich", 9);
        FakeKnownTrees known = new FakeKnownTrees().status("known", 6, 5, -1);
        try (StubLedger ledger = StubLedger.start(reader, limits.view(), known.view(), policy)) {
            // So that a fresh owner has been heard, lately, and the roots are known.
            reader.freshNow();
            ledger.http().post("/v1/chats/seen/check");

            // When
            FAILURES.get(failure).accept(reader);

            // Then
            ROUTES.get(route).accept(ledger.http(), reply -> {
                assertThat(reply.status()).as(reply.body()).isEqualTo(status(answer));
                assertThat(reply.header("spend-check") != null)
                        .as("fail-open")
                        .isEqualTo(answer.equals("200 fail-open"));
                if (answer.startsWith("503")) {
                    assertThat(reply.json().get("code").textValue()).isEqualTo("lookup_failed");
                } else if (answer.equals("200 degraded") || answer.equals("200 fail-open")) {
                    assertThat(reply.json().get("degraded").booleanValue()).isTrue();
                } else if (!answer.equals("409")) {
                    assertThat(reply.json().path("degraded").asBoolean()).isFalse();
                }
            });
        }
    }

    private static int status(String answer) {
        if (answer.equals("as ever")) {
            return 200;
        }
        return Integer.parseInt(answer.substring(0, 3));
    }
}
