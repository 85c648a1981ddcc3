package dev.spendledger.api.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all bodies together may take of memory, from their announcement until nobody holds them any more: each is bounded, and
 * many that are sent at once would fill the heap all the same. Thread-safe.
 */
public final class BodyBudget {
    /** The largest body that is read, in bytes. */
    static final int BODY_BYTES_MAX = 2 << 20;
    /** Of the heap. A body is copied while it grows, and read as JSON it takes several times its size for a moment. */
    private static final int SHARE = 32;

    private static final String LEASE = BodyBudget.class.getName();

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

    /** What one body has taken. It is given back by the last that lets go of it. */
    static final class Lease {
        private final BodyBudget budget;
        private final long bytes;
        /** The answer to come is the first. */
        private final AtomicInteger holders = new AtomicInteger(1);

        private Lease(BodyBudget budget, long bytes) {
            this.budget = budget;
            this.bytes = bytes;
        }

        void letGo() {
            if (holders.decrementAndGet() == 0) {
                budget.taken.addAndGet(-bytes);
            }
        }
    }

    /**
     * Takes what the body of this request may need until it is answered, or its client has gone, and whoever {@link #hold
     * holds} it has let go.
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
            Lease lease = new Lease(this, bytes);
            context.put(LEASE, lease);
            context.addEndHandler(ended -> lease.letGo());
        }
    }

    /**
     * Says that somebody works on the body, who may be at it still when its client has gone.
     *
     * @return what is to be run once he has done
     */
    static Runnable hold(RoutingContext context) {
        Lease lease = context.get(LEASE);
        if (lease == null) {
            return () -> {};
        }
        lease.holders.incrementAndGet();
        return lease::letGo;
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
