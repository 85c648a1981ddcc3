package dev.spendledger.api.http;

import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.http.Replies.ErrorReply;
import dev.spendledger.api.http.Replies.FrozenReply;
import dev.spendledger.api.http.Replies.RejectedReply;
import io.vertx.core.buffer.Buffer;
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
        } else if (decision instanceof Decision.Frozen) {
            doNotRetry(response);
        } else if (decision instanceof Decision.Rejected rejected) {
            doNotRetry(response);
            rejected.scope()
                    .inPeriod()
                    .ifPresent(in -> response.putHeader("Retry-After", secondsUntil(in.resetsAt(), now)));
        } else if (decision instanceof Decision.Undecided undecided) {
            error(undecided).headers().forEach(response::putHeader);
        }
        LedgerRouter.reply(response, status(decision), body(decision));
    }

    static int status(Decision decision) {
        if (decision instanceof Decision.Allowed) {
            return 200;
        }
        return decision instanceof Decision.Undecided undecided
                ? error(undecided).code().status()
                : ErrorCode.SPEND_LIMIT_EXCEEDED.status();
    }

    static Buffer body(Decision decision) {
        if (decision instanceof Decision.Allowed allowed) {
            return AllowedBody.of(allowed);
        }
        if (decision instanceof Decision.Frozen frozen) {
            return Json.write(FrozenReply.of(frozen));
        }
        return Json.write(
                decision instanceof Decision.Rejected rejected
                        ? RejectedReply.of(rejected)
                        : ErrorReply.of(error((Decision.Undecided) decision)));
    }

    /** Not thrown: it is an answer, and counted as one. */
    private static ApiException error(Decision.Undecided undecided) {
        return ApiException.lookupFailed(undecided.reason().code());
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
