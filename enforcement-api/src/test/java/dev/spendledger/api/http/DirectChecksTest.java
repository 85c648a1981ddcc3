package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.testing.FakeFreezes;
import dev.spendledger.api.testing.FakeLimits;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.RawHttp;
import dev.spendledger.api.testing.StubLedger;
import dev.spendledger.api.testing.StubLedger.FixedHealth;
import dev.spendledger.events.Period;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is answered without the routes is answered as they do it, and only what is in memory. */
@Timeout(60)
class DirectChecksTest {
    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private final AtomicInteger routed = new AtomicInteger();
    private StubLedger ledger;

    @BeforeEach
    void start() {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        ledger = StubLedger.start(
                new FakeReader()
                        .root("within", 5L)
                        .child("a-child", "within", "within")
                        .root("unlimited", null)
                        .root("exhausted", 5L)
                        .spent("exhausted", "exhausted", 5L)
                        .root("frozen", 5L)
                        .root("a.dot", 5L)
                        .spentOn("a-2", today, 9L),
                new FakeLimits().byDefault(9, Period.MONTH).view(),
                new FakeFreezes().freeze("frozen", null).view(),
                LookupErrorPolicy.OPEN,
                new FixedHealth(List.of(), List.of()));
        ledger.router().route().order(Integer.MIN_VALUE).handler(context -> {
            routed.incrementAndGet();
            context.next();
        });
    }

    @AfterEach
    void stop() {
        ledger.close();
    }

    private Reply ask(String chatId) {
        return ledger.http().post("/v1/chats/" + chatId + "/check");
    }

    @ParameterizedTest
    @ValueSource(strings = {"within", "a-child", "unlimited", "exhausted", "frozen"})
    void shouldAnswerAsTheRoutesDo(String chatId) {
        // Given
        Reply byRoute = ask(chatId);
        routed.set(0);

        // When
        Reply direct = ask(chatId);

        // Then
        assertThat(routed).hasValue(0);
        assertThat(direct.status()).isEqualTo(byRoute.status());
        assertThat(direct.body()).isEqualTo(byRoute.body());
        assertThat(headers(direct)).isEqualTo(headers(byRoute));
        assertThat(ledger.http().get("/metrics").body()).containsPattern("ledger_checks_total\\{.*} 2\\.0");
    }

    private static Set<String> headers(Reply reply) {
        return reply.headers().map().keySet();
    }

    @Test
    void shouldLeaveAChatThatIsNotInMemoryToTheRoutes() {
        // When
        Reply reply = ask("within");

        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(routed).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/chats/within/check?x=1",
                "/v1/chats/with%69n/check",
                "/v1/chats/a.dot/check",
                "/v1/chats//check",
                "/v1/chats/check",
                "/v1/chats/within/check/",
                "/v1/accounts/a-1/check"
            })
    void shouldLeaveEveryOtherPathToTheRoutes(String path) {
        // Given
        ask("within");
        ask("a.dot");
        routed.set(0);

        // When
        ledger.http().post(path);

        // Then
        assertThat(routed).hasValue(1);
    }

    @Test
    void shouldLeaveWhatHasABodyOrAnotherMethodToTheRoutes() {
        // Given
        ask("within");
        routed.set(0);

        // When
        Reply withBody = ledger.http().post("/v1/chats/within/check", "{\"account_id\": \"a-2\"}");
        Reply get = ledger.http().get("/v1/chats/within/check");
        Reply form = ledger.http()
                .send(ledger.http()
                        .request("/v1/chats/within/check")
                        .header("Content-Type", "multipart/form-data; boundary=x")
                        .POST(BodyPublishers.noBody()));

        // Then
        assertThat(List.of(withBody.status(), get.status(), form.status())).containsExactly(409, 405, 415);
        assertThat(routed).hasValue(3);
    }

    @Test
    void shouldLeaveItToTheRoutesToRefuseARequestWithoutAHost() throws IOException {
        // Given
        ask("within");

        // When
        RawHttp.Answer answer =
                RawHttp.exchange(ledger.port(), "POST /v1/chats/within/check HTTP/1.1\r\nX-Nothing: 0\r\n\r\n");

        // Then
        assertThat(answer.status()).isEqualTo(400);
    }

    @Test
    void shouldLeaveWhatIsExpectedOfItToTheRoutes() throws IOException {
        // Given
        ask("within");
        routed.set(0);

        // When
        RawHttp.exchange(
                ledger.port(),
                "POST /v1/chats/within/check HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n");

        // Then
        assertThat(routed).hasValue(1);
    }

    @Test
    void shouldLeaveWhatIsToBeLoggedToTheRoutes() {
        // Given
        ask("within");
        routed.set(0);

        // When
        Reply reply = ledger.http()
                .send(ledger.http()
                        .request("/v1/chats/within/check")
                        .header("traceparent", TRACE)
                        .POST(BodyPublishers.noBody()));

        // Then
        assertThat(reply.header("traceparent")).isEqualTo(TRACE);
        assertThat(routed).hasValue(1);
    }

    @Test
    void shouldSayWhichRequestItAnswers() {
        // Given
        ask("within");

        // When
        Reply reply = ledger.http()
                .send(ledger.http()
                        .request("/v1/chats/within/check")
                        .header("x-request-id", "r-1")
                        .POST(BodyPublishers.noBody()));

        // Then
        assertThat(reply.header("x-request-id")).isEqualTo("r-1");
    }

    @Test
    void shouldLetNobodyPastWithoutAToken() {
        // Given
        String token = "a-token-of-a-caller";
        Tokens tokens = Tokens.parse("check " + token + "\nmetrics another-token-of-one");
        try (StubLedger closed = StubLedger.start(
                new Access(Optional.of(() -> tokens), Optional.empty()),
                new FakeReader().root("within", 5L),
                new FakeLimits().view(),
                new FakeFreezes().view(),
                LookupErrorPolicy.OPEN,
                new FixedHealth(List.of(), List.of()))) {
            assertThat(ask(closed, token)).isEqualTo(200);

            // When // Then
            assertThat(ask(closed, token)).isEqualTo(200);
            assertThat(ask(closed, "a-stranger-s-token")).isEqualTo(401);
            assertThat(ask(closed, "another-token-of-one")).isEqualTo(403);
            assertThat(closed.http().post("/v1/chats/within/check").status()).isEqualTo(401);
        }
    }

    private static int ask(StubLedger ledger, String token) {
        return ledger.http()
                .send(ledger.http()
                        .request("/v1/chats/within/check")
                        .header("Authorization", "Bearer " + token)
                        .POST(BodyPublishers.noBody()))
                .status();
    }
}
