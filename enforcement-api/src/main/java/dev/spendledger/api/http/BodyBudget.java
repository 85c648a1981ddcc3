package dev.spendledger.api.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all bodies together may take of memory, from their first byte to the answer: each is bounded, and many that are sent
 * at once would fill the heap all the same. Thread-safe.
 */
public final class BodyBudget {
    /** The largest body that is read, in bytes. */
    static final int BODY_BYTES_MAX = 2 << 20;
    /** Of the heap. A body is copied while it grows, and read as JSON it takes several times its size for a moment. */
    private static final int SHARE = 16;

    private final long most;
    private final AtomicLong taken = new AtomicLong();

    /** @param most in bytes */
    public BodyBudget(long most) {
        this.most = most;
    }

    /** What the heap of this process has room for. */
    public static BodyBudget ofThisProcess() {
        return new BodyBudget(Runtime.getRuntime().maxMemory() / SHARE);
    }

    /**
     * Takes what the body of this request may need until it is answered, or its client has gone.
     *
     * @throws ApiException if there is no room for it, or it is larger than any may be
     */
    void take(RoutingContext context) {
        long bytes = announced(context);
        if (bytes > BODY_BYTES_MAX) {
            throw tooLarge();
        }
        if (bytes > 0) {
            if (taken.addAndGet(bytes) > most) {
                taken.addAndGet(-bytes);
                throw new ApiException(
                        ErrorCode.OVERLOADED, "Nothing of it was read. Send it again.", ApiException.RETRY_SOON);
            }
            context.addEndHandler(ended -> taken.addAndGet(-bytes));
        }
    }

    static ApiException tooLarge() {
        return new ApiException(ErrorCode.BODY_TOO_LARGE, "A body may have " + BODY_BYTES_MAX + " bytes.");
    }

    private static long announced(RoutingContext context) {
        String length = context.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null) {
            return Long.parseLong(length); // Which the server has read already, and would have refused.
        }
        return context.request().headers().contains(HttpHeaders.TRANSFER_ENCODING) ? BODY_BYTES_MAX : 0;
    }
}
