package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.testing.AccessTable;
import dev.spendledger.api.testing.FakeFreezes;
import dev.spendledger.api.testing.FakeLimits;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.StubLedger;
import dev.spendledger.api.testing.StubLedger.FixedHealth;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every route, asked by every caller. */
class AccessTest {
    private static final AtomicReference<Tokens> TOKENS_NOW = new AtomicReference<>(Tokens.parse(AccessTable.file()));

    private static StubLedger ledger;

    @BeforeAll
    static void start() {
        ledger = StubLedger.start(
                new Access(Optional.of(TOKENS_NOW::get), Optional.of(() -> List.of(AccessTable.SECRET))),
                new FakeReader(),
                new FakeLimits().view(),
                new FakeFreezes().view(),
                LookupErrorPolicy.OPEN,
                new FixedHealth(List.of(), List.of()));
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    static List<AccessTable.Route> routes() {
        return AccessTable.routes();
    }

    @ParameterizedTest
    @MethodSource("routes")
    void shouldLetEveryCallerDoWhatItsTokenIsFor(AccessTable.Route route) {
        route.assertHolds(caller -> ask(route.method(), route.path(), caller).status());
    }

    @Test
    void shouldSayWhatIsMissing() {
        // When
        Reply none = ask("GET", "/metrics", "nobody");
        Reply unknown = ask("GET", "/metrics", "stranger");
        Reply other = ask("GET", "/metrics", "write");

        // Then
        assertThat(none.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(none.json().get("code").textValue()).isEqualTo("unauthorized");
        assertThat(none.json().get("detail").textValue()).contains("Authorization: Bearer TOKEN");
        assertThat(unknown.json().get("detail").textValue()).isEqualTo("The token is not known.");
        assertThat(other.json().get("code").textValue()).isEqualTo("forbidden");
        assertThat(other.json().get("detail").textValue()).contains("the role metrics");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Basic admin-0123456789", "Bearer", "Bearer ", "admin-0123456789", "Bearer admin-0123456789 x"})
    void shouldTakeNothingButABearerToken(String header) {
        assertThat(send("GET", "/metrics", Optional.of(header)).status()).isEqualTo(401);
    }

    @Test
    void shouldTakeTheSchemeInAnyCase() {
        assertThat(send("GET", "/metrics", Optional.of("bEARER admin-0123456789"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void shouldGoByTheTokensAsTheyAreNow() {
        // When
        TOKENS_NOW.set(Tokens.parse("admin another-0123456789"));
        int old = ask("GET", "/metrics", "admin").status();
        int another = send("GET", "/metrics", Optional.of("Bearer another-0123456789"))
                .status();
        TOKENS_NOW.set(Tokens.parse(AccessTable.file()));

        // Then
        assertThat(List.of(old, another)).containsExactly(401, 200);
    }

    @Test
    void shouldAnswerBeforeTheBodyIsRead() {
        // When
        HttpRequest.Builder large =
                ledger.http().request("/v1/messages").method("POST", BodyPublishers.ofByteArray(new byte[3 << 20]));

        // Then
        assertThat(ledger.http().send(large).status()).isEqualTo(401);
    }

    private static Reply ask(String method, String path, String caller) {
        return send(method, path, AccessTable.authorization(caller));
    }

    private static Reply send(String method, String path, Optional<String> authorization) {
        HttpRequest.Builder request = ledger.http().request(path).method(method, BodyPublishers.noBody());
        authorization.ifPresent(header -> request.header("Authorization", header));
        return ledger.http().send(request);
    }
}
