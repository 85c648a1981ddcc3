package dev.spendledger.api.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every route, and the roles that may call it; every other token is a 403, and no token, one that is nobody's, or one of the
 * other kind a 401. {@code instance} is who shows the secret of the instances, {@code anybody} also who shows nothing.
 */
public final class AccessTable {
    /** The token of each role. */
    public static final Map<String, String> TOKENS = Map.of(
            "check", "check-0123456789",
            "write", "write-0123456789",
            "admin", "admin-0123456789",
            "metrics", "metrics-0123456789");

    /** That of the instances. */
    public static final String SECRET = "secret-of-the-instances";

    private static final List<String> ROUTES = List.of(
            "POST /v1/chats: write admin",
            "POST /v1/messages: write admin",
            "POST /v1/chats/c-1/check: check admin",
            "GET /v1/chats/c-1/spend: check admin",
            "GET /v1/trees: check admin",
            "GET /v1/instances: check admin",
            "GET /v1/chats/c-1/timeline: check admin",
            "GET /v1/chats/c-1/explain: check admin",
            "POST /v1/accounts/a-1/check: check admin",
            "GET /v1/accounts/a-1/spend: check admin",
            "GET /v1/events?kind=none: check admin", // Of another kind the answer would not end.
            "PUT /v1/chats/c-1/limit: admin",
            "DELETE /v1/chats/c-1/limit: admin",
            "PUT /v1/chats/c-1/freeze: admin",
            "DELETE /v1/chats/c-1/freeze: admin",
            "GET /v1/accounts/a-1/groups: admin",
            "PUT /v1/accounts/a-1/groups: admin",
            "GET /v1/limits/default: admin",
            "PUT /v1/limits/default: admin",
            "DELETE /v1/limits/default: admin",
            "GET /v1/limits/accounts/a-1: admin",
            "PUT /v1/limits/accounts/a-1: admin",
            "DELETE /v1/limits/accounts/a-1: admin",
            "GET /v1/limits/groups/g-1: admin",
            "PUT /v1/limits/groups/g-1: admin",
            "DELETE /v1/limits/groups/g-1: admin",
            "GET /metrics: metrics admin",
            "GET /openapi.yaml: check write admin metrics",
            "GET /: anybody",
            "GET /web/main.js: anybody",
            "GET /livez: anybody",
            "GET /readyz: anybody",
            "GET /internal/instance: instance",
            "GET /internal/top-trees/spent: instance",
            "GET /internal/progress/spend-by-root/0: instance",
            "GET /internal/state/spend-by-root/0?most=1&from=: instance");

    private AccessTable() {}

    /**
     * A line of it.
     *
     * @param allowed who may
     */
    public record Route(String method, String path, List<String> allowed) {
        /** Asks as everybody, and holds the status of each answer against the table. */
        public void assertHolds(ToIntFunction<String> statusOfCaller) {
            Stream.concat(TOKENS.keySet().stream(), Stream.of("nobody", "stranger", "instance"))
                    .forEach(caller -> {
                        int status = statusOfCaller.applyAsInt(caller);
                        if (allowed.contains(caller) || allowed.contains("anybody")) {
                            assertThat(status).as("%s as %s", this, caller).isNotIn(401, 403);
                        } else {
                            boolean known = TOKENS.containsKey(caller) && !path.startsWith("/internal");
                            assertThat(status).as("%s as %s", this, caller).isEqualTo(known ? 403 : 401);
                        }
                    });
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /** All lines. */
    public static List<Route> routes() {
        return ROUTES.stream()
                .map(line -> line.split(": | ", 3))
                .map(words -> new Route(words[0], words[1], List.of(words[2].split(" "))))
                .toList();
    }

    /** The file of the tokens. */
    public static String file() {
        return TOKENS.entrySet().stream()
                .map(token -> token.getKey() + " " + token.getValue() + "\n")
                .collect(Collectors.joining());
    }

    /** What a caller shows in {@code Authorization}; empty = nothing. */
    public static Optional<String> authorization(String caller) {
        return switch (caller) {
            case "nobody" -> Optional.empty();
            case "stranger" -> Optional.of("Bearer stranger-0123456789");
            case "instance" -> Optional.of("Bearer " + SECRET);
            default -> Optional.of("Bearer " + TOKENS.get(caller));
        };
    }
}
