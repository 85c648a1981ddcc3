package dev.spendledger.api.http;

import java.util.Locale;

/** What a token is given for. */
public enum Role {
    /** A service that asks before each step: checks, and what is spent. */
    CHECK,
    /** A service that tells of chats and priced messages. */
    WRITE,
    /** Whoever sets limits and freezes trees; may do what the others may. */
    ADMIN,
    /** Prometheus. */
    METRICS;

    /** As it is written in the file of the tokens. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
