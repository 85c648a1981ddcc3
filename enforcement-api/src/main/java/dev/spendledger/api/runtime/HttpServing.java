package dev.spendledger.api.runtime;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** The HTTP server: one listener on each event loop, all on one port. */
final class HttpServing {
    private static final int EVENT_LOOPS = Math.max(2, Runtime.getRuntime().availableProcessors());
    /** A client that says nothing for so long is let go, in seconds. */
    private static final int IDLE_TIMEOUT_SECONDS = 75;

    private static final long DRAIN_SECONDS = 3;
    private static final long CLOSE_TIMEOUT_SECONDS = 10;

    private HttpServing() {}

    static Vertx vertx() {
        return Vertx.vertx(new VertxOptions().setEventLoopPoolSize(EVENT_LOOPS));
    }

    /**
     * @throws IOException if it cannot listen there
     */
    static void listen(Vertx vertx, Router router, String host, int port) throws IOException {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(host)
                .setPort(port)
                .setIdleTimeout(IDLE_TIMEOUT_SECONDS)
                .setTcpNoDelay(true);
        try {
            vertx.deployVerticle(() -> new Listener(options, router), new DeploymentOptions().setInstances(EVENT_LOOPS))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
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
        private final Router router;
        private HttpServer server;

        Listener(HttpServerOptions options, Router router) {
            this.options = options;
            this.router = router;
        }

        @Override
        public Future<HttpServer> start() {
            server = vertx.createHttpServer(options).requestHandler(router);
            return server.listen();
        }

        /** Takes no new connections, and lets requests under way finish. */
        @Override
        public Future<Void> stop() {
            return server.shutdown(DRAIN_SECONDS, TimeUnit.SECONDS);
        }
    }
}
