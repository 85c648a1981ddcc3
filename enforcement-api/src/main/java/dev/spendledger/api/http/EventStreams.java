package dev.spendledger.api.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.spendledger.api.metrics.LedgerMeters;
import dev.spendledger.api.query.AlertHistory;
import dev.spendledger.api.query.AlertPositions;
import dev.spendledger.api.query.RecentAlerts;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** The streams of {@code GET /v1/events} that are open at this instance. Thread-safe. */
public final class EventStreams implements AutoCloseable {
    private static final int LOOKS_MOST = 1_000;
    private static final Duration LOOK_KEPT = Duration.ofMillis(250);

    private final Access access;
    private final RecentAlerts alerts;
    private final AlertHistory history;
    private final List<LiveSource> sources;
    private final Limits limits;
    private final LedgerMeters meters;
    private final WorkerExecutor historyThreads;
    private final Semaphore room;
    private final Semaphore roomForHistory;
    private final Set<EventStream> open = ConcurrentHashMap.newKeySet();
    private final Cache<Look, Future<Optional<Buffer>>> looks = Caffeine.newBuilder()
            .maximumSize(LOOKS_MOST)
            .expireAfterWrite(LOOK_KEPT)
            .build();
    private volatile boolean closing;

    private record Look(LiveSource source, Optional<String> rootChatId) {}

    /**
     * What the streams may take.
     *
     * @param most streams at once
     * @param historyMost how many of them may be reading, at once, what is in the memory of the instance no more
     * @param beat how long a stream is silent at most; after three in which its client has taken nothing, it is let go
     */
    public record Limits(int most, int historyMost, Duration beat) {
        public static final Limits USUAL = new Limits(1_000, 8, Duration.ofSeconds(10));
    }

    /**
     * @param alerts those that come, and the latest that have come
     * @param history those that have come before
     * @param sources what else there is to be shown
     */
    public EventStreams(
            Vertx vertx,
            Access access,
            RecentAlerts alerts,
            AlertHistory history,
            List<LiveSource> sources,
            Limits limits,
            LedgerMeters meters) {
        this.access = access;
        this.alerts = alerts;
        this.history = history;
        this.sources = List.copyOf(sources);
        this.limits = limits;
        this.meters = meters;
        this.historyThreads = vertx.createSharedWorkerExecutor("ledger-alert-history", limits.historyMost());
        this.room = new Semaphore(limits.most());
        this.roomForHistory = new Semaphore(limits.historyMost());
        alerts.onMore(() -> open.forEach(EventStream::onMore));
        meters.showEventStreams(open::size);
    }

    /**
     * Answers with a stream.
     *
     * @throws ApiException if what is asked for is wrong, or there is no room for it
     */
    void open(RoutingContext context) {
        Subscription wanted = Subscription.read(context, sources);
        if (closing) {
            throw shuttingDown();
        }
        if (!room.tryAcquire()) {
            throw overloaded("There are as many event streams here as there may be.");
        }
        EventStream stream;
        try {
            stream = new EventStream(context, wanted, this);
        } catch (RuntimeException e) {
            room.release();
            throw e;
        }
        open.add(stream);
        stream.onEnd(() -> {
            open.remove(stream);
            room.release();
        });
        stream.begin();
        if (closing) {
            stream.end();
        }
    }

    /**
     * What is behind these positions, to be closed by whoever reads it.
     *
     * @throws ApiException if there is no room for one more who does
     */
    MissedAlerts missed(AlertPositions from) {
        if (!roomForHistory.tryAcquire()) {
            throw overloaded("Others are reading here what they have missed.");
        }
        return new MissedAlerts(history, from, historyThreads, roomForHistory::release);
    }

    /**
     * How a source is now, as JSON; empty = there is nothing to show. All streams that show the same share the looks, and
     * what is written of them. The future is completed on any thread, and fails where the look does.
     */
    Future<Optional<Buffer>> look(LiveSource source, Optional<String> rootChatId) {
        return looks.get(
                new Look(source, rootChatId),
                look -> Future.succeededFuture()
                        .compose(any -> source.look(rootChatId)) // One that throws fails as well.
                        .map(found -> found.map(Json::write)));
    }

    Access access() {
        return access;
    }

    RecentAlerts alerts() {
        return alerts;
    }

    LedgerMeters meters() {
        return meters;
    }

    Duration beat() {
        return limits.beat();
    }

    private static ApiException shuttingDown() {
        return new ApiException(
                ErrorCode.LOOKUP_FAILED, "The instance is shutting down. Ask another.", ApiException.RETRY_SOON);
    }

    private static ApiException overloaded(String why) {
        return new ApiException(
                ErrorCode.OVERLOADED, why + " Ask again, or another instance.", ApiException.RETRY_SOON);
    }

    /** Ends all streams, so that their clients go on at another instance, and opens no more. */
    @Override
    public void close() {
        closing = true;
        open.forEach(EventStream::onClosing);
    }
}
