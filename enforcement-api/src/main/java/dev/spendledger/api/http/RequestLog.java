package dev.spendledger.api.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a request be found again: its {@code x-request-id} and its {@code traceparent}
 * (<a href="https://www.w3.org/TR/trace-context/">W3C Trace Context</a>) stand in its answer and in the log. A request
 * without an id gets one. Not thread-safe: one for each event loop.
 */
public final class RequestLog {
    static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
    static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");

    private static final Logger log = LoggerFactory.getLogger(RequestLog.class);
    private static final int ID_LENGTH_MAX = 128;
    /** Of {@code 00-<trace id>-<parent id>-<flags>}, the only form there is so far. */
    private static final int TRACEPARENT_LENGTH = 55;

    private static final int TRACE_ID_END = 35;
    private static final int PARENT_ID_END = 52;
    private static final int SERVER_ERROR = 500;
    private static final String NONE = "-";

    private final Mode mode;
    private final SplittableRandom ids = new SplittableRandom();
    private final Budget budget = new Budget(System.nanoTime());

    /** Which requests get a line in the log. */
    public enum Mode {
        /** Those answered with a status from 500. */
        FAILED,
        /** Those as well whose {@code traceparent} says that they are sampled. */
        TRACED,
        /** All but those of other instances, which only failed ones have. */
        ALL
    }

    public RequestLog(Mode mode) {
        this.mode = mode;
    }

    /** Marks the answer to come, and sees to it that it is logged where it is to be. */
    void begin(HttpServerRequest request) {
        String given = request.getHeader(REQUEST_ID);
        String id = isRequestId(given) ? given : HexFormat.of().toHexDigits(ids.nextLong());
        String traceparent = request.getHeader(TRACEPARENT);
        boolean traced = isTraceparent(traceparent);
        request.response().putHeader(REQUEST_ID, id);
        if (traced) {
            request.response().putHeader(TRACEPARENT, traceparent);
        }
        boolean wanted = mode == Mode.ALL && !request.uri().startsWith(InternalRoutes.PREFIX)
                || mode == Mode.TRACED && traced && isSampled(traceparent);
        long startNanos = System.nanoTime();
        request.response().endHandler(ended -> {
            if (wanted || request.response().getStatusCode() >= SERVER_ERROR) {
                write(request, id, traced ? traceparent : NONE, System.nanoTime() - startNanos);
            }
        });
    }

    /** How many lines may be written still. */
    static final class Budget {
        /** In a second. More would cost the machine what it needs for the requests themselves. */
        static final int LINES_MOST = 1_000;

        private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

        private long startNanos;
        private int wanted;

        Budget(long nowNanos) {
            startNanos = nowNanos;
        }

        /** Begins a new second if it is time; how many lines were left out of the one before. */
        int leftOut(long nowNanos) {
            if (nowNanos - startNanos < SECOND_NANOS) {
                return 0;
            }
            int leftOut = Math.max(0, wanted - LINES_MOST);
            startNanos = nowNanos;
            wanted = 0;
            return leftOut;
        }

        boolean isLeft() {
            return ++wanted <= LINES_MOST;
        }
    }

    private void write(HttpServerRequest request, String id, String traceparent, long tookNanos) {
        int leftOut = budget.leftOut(System.nanoTime());
        if (leftOut > 0) {
            log.warn("Requests were left out of the log. requests={}", leftOut);
        }
        if (budget.isLeft()) {
            log.info(
                    "A request was answered. method={} path={} status={} us={} request_id={} traceparent={}",
                    request.method(),
                    request.path(),
                    request.response().getStatusCode(),
                    TimeUnit.NANOSECONDS.toMicros(tookNanos),
                    id,
                    traceparent);
        }
    }

    /** Whether it is one that may stand in a log as it is. */
    static boolean isRequestId(String text) {
        return text != null
                && !text.isEmpty()
                && text.length() <= ID_LENGTH_MAX
                && text.chars().allMatch(character -> character > ' ' && character <= '~');
    }

    static boolean isTraceparent(String text) {
        if (text == null || text.length() != TRACEPARENT_LENGTH || !text.startsWith("00-")) {
            return false;
        }
        for (int i = 3; i < TRACEPARENT_LENGTH; i++) {
            char character = text.charAt(i);
            boolean right = i == TRACE_ID_END || i == PARENT_ID_END
                    ? character == '-'
                    : character >= '0' && character <= '9' || character >= 'a' && character <= 'f';
            if (!right) {
                return false;
            }
        }
        return true;
    }

    /** Of a {@code traceparent}: the lowest bit of its flags. */
    static boolean isSampled(String traceparent) {
        return Character.digit(traceparent.charAt(TRACEPARENT_LENGTH - 1), 16) % 2 == 1;
    }
}
