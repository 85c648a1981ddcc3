package dev.spendledger.api.http;

import dev.spendledger.api.http.Replies.AlertReply;
import dev.spendledger.api.metrics.LedgerMeters.LetGo;
import dev.spendledger.api.query.Alert;
import dev.spendledger.api.query.AlertPositions;
import dev.spendledger.api.query.RecentAlerts;
import dev.spendledger.api.query.RecentAlerts.Present;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of events to a client, as
 * <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">server-sent events</a>. The id of each alert is how
 * far this stream has read behind it. Nothing waits for a client that takes nothing: its alerts stay where they are, and if
 * they are gone when it is back, it is let go and begins anew with its last id. Not thread-safe: all but {@link #onMore} and
 * {@link #onClosing} runs on the event loop of the request.
 */
final class EventStream {
    private static final Logger log = LoggerFactory.getLogger(EventStream.class);
    private static final CharSequence TEXT_EVENT_STREAM = HttpHeaders.createOptimized("text/event-stream");
    private static final String COMMENT = ":\n\n";
    private static final int BATCH = 100;
    private static final int SILENT_BEATS_MOST = 3;
    private static final long END_WITHIN_MS = 1_000;

    private final Vertx vertx;
    private final Context loop;
    private final RoutingContext context;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Subscription wanted;
    private final EventStreams streams;
    private final RecentAlerts alerts;
    private final List<Long> timers = new ArrayList<>();
    /** What the client has read before it came here; null = that is not known yet, or it wants no alerts. */
    private AlertPositions before;

    /** What it has missed, while that is being read; empty = the stream has come to what is in memory. */
    private Optional<MissedAlerts> missed = Optional.empty();

    /** The number in memory of the alert to look at next. */
    private long next;

    private String lastId = "";
    private int silentBeats;
    private boolean ended;

    /** @throws ApiException if there is no room to read what the client has missed */
    EventStream(RoutingContext context, Subscription wanted, EventStreams streams) {
        this.vertx = context.vertx();
        this.loop = vertx.getOrCreateContext();
        this.context = context;
        this.request = context.request();
        this.response = context.response();
        this.wanted = wanted;
        this.streams = streams;
        this.alerts = streams.alerts();
        if (wanted.wantsAlerts()) {
            alerts.presentBefore(wanted.recent(), wanted::wants).ifPresent(this::find);
        }
    }

    /** Has somebody told when it is over, whoever has ended it. */
    void onEnd(Runnable told) {
        context.addEndHandler(any -> {
            ended = true;
            timers.forEach(vertx::cancelTimer);
            missed.ifPresent(MissedAlerts::close);
            told.run();
        });
    }

    void begin() {
        response.setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, TEXT_EVENT_STREAM)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                // Else nginx would wait until it has a buffer full of events.
                .putHeader("X-Accel-Buffering", "no")
                // Nothing else can be asked on it before it ends.
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        // Before the instance knows where the alerts are, the client sees at least that it is being answered.
        response.write(COMMENT);
        response.drainHandler(drained -> goOn());
        timers.add(vertx.setPeriodic(streams.beat().toMillis(), timer -> beat()));
        wanted.live().forEach(this::show);
        goOn();
    }

    /** There are more alerts. */
    void onMore() {
        if (wanted.wantsAlerts()) {
            loop.runOnContext(any -> goOn());
        }
    }

    /** The instance is to have no streams any more. */
    void onClosing() {
        loop.runOnContext(any -> end());
    }

    void end() {
        if (!ended) {
            response.end().onComplete(any -> request.connection().close());
            // Its client may take nothing of it, and whoever closes the server would wait for that.
            vertx.setTimer(END_WITHIN_MS, any -> Connections.abort(request.connection()));
        }
    }

    private void letGo() {
        streams.meters().onLetGo(LetGo.SLOW_STREAM);
        Connections.abort(request.connection());
    }

    // ---- alerts ----

    /** Finds out from where on the client wants them, and where they are. */
    private void find(Present present) {
        if (wanted.from().isEmpty()) {
            next = present.next();
            before = present.readTo();
            return;
        }
        AlertPositions from = present.readTo().goingOnFrom(wanted.from().get());
        OptionalLong first = alerts.firstBehind(from);
        if (first.isPresent()) {
            next = first.getAsLong();
        } else {
            missed = Optional.of(streams.missed(from));
        }
        before = from;
    }

    private void goOn() {
        if (ended || !wanted.wantsAlerts() || before == null && !isFound()) {
            return;
        }
        if (lastId.isEmpty()) {
            // At once, so that from here on nothing is lost whatever happens.
            writeId(before);
        }
        if (missed.isEmpty()) {
            follow();
        } else if (!response.writeQueueFull()) {
            missed.get().read(this::onMissed, this::onMissedFailed);
        }
    }

    /** Whether it is known by now where the alerts are. */
    private boolean isFound() {
        try {
            alerts.presentBefore(wanted.recent(), wanted::wants).ifPresent(this::find);
        } catch (ApiException e) {
            end(); // Its client asks again, and is told then.
        }
        return before != null;
    }

    private void onMissed(List<Alert> some) {
        some.forEach(this::write);
        AlertPositions readTo = missed.orElseThrow().readTo();
        OptionalLong first = alerts.firstBehind(readTo);
        if (first.isPresent()) {
            missed.get().close();
            missed = Optional.empty();
            before = readTo;
            next = first.getAsLong();
        }
        onMore(); // And not at once: others are to have their turn.
    }

    private void onMissedFailed(Throwable failure) {
        log.warn("Alerts that a client has missed cannot be read; it is to ask again. cause={}", failure.getMessage());
        end();
    }

    private void follow() {
        while (!response.writeQueueFull()) {
            Optional<List<Alert>> some = alerts.from(next, BATCH);
            if (some.isEmpty()) {
                letGo();
                return;
            }
            if (some.get().isEmpty()) {
                return;
            }
            some.get().forEach(this::write);
            next += some.get().size();
        }
    }

    private void write(Alert alert) {
        if (!alert.isBefore(before) && wanted.wants(alert.what())) {
            response.write(Buffer.buffer(idLine(alert.behind()))
                    .appendString(eventLine(Subscription.code(alert.what().getKind())))
                    .appendBuffer(dataLine(Json.write(AlertReply.of(alert.what())))));
        }
    }

    // ---- what is shown beside them ----

    private void show(LiveSource source) {
        Look look = new Look(source);
        look.take();
        timers.add(vertx.setPeriodic(source.periodMs(), timer -> look.take()));
    }

    /** At a source, time after time; what it has shown last is not shown again. */
    private final class Look {
        private final LiveSource source;
        private Buffer shown;
        private boolean taking;

        Look(LiveSource source) {
            this.source = source;
        }

        void take() {
            if (ended || taking || response.writeQueueFull()) {
                return;
            }
            taking = true;
            streams.look(source, wanted.rootChatId()).onComplete(look -> loop.runOnContext(any -> onTaken(look)));
        }

        private void onTaken(AsyncResult<Optional<Buffer>> look) {
            taking = false;
            if (look.succeeded()) {
                look.result().ifPresent(this::write);
            } else {
                log.debug("A look at {} failed.", source.kind(), look.cause());
            }
        }

        private void write(Buffer found) {
            if (!ended && !found.equals(shown)) {
                response.write(Buffer.buffer(eventLine(source.kind())).appendBuffer(dataLine(found)));
                shown = found;
            }
        }
    }

    // ---- the stream itself ----

    /** Shows the client that it is not alone, and what it need not be told any more; looks whether it is still there. */
    private void beat() {
        if (!streams.access().allowsCheck(request)) {
            end(); // Its token is none any more; it is told when it asks again.
        } else if (response.writeQueueFull()) {
            silentBeats++;
            if (silentBeats >= SILENT_BEATS_MOST) {
                letGo();
            }
        } else {
            silentBeats = 0;
            response.write(COMMENT);
            alerts.present().filter(this::isAt).ifPresent(present -> writeId(present.readTo()));
        }
    }

    /** Whether the client has been told all that there was for it. */
    private boolean isAt(Present present) {
        return missed.isEmpty() && before != null && present.next() == next;
    }

    /** An event of only an id is none to the client, but where it goes on from. */
    private void writeId(AlertPositions readTo) {
        if (!readTo.toString().equals(lastId)) {
            response.write(idLine(readTo) + "\n");
        }
    }

    private String idLine(AlertPositions readTo) {
        lastId = readTo.toString();
        return "id: " + lastId + "\n";
    }

    private static String eventLine(String kind) {
        return "event: " + kind + "\n";
    }

    private static Buffer dataLine(Buffer json) {
        return Buffer.buffer("data: ").appendBuffer(json).appendString("\n\n");
    }
}
