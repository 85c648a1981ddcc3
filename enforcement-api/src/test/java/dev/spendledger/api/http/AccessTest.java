package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.testing.FakeFreezes;
import dev.spendledger.api.testing.FakeLimits;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.StubLedger;
import dev.spendledger.api.testing.StubLedger.FixedHealth;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every route, asked by every caller. */
class AccessTest {
    private static final Map<String, String> TOKENS = Map.of(
            "check",
            "check-0123456789",
            "write",
            "write-0123456789",
            "admin",
            "admin-0123456789",
            "metrics",
            "metrics-0123456789");
    private static final String SECRET = "secret-of-the-instances";
    private static final AtomicReference<Tokens> TOKENS_NOW = new AtomicReference<>(Tokens.parse(file()));

    private static StubLedger ledger;

    private static String file() {
        return String.join(
                "\n",
                TOKENS.entrySet().stream()
                        .map(token -> token.getKey() + " " + token.getValue())
                        .toList());
    }

    @BeforeAll
    static void start() {
        ledger = StubLedger.start(
                new Access(Optional.of(TOKENS_NOW::get), Optional.of(() -> List.of(SECRET))),
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

    /** Of each route the roles that may; every other token is a 403, and no token a 401. */
    @ParameterizedTest
    @CsvSource({
        "POST, /v1/chats, write admin",
        "POST, /v1/messages, write admin",
        "POST, /v1/chats/c-1/check, check admin",
        "GET, /v1/chats/c-1/spend, check admin",
        "POST, /v1/accounts/a-1/check, check admin",
        "GET, /v1/accounts/a-1/spend, check admin",
        "PUT, /v1/chats/c-1/limit, admin",
        "DELETE, /v1/chats/c-1/limit, admin",
        "PUT, /v1/chats/c-1/freeze, admin",
        "DELETE, /v1/chats/c-1/freeze, admin",
        "GET, /v1/accounts/a-1/groups, admin",
        "PUT, /v1/accounts/a-1/groups, admin",
        "GET, /v1/limits/default, admin",
        "PUT, /v1/limits/default, admin",
        "DELETE, /v1/limits/default, admin",
        "GET, /v1/limits/accounts/a-1, admin",
        "PUT, /v1/limits/groups/g-1, admin",
        "GET, /metrics, metrics admin",
        "GET, /openapi.yaml, check write admin metrics",
        "GET, /livez, check write admin metrics nobody",
        "GET, /readyz, check write admin metrics nobody",
        "GET, /internal/instance, instance",
        "GET, /internal/progress/spend-by-root/0, instance",
        "GET, /internal/state/spend-by-root/0?most=1&from=, instance",
    })
    void shouldLetEveryCallerDoWhatItsTokenIsFor(String method, String path, String allowed) {
        boolean internal = path.startsWith("/internal");
        Stream.concat(TOKENS.keySet().stream(), Stream.of("nobody", "stranger", "instance"))
                .forEach(caller -> {
                    int status = ask(method, path, caller).status();
                    if (List.of(allowed.split(" ")).contains(caller)
                            || List.of(allowed.split(" ")).contains("nobody")) {
                        assertThat(status).as(caller).isNotIn(401, 403);
                    } else {
                        boolean known = TOKENS.containsKey(caller) && !internal;
                        assertThat(status).as(caller).isEqualTo(known ? 403 : 401);
                    }
                });
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
        TOKENS_NOW.set(Tokens.parse(file()));

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
        return switch (caller) {
            case "nobody" -> send(method, path, Optional.empty());
            case "stranger" -> send(method, path, Optional.of("Bearer stranger-0123456789"));
            case "instance" -> send(method, path, Optional.of("Bearer " + SECRET));
            default -> send(method, path, Optional.of("Bearer " + TOKENS.get(caller)));
        };
    }

    private static Reply send(String method, String path, Optional<String> authorization) {
        HttpRequest.Builder request = ledger.http().request(path).method(method, BodyPublishers.noBody());
        authorization.ifPresent(header -> request.header("Authorization", header));
        return ledger.http().send(request);
    }
}
