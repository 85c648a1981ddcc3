package dev.spendledger.api.http;

import static net.logstash.logback.argument.StructuredArguments.kv;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a request be found again: its {@code x-request-id} and its {@code traceparent}
 * (<a href="https://www.w3.org/TR/trace-context/">W3C Trace Context</a>) stand in its answer and in the log. A request
 * without an id gets one. Thread-safe.
 */
public final class RequestLog {
    private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
    private static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");

    private static final Logger log = LoggerFactory.getLogger(RequestLog.class);
    private static final int ID_LENGTH_MAX = 128;
    private static final int PATH_LENGTH_MAX = 512;
    /** Of {@code 00-<trace id>-<parent id>-<flags>}, the only form there is so far. */
    private static final int TRACEPARENT_LENGTH = 55;

    private static final int TRACE_ID_START = 3;
    private static final int TRACE_ID_END = 35;
    private static final int PARENT_ID_END = 52;
    private static final int SERVER_ERROR = 500;
    private static final String NONE = "-";

    private final Mode mode;
    private final Budget budget = new Budget(System.nanoTime());

    /** Which requests get a line in the log. */
    public enum Mode {
        /** Those answered with a status from 500. */
        FAILED,
        /** Those as well whose {@code traceparent} says that they are sampled. */
        TRACED,
        ALL
    }

    public RequestLog(Mode mode) {
        this.mode = mode;
    }

    /** Has the answer to come say which request it is to. */
    static void mark(HttpServerRequest request) {
        String given = request.getHeader(REQUEST_ID);
        request.response()
                .putHeader(
                        REQUEST_ID,
                        isRequestId(given)
                                ? given
                                : HexFormat.of()
                                        .toHexDigits(ThreadLocalRandom.current().nextLong()));
        String traceparent = request.getHeader(TRACEPARENT);
        if (isTraceparent(traceparent)) {
            request.response().putHeader(TRACEPARENT, traceparent);
        }
    }

    /** The id of a request that is {@link #mark marked}. */
    static String idOf(HttpServerRequest request) {
        return request.response().headers().get(REQUEST_ID);
    }

    /** Whether the end of a request is to be logged, however it is answered. */
    boolean isWanted(HttpServerRequest request) {
        return mode == Mode.ALL || mode == Mode.TRACED && isSampled(request.getHeader(TRACEPARENT));
    }

    /** Logs the end of a request that is {@link #mark marked}, where it is to be. */
    void watch(RoutingContext context) {
        HttpServerRequest request = context.request();
        String traceparent = request.response().headers().get(TRACEPARENT);
        boolean wanted = isWanted(request);
        long startNanos = System.nanoTime();
        context.addEndHandler(ended -> {
            if (wanted || request.response().getStatusCode() >= SERVER_ERROR) {
                // Without an answer, its client has gone before there was one.
                String status =
                        ended.succeeded() ? Integer.toString(request.response().getStatusCode()) : NONE;
                write(request, status, traceparent, System.nanoTime() - startNanos);
            }
        });
    }

    private void write(HttpServerRequest request, String status, String traceparent, long tookNanos) {
        if (isLeft()) {
            log.info(
                    "A request has ended. {} {} {} {} {} {}",
                    kv("method", request.method()),
                    kv("path", visible(request.path())),
                    kv("status", status),
                    kv("us", TimeUnit.NANOSECONDS.toMicros(tookNanos)),
                    kv("request_id", idOf(request)),
                    kv("traceparent", traceparent == null ? NONE : traceparent));
        }
    }

    private boolean isLeft() {
        synchronized (budget) {
            int leftOut = budget.leftOut(System.nanoTime());
            if (leftOut > 0) {
                log.warn("Requests were left out of the log. requests={}", leftOut);
            }
            return budget.isLeft();
        }
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

    /** What may stand in a log as it is: a client can put anything into a path that a terminal would heed. */
    static String visible(String path) {
        return path.substring(0, Math.min(PATH_LENGTH_MAX, path.length())).replaceAll("[^!-~]", "?");
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
        for (int i = TRACE_ID_START; i < TRACEPARENT_LENGTH; i++) {
            char character = text.charAt(i);
            boolean right = i == TRACE_ID_END || i == PARENT_ID_END
                    ? character == '-'
                    : character >= '0' && character <= '9' || character >= 'a' && character <= 'f';
            if (!right) {
                return false;
            }
        }
        return !isZero(text, TRACE_ID_START, TRACE_ID_END) && !isZero(text, TRACE_ID_END + 1, PARENT_ID_END);
    }

    private static boolean isZero(String text, int from, int to) {
        return text.substring(from, to).chars().allMatch(character -> character == '0');
    }

    /** By the lowest bit of the flags. */
    private static boolean isSampled(String traceparent) {
        return isTraceparent(traceparent) && Character.digit(traceparent.charAt(TRACEPARENT_LENGTH - 1), 16) % 2 == 1;
    }
}
