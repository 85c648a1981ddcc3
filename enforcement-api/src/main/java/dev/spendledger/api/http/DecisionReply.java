package dev.spendledger.api.http;

import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.http.Replies.FrozenReply;
import dev.spendledger.api.http.Replies.RejectedReply;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;

/** Answers with a decision. */
final class DecisionReply {
    private DecisionReply() {}

    static void write(HttpServerResponse response, Decision decision, Instant now) {
        if (decision instanceof Decision.Allowed allowed) {
            if (allowed.failOpen()) {
                response.putHeader("spend-check", "fail-open");
            }
            LedgerRouter.reply(response, 200, AllowedBody.of(allowed));
        } else if (decision instanceof Decision.Frozen frozen) {
            doNotRetry(response);
            LedgerRouter.reply(response, ErrorCode.FROZEN.status(), FrozenReply.of(frozen));
        } else if (decision instanceof Decision.Rejected rejected) {
            doNotRetry(response);
            rejected.scope()
                    .inPeriod()
                    .ifPresent(in -> response.putHeader("Retry-After", secondsUntil(in.resetsAt(), now)));
            LedgerRouter.reply(response, ErrorCode.SPEND_LIMIT_EXCEEDED.status(), RejectedReply.of(rejected));
        } else if (decision instanceof Decision.Undecided undecided) {
            // Not thrown: it is an answer, and counted as one.
            LedgerRouter.reply(
                    response, ApiException.lookupFailed(undecided.reason().code()));
        }
    }

    /** Some SDKs of model makers repeat a 409 by themselves. */
    private static void doNotRetry(HttpServerResponse response) {
        response.putHeader("x-should-retry", "false");
    }

    /** Whole seconds, rounded up: asked again after them, the period has ended. */
    private static String secondsUntil(Instant end, Instant now) {
        Duration left = Duration.between(now, end);
        return Long.toString(Math.max(1, left.toSeconds() + (left.toNanosPart() > 0 ? 1 : 0)));
    }
}
