package dev.spendledger.benchmarks;

import dev.spendledger.api.http.Connections;
import dev.spendledger.api.runtime.HttpServing;
import dev.spendledger.demo.JavaProcess;
import dev.spendledger.demo.Ports;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * The least that a server of the ledger's make can do, in a process of its own, to hold the ledger's figures against: it has
 * the ledger's event loops and options of HTTP, and gives one short answer to whatever is asked.
 */
public final class Hello extends JavaProcess {
    private static final String HOST = "127.0.0.1";
    private static final Buffer ANSWER = Buffer.buffer("hello");
    /** Nothing here is held to limits; these are there for what else the options say. */
    private static final Connections.Limits LIMITS =
            new Connections.Limits(Duration.ofMinutes(1), Duration.ofMinutes(1), Integer.MAX_VALUE);

    private final int port;
    private final Path log;

    private Hello(int port, Path log) throws IOException {
        super(new ProcessBuilder(JavaProcess.command(
                        JavaProcess.options(),
                        System.getProperty("java.class.path"),
                        Hello.class,
                        List.of(Integer.toString(port))))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile()));
        this.port = port;
        this.log = log;
    }

    /** The server itself: the port is its one argument. It ends with the process that has started it. */
    public static void main(String[] arguments) throws IOException {
        HttpServerOptions options = Connections.options(LIMITS).setHost(HOST).setPort(Integer.parseInt(arguments[0]));
        Vertx vertx = HttpServing.vertx();
        vertx.deployVerticle(() -> new Listener(options), new DeploymentOptions().setInstances(HttpServing.EVENT_LOOPS))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        while (System.in.read() >= 0) {
            continue; // Nothing is ever sent.
        }
        Runtime.getRuntime().halt(0);
    }

    private static final class Listener extends VerticleBase {
        private final HttpServerOptions options;

        Listener(HttpServerOptions options) {
            this.options = options;
        }

        @Override
        public Future<HttpServer> start() {
            return vertx.createHttpServer(options)
                    .requestHandler(request -> request.response()
                            .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain")
                            .end(ANSWER))
                    .listen();
        }
    }

    /**
     * Starts it.
     *
     * @param log where what it says is kept
     */
    static Hello start(Path log) throws IOException {
        return new Hello(Ports.free(), log);
    }

    /** Waits until it listens. */
    void awaitUp(Ends ends) throws InterruptedException, TimeoutException {
        Wait.until("the bare server listens", ends, this::listens);
    }

    private boolean listens() {
        if (!isAlive()) {
            throw new IllegalStateException("The bare server has ended; its log is " + log);
        }
        try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(HOST, port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    URI url() {
        return URI.create("http://" + HOST + ":" + port);
    }
}
