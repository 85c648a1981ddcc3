package dev.spendledger.api.http;

import java.util.Set;

/** What a caller must be allowed to do for a route. */
enum Permission {
    /** Nothing: probes ask it, and the page's files say nothing of anybody. */
    OPEN(Set.of()),
    /** Anything at all. */
    ANY(Set.of(Role.values())),
    /** To ask before a step, and to see what is spent. */
    CHECK(Set.of(Role.CHECK, Role.ADMIN)),
    /** To tell of chats and messages. */
    WRITE(Set.of(Role.WRITE, Role.ADMIN)),
    /** To set limits and groups, and to freeze. */
    ADMIN(Set.of(Role.ADMIN)),
    /** To read the metrics. */
    METRICS(Set.of(Role.METRICS, Role.ADMIN)),
    /** To be an instance of the same ledger: no role allows it, the secret of the instances does. */
    INTERNAL(Set.of());

    private final Set<Role> roles;

    Permission(Set<Role> roles) {
        this.roles = roles;
    }

    boolean isAllowedTo(Set<Role> callers) {
        return callers.stream().anyMatch(roles::contains);
    }

    /** Whether requests may stand in the log: not those that anybody may make, and as many as he likes. */
    boolean isLogged() {
        return this != OPEN && this != INTERNAL;
    }
}
