package dev.spendledger.demo.failover;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Set;

/**
 * What came of one check.
 *
 * @param tree whose chat was asked for
 * @param instance which one answered, from 1; 0 = none was ready to be asked
 * @param askedMs when it should have been sent, in milliseconds since 1970
 * @param latencyMicros from then to the answer, a second try at another instance included
 * @param status its HTTP status; 0 = no answer
 * @param servedBy who gave the reading; empty = not said
 * @param degradedReason why it does not rest on a fresh reading; empty = it does, or there is no answer
 * @param asOfMs the time up to which its total holds every event, in milliseconds since 1970; -1 = not said
 * @param spentMicros what it shows that the tree has spent; -1 = nothing
 */
record Answer(
        Tree tree,
        int instance,
        long askedMs,
        long latencyMicros,
        int status,
        String servedBy,
        String degradedReason,
        long asOfMs,
        long spentMicros) {
    static final int OK = 200;
    static final int REJECTED = 409;

    private static final Set<String> OWNERS = Set.of("owner", "peer");
    private static final String TREE_SCOPE = "chat_lifetime";
    private static final long NOT_SAID = -1;

    /** No answer, from an instance or for want of one. */
    static Answer none(Tree tree, int instance, long askedMs, long latencyMicros) {
        return new Answer(tree, instance, askedMs, latencyMicros, 0, "", "", NOT_SAID, NOT_SAID);
    }

    /** An answer as {@code openapi.yaml} has it; of an error there is no more than its status. */
    static Answer of(Tree tree, int instance, long askedMs, long latencyMicros, int status, JsonNode body) {
        return new Answer(
                tree,
                instance,
                askedMs,
                latencyMicros,
                status,
                // There are a handful of each, and hundreds of thousands of answers.
                body.path("served_by").asText().intern(),
                body.path("degraded").asBoolean()
                        ? body.path("degraded_reason").asText("not_said").intern()
                        : "",
                body.hasNonNull("as_of")
                        ? Instant.parse(body.get("as_of").asText()).toEpochMilli()
                        : NOT_SAID,
                spentOfTree(body));
    }

    private static long spentOfTree(JsonNode body) {
        for (JsonNode scope : body.path("scopes")) {
            if (scope.path("scope").asText().equals(TREE_SCOPE)) {
                return scope.path("spent_micros").asLong(NOT_SAID);
            }
        }
        return NOT_SAID;
    }

    boolean isAnswered() {
        return status != 0;
    }

    boolean isAllowed() {
        return status == OK;
    }

    boolean isRejected() {
        return status == REJECTED;
    }

    boolean isDegraded() {
        return !degradedReason.isEmpty();
    }

    /** Whether it is the word of an owner that is in touch with the broker, asked directly or through another. */
    boolean isFresh() {
        return (isAllowed() || isRejected()) && !isDegraded() && OWNERS.contains(servedBy);
    }

    /** Whether its total can be held against what was acknowledged. */
    boolean showsTotal() {
        return asOfMs != NOT_SAID && spentMicros != NOT_SAID;
    }
}
