package dev.spendledger.api.http;

import dev.spendledger.api.metrics.LedgerMeters;
import dev.spendledger.api.metrics.LedgerMeters.LetGo;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one event loop: not too many, and none is kept by a client that does not come to the point. A time-out
 * for idle connections does not see one that sends a byte now and then. Not thread-safe: all of it runs on the event loop.
 */
public final class Connections {
    private static final Logger log = LoggerFactory.getLogger(Connections.class);
    private static final int REQUEST_LINE_BYTES_MAX = 4 << 10;
    private static final int HEADERS_BYTES_MAX = 8 << 10;
    private static final int TLS_HANDSHAKE_SECONDS_MOST = 10;
    private static final int LOOKS_PER_LIMIT = 4;
    private static final long LOOK_MS_MOST = 1_000;

    private final Limits limits;
    private final LedgerMeters meters;
    /** Whoever has asked last stands last. */
    private final Map<HttpConnection, Client> clients = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * What a connection may take.
     *
     * @param forNextRequest how long until the head of a request is there whole, from the answer to the one before
     * @param forBody how long until its body is there whole
     * @param most connections on one event loop; for one more the one is closed that has not asked for longest
     */
    public record Limits(Duration forNextRequest, Duration forBody, int most) {}

    /** What a connection was seen doing last. */
    private static final class Client {
        private HttpServerRequest request;
        private long sinceNanos = System.nanoTime();

        void begins(HttpServerRequest next) {
            request = next;
            sinceNanos = System.nanoTime();
        }

        void mayHaveBeenAnswered() {
            if (request != null && request.response().ended()) {
                begins(null);
            }
        }

        boolean isWaitedFor() {
            return request == null;
        }

        boolean isSendingABody() {
            return request != null && !request.isEnded();
        }

        boolean isSilentFor(Duration limit) {
            return System.nanoTime() - sinceNanos > limit.toNanos();
        }
    }

    public Connections(Limits limits, LedgerMeters meters) {
        this.limits = limits;
        this.meters = meters;
    }

    /** The options of a server that is held to these limits, for the caller to say where it listens. */
    public static HttpServerOptions options(Limits limits) {
        return new HttpServerOptions()
                // One request at a time: what the limits here are about.
                .setUseAlpn(false)
                .setHttp2ClearTextEnabled(false)
                .setMaxInitialLineLength(REQUEST_LINE_BYTES_MAX)
                .setMaxHeaderSize(HEADERS_BYTES_MAX)
                // For a client that takes nothing of its answer; what waits for a request is found out before.
                .setIdleTimeout(1 + 2 * Math.toIntExact(limits.forNextRequest().toSeconds()))
                .setSslHandshakeTimeout(TLS_HANDSHAKE_SECONDS_MOST)
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                .setTcpNoDelay(true);
    }

    /** Lets a server of this event loop, made with the {@link #options} and not listening yet, answer by these routes. */
    public void serve(Vertx vertx, HttpServer server, Handler<HttpServerRequest> routes) {
        server.connectionHandler(this::open).requestHandler(request -> {
            Client client = clients.get(request.connection());
            if (client != null) { // Else it is closed already.
                client.begins(request);
                routes.handle(request);
            }
        });
        long shortestMs =
                Math.min(limits.forBody().toMillis(), limits.forNextRequest().toMillis());
        vertx.setPeriodic(
                Math.max(1, Math.min(LOOK_MS_MOST, shortestMs / LOOKS_PER_LIMIT)),
                timer -> List.copyOf(clients.entrySet())
                        .forEach(client -> lookSafely(client.getKey(), client.getValue())));
    }

    private void open(HttpConnection connection) {
        clients.put(connection, new Client());
        meters.onOpened();
        connection.closeHandler(closed -> {
            clients.remove(connection);
            meters.onClosed();
        });
        if (clients.size() > limits.most()) {
            // The new one only if all others are being answered: else whoever opens many and asks nothing would keep
            // all
            // others out.
            waitingLongest().ifPresent(waiting -> letGo(waiting, LetGo.TOO_MANY));
        }
    }

    private Optional<HttpConnection> waitingLongest() {
        for (Map.Entry<HttpConnection, Client> client : clients.entrySet()) {
            client.getValue().mayHaveBeenAnswered();
            if (client.getValue().isWaitedFor()) {
                return Optional.of(client.getKey());
            }
        }
        return Optional.empty();
    }

    private void lookSafely(HttpConnection connection, Client client) {
        try {
            look(connection, client);
        } catch (RuntimeException e) {
            // A bug. The clients behind it must not go without their limits for it.
            log.error("A connection could not be held to its limits; it is closed.", e);
            abort(connection);
        }
    }

    private void look(HttpConnection connection, Client client) {
        client.mayHaveBeenAnswered();
        if (client.isWaitedFor() && client.isSilentFor(limits.forNextRequest())) {
            letGo(connection, LetGo.IDLE);
        } else if (client.isSendingABody() && client.isSilentFor(limits.forBody())) {
            meters.onLetGo(LetGo.SLOW_BODY);
            HttpServerResponse response = client.request.response();
            if (response.headWritten()) {
                abort(connection);
                return;
            }
            response.putHeader(HttpHeaders.CONNECTION, "close");
            LedgerRouter.reply(
                    response, new ApiException(ErrorCode.REQUEST_TIMEOUT, "The body was not there whole in time."));
            connection.close();
        }
    }

    /** Closes a connection at once. To close it as usual waits until its client has taken what was written, if it ever does. */
    static void abort(HttpConnection connection) {
        ((ConnectionBase) connection).channelHandlerContext().close(); // Vert.x has no other way to say it.
    }

    private void letGo(HttpConnection connection, LetGo reason) {
        meters.onLetGo(reason);
        clients.remove(connection); // At once: that it is closed is heard only later, and it would be chosen again.
        connection.close();
    }
}
