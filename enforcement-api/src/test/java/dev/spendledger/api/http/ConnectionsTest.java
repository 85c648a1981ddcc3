package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.metrics.LedgerMeters;
import dev.spendledger.api.testing.RawHttp;
import dev.spendledger.api.testing.RawHttp.Answer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final String POST = "POST / HTTP/1.1\r\nHost: ledger\r\nContent-Length: 1000\r\n\r\n";
    private static final String GET = RawHttp.request("GET", "/");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private HttpServer server;

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private int listen(Connections.Limits limits) {
        Router router = Router.router(vertx);
        router.route("/stream")
                .handler(context -> context.response().setChunked(true).write("begun"));
        router.route()
                .handler(BodyHandler.create(false))
                .handler(context -> context.response().end("done"));
        server = vertx.createHttpServer(Connections.options(limits));
        new Connections(limits, new LedgerMeters(registry)).serve(vertx, server, router);
        return server.listen(0, "127.0.0.1").await().actualPort();
    }

    @Test
    void shouldTellAClientWhoseBodyDoesNotComeAndCloseItsConnection() throws IOException {
        // Given
        int port = listen(new Connections.Limits(LONG, SHORT, 10));
        try (RawHttp client = new RawHttp(port)) {
            client.send(POST + "{");

            // When
            Answer answer = client.read();

            // Then
            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.json().get("code").textValue()).isEqualTo("request_timeout");
            assertThat(answer.headers()).containsEntry("connection", "close");
            assertThat(client.isAtEnd()).isTrue();
            assertThat(letGo("slow_body")).isEqualTo(1);
        }
    }

    /** There is nothing more to be said to it, and the others have their limits still. */
    @Test
    void shouldCloseTheConnectionOfAClientWhoseBodyDoesNotComeThoughItIsBeingAnswered() throws IOException {
        // Given
        int port = listen(new Connections.Limits(SHORT, SHORT, 10));
        try (RawHttp answered = new RawHttp(port);
                RawHttp idle = new RawHttp(port)) {
            idle.setPatience(Duration.ofSeconds(5));
            answered.send("GET /stream HTTP/1.1\r\nHost: ledger\r\nContent-Length: 10\r\n\r\n");
            Answer begun = answered.read();
            idle.send(GET);
            idle.read();

            // When
            boolean closed = idle.isAtEnd();

            // Then
            assertThat(begun.status()).isEqualTo(200);
            assertThat(closed).isTrue();
            assertThat(letGo("idle")).isEqualTo(1);
            assertThat(answered.readToEnd()).isEqualTo("5\r\nbegun\r\n");
            assertThat(letGo("slow_body")).isEqualTo(1);
        }
    }

    /** Each byte would reset a time-out for idle connections. */
    @Test
    void shouldCloseTheConnectionOfAClientThatDribblesItsHeaders() throws IOException {
        // Given
        int port = listen(new Connections.Limits(SHORT, SHORT, 10));
        try (RawHttp client = new RawHttp(port)) {
            // When
            boolean closed = isClosedWhileSending(client, "GET / HTTP/1.1\r\nX: ");

            // Then
            assertThat(closed).isTrue();
            assertThat(letGo("idle")).isEqualTo(1);
        }
    }

    private static boolean isClosedWhileSending(RawHttp client, String start) throws IOException {
        long endNanos = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        client.send(start);
        try {
            while (System.nanoTime() < endNanos) {
                client.send("x");
                LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            }
            return false;
        } catch (SocketException e) { // Broken pipe: nobody is there any more.
            return true;
        }
    }

    @Test
    void shouldCloseAConnectionOnWhichNothingMoreIsAsked() throws IOException {
        // Given
        int port = listen(new Connections.Limits(SHORT, LONG, 10));
        try (RawHttp client = new RawHttp(port)) {
            client.send(GET);
            Answer answer = client.read();

            // When
            boolean atEnd = client.isAtEnd();

            // Then
            assertThat(answer.status()).isEqualTo(200);
            assertThat(atEnd).isTrue();
            assertThat(letGo("idle")).isEqualTo(1);
        }
    }

    @Test
    void shouldKeepAConnectionOnWhichRequestsFollowEachOther() throws IOException {
        // Given
        int port = listen(new Connections.Limits(Duration.ofSeconds(3), Duration.ofSeconds(3), 10));
        long endNanos = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        try (RawHttp client = new RawHttp(port)) {
            // When
            int answers = 0;
            int asked = 0;
            while (System.nanoTime() < endNanos) {
                client.send(GET);
                asked++;
                answers += client.read().status() == 200 ? 1 : 0;
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }

            // Then
            assertThat(answers).isEqualTo(asked).isPositive();
        }
    }

    /** Not the new one: else whoever opens many keeps all others out. */
    @Test
    void shouldCloseTheConnectionThatWaitsLongestWhenThereIsOneTooMany() throws IOException {
        // Given
        int port = listen(new Connections.Limits(LONG, LONG, 2));
        try (RawHttp idle = new RawHttp(port);
                RawHttp busy = new RawHttp(port)) {
            for (RawHttp client : List.of(idle, busy)) {
                client.send(GET);
                client.read();
            }

            // When
            try (RawHttp another = new RawHttp(port)) {
                another.send(GET);
                int answered = another.read().status();
                boolean closed = idle.isAtEnd();
                busy.send(GET);

                // Then
                assertThat(answered).isEqualTo(200);
                assertThat(closed).isTrue();
                assertThat(busy.read().status()).isEqualTo(200);
                assertThat(letGo("too_many")).isEqualTo(1);
            }
        }
    }

    @Test
    void shouldHoldToTheMostWhenManyAreOpenedAtOnce() throws IOException {
        // Given
        int port = listen(new Connections.Limits(LONG, LONG, 2));
        List<RawHttp> opened = new ArrayList<>();

        // When
        for (int i = 0; i < 10; i++) {
            opened.add(new RawHttp(port));
        }

        // Then
        await().atMost(Duration.ofSeconds(10)).until(() -> letGo("too_many") == 8);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> registry.get("ledger.connections").gauge().value() == 2);
        for (RawHttp client : opened) {
            client.close();
        }
    }

    private double letGo(String reason) {
        return registry.get("ledger.connections.let.go")
                .tag("reason", reason)
                .counter()
                .count();
    }
}
