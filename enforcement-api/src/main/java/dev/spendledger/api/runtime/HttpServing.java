package dev.spendledger.api.runtime;

import dev.spendledger.api.http.Connections;
import dev.spendledger.api.metrics.LedgerMeters;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server: one listener on each event loop, all on one port. */
public final class HttpServing {
    private static final Logger log = LoggerFactory.getLogger(HttpServing.class);
    /** How many event loops answer. */
    public static final int EVENT_LOOPS = Math.max(2, Runtime.getRuntime().availableProcessors());

    private static final long DRAIN_SECONDS = 3;
    private static final long CLOSE_TIMEOUT_SECONDS = 10;

    private HttpServing() {}

    /** What the server runs on. */
    public static Vertx vertx() {
        return Vertx.vertx(new VertxOptions().setEventLoopPoolSize(EVENT_LOOPS));
    }

    /**
     * @param limits of the connections of each event loop
     * @param identity what to show over TLS; empty = plain HTTP
     * @throws IOException if it cannot listen there
     */
    static void listen(
            Vertx vertx,
            Connections.Limits limits,
            LedgerMeters meters,
            Handler<HttpServerRequest> routes,
            String host,
            int port,
            Optional<WatchedFile<Tls.Identity>> identity)
            throws IOException {
        HttpServerOptions options = Connections.options(limits).setHost(host).setPort(port);
        identity.ifPresent(
                file -> options.setSsl(true).setKeyCertOptions(file.get().options()));
        List<HttpServer> servers = new CopyOnWriteArrayList<>();
        try {
            vertx.deployVerticle(
                            () -> new Listener(options, new Connections(limits, meters), routes, servers),
                            new DeploymentOptions().setInstances(EVENT_LOOPS))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
        identity.ifPresent(file -> file.onContent(shown -> servers.forEach(server -> show(server, shown))));
    }

    private static void show(HttpServer server, Tls.Identity identity) {
        server.updateSSLOptions(new ServerSSLOptions().setKeyCertOptions(identity.options()))
                .onFailure(failure -> log.error("A certificate could not be put in force.", failure));
    }

    static void close(Vertx vertx) throws Exception {
        // The listeners first: what is under way there may still ask other instances.
        Future.all(vertx.deploymentIDs().stream().map(vertx::undeploy).toList())
                .eventually(vertx::close)
                .toCompletionStage()
                .toCompletableFuture()
                .get(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    private static final class Listener extends VerticleBase {
        private final HttpServerOptions options;
        private final Connections connections;
        private final Handler<HttpServerRequest> routes;
        private final List<HttpServer> servers;
        private HttpServer server;

        Listener(
                HttpServerOptions options,
                Connections connections,
                Handler<HttpServerRequest> routes,
                List<HttpServer> servers) {
            this.options = options;
            this.connections = connections;
            this.routes = routes;
            this.servers = servers;
        }

        @Override
        public Future<HttpServer> start() {
            server = vertx.createHttpServer(options);
            servers.add(server);
            connections.serve(vertx, server, routes);
            return server.listen();
        }

        /** Takes no new connections, and lets requests under way finish. */
        @Override
        public Future<Void> stop() {
            return server.shutdown(DRAIN_SECONDS, TimeUnit.SECONDS);
        }
    }
}
