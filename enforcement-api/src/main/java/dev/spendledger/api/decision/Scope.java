package dev.spendledger.api.decision;

import dev.spendledger.streams.domain.TreeSpend;
import java.util.Optional;

/**
 * A limit held against the spend it is about.
 *
 * @param name which limit
 * @param spentMicros the spend, in micros; at most what can be shown
 * @param overflow whether the spend is more than can be shown
 * @param limitMicros the limit, in micros
 */
public record Scope(String name, long spentMicros, boolean overflow, long limitMicros) {
    /** The limit on the lifetime spend of a tree. */
    public static final String CHAT_LIFETIME = "chat_lifetime";

    /** The scope of a tree; empty if it has no limit to be held to. */
    public static Optional<Scope> of(TreeSpend tree) {
        return tree.effectiveLimitMicros()
                .map(limitMicros -> new Scope(
                        CHAT_LIFETIME,
                        tree.totals().spentMicros(),
                        tree.totals().overflow(),
                        limitMicros));
    }

    /** What is left of the limit, in micros; never below 0. */
    public long remainingMicros() {
        return Math.max(0, limitMicros - spentMicros);
    }
}
