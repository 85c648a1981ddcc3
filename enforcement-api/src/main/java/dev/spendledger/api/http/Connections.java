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
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one event loop: not too many, and none is kept by a client that does not come to the point. A time-out
 * for idle connections does not see one that sends a byte now and then. Not thread-safe: all of it runs on the event loop.
 */
public final class Connections {
    private static final int REQUEST_LINE_BYTES_MAX = 4 << 10;
    private static final int HEADERS_BYTES_MAX = 8 << 10;
    /** A client that neither sends nor takes anything for so long is let go, whatever it is at. */
    private static final int IDLE_SECONDS_MOST = 75;

    private static final int TLS_HANDSHAKE_SECONDS_MOST = 10;
    private static final int LOOKS_PER_LIMIT = 4;
    private static final long LOOK_MS_MOST = 1_000;

    private final Limits limits;
    private final LedgerMeters meters;
    private final RequestLog log;
    private final Map<HttpConnection, Client> clients = new HashMap<>();

    /**
     * What a connection may take.
     *
     * @param forNextRequest how long until the head of a request is there whole, from the answer to the one before
     * @param forBody how long until its body is there whole
     * @param most connections on one event loop; one more is closed at once
     */
    public record Limits(Duration forNextRequest, Duration forBody, int most) {
        /** Load balancers keep their connections for a minute, as a rule. */
        public static final Limits USUAL = new Limits(Duration.ofSeconds(75), Duration.ofSeconds(10), 8_192);
    }

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

    public Connections(Limits limits, LedgerMeters meters, RequestLog log) {
        this.limits = limits;
        this.meters = meters;
        this.log = log;
    }

    /** The options of a server, for the caller to say where it listens. */
    public static HttpServerOptions options() {
        return new HttpServerOptions()
                // One request at a time: what the limits here are about.
                .setUseAlpn(false)
                .setHttp2ClearTextEnabled(false)
                .setMaxInitialLineLength(REQUEST_LINE_BYTES_MAX)
                .setMaxHeaderSize(HEADERS_BYTES_MAX)
                .setIdleTimeout(IDLE_SECONDS_MOST)
                .setSslHandshakeTimeout(TLS_HANDSHAKE_SECONDS_MOST)
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                .setTcpNoDelay(true);
    }

    /** Lets a server of this event loop, made with the {@link #options} and not listening yet, answer by these routes. */
    public void serve(Vertx vertx, HttpServer server, Handler<HttpServerRequest> routes) {
        server.connectionHandler(this::open).requestHandler(request -> {
            Client client = clients.get(request.connection());
            if (client != null) { // Else it is one too many, and is being closed.
                client.begins(request);
                log.begin(request);
                routes.handle(request);
            }
        });
        long shortestMs =
                Math.min(limits.forBody().toMillis(), limits.forNextRequest().toMillis());
        vertx.setPeriodic(
                Math.max(1, Math.min(LOOK_MS_MOST, shortestMs / LOOKS_PER_LIMIT)),
                timer ->
                        List.copyOf(clients.keySet()).forEach(connection -> look(connection, clients.get(connection))));
    }

    private void open(HttpConnection connection) {
        if (clients.size() >= limits.most()) {
            letGo(connection, LetGo.TOO_MANY);
        } else {
            clients.put(connection, new Client());
            meters.onOpened();
            connection.closeHandler(closed -> {
                clients.remove(connection);
                meters.onClosed();
            });
        }
    }

    private void look(HttpConnection connection, Client client) {
        client.mayHaveBeenAnswered();
        if (client.isWaitedFor() && client.isSilentFor(limits.forNextRequest())) {
            letGo(connection, LetGo.IDLE);
        } else if (client.isSendingABody() && client.isSilentFor(limits.forBody())) {
            HttpServerResponse response = client.request.response();
            response.putHeader(HttpHeaders.CONNECTION, "close");
            LedgerRouter.reply(
                    response, new ApiException(ErrorCode.REQUEST_TIMEOUT, "The body was not there whole in time."));
            letGo(connection, LetGo.SLOW_BODY);
        }
    }

    private void letGo(HttpConnection connection, LetGo reason) {
        meters.onLetGo(reason);
        connection.close();
    }
}
