package dev.spendledger.api.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Who may call what. Callers show a token in {@code Authorization: Bearer ...}; without tokens everybody may do everything.
 *
 * @param tokens of the callers, as they are now; empty = none are set
 * @param secrets of the instances, as they are now; empty = none is set
 */
public record Access(Optional<Supplier<Tokens>> tokens, Optional<Supplier<List<String>>> secrets) {
    /** For everybody. */
    public static final Access OPEN = new Access(Optional.empty(), Optional.empty());

    /** What stands before a token in the header {@code Authorization}. */
    public static final String SCHEME = "Bearer ";

    private static final Map<String, String> CHALLENGE = Map.of("WWW-Authenticate", "Bearer");

    /** Whether a caller may ask for checks. */
    boolean allowsCheck(HttpServerRequest request) {
        try {
            require(Permission.CHECK, request);
            return true;
        } catch (ApiException e) {
            return false; // Whoever refuses it has to say why.
        }
    }

    /**
     * @throws ApiException if the caller shows no token, an unknown one, or one that is not given for this
     */
    void require(Permission permission, HttpServerRequest request) {
        if (permission == Permission.INTERNAL) {
            secrets.ifPresent(set -> {
                if (!Tokens.isAmong(set.get(), shown(request))) {
                    throw unauthorized(
                            "This route is for the instances of the ledger; what was shown is not their secret.");
                }
            });
        } else if (permission != Permission.OPEN) {
            tokens.ifPresent(set -> requireRole(permission, set.get().rolesOf(shown(request))));
        }
    }

    private static void requireRole(Permission permission, Set<Role> roles) {
        if (roles.isEmpty()) {
            throw unauthorized("The token is not known.");
        }
        if (!permission.isAllowedTo(roles)) {
            throw new ApiException(
                    ErrorCode.FORBIDDEN,
                    "This needs a token with the role " + permission.name().toLowerCase(Locale.ROOT) + ".");
        }
    }

    private static String shown(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw unauthorized("There is no token; send the header Authorization: Bearer TOKEN.");
        }
        return header.substring(SCHEME.length()).trim();
    }

    private static ApiException unauthorized(String detail) {
        return new ApiException(ErrorCode.UNAUTHORIZED, detail, CHALLENGE);
    }
}
