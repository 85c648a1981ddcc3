package dev.spendledger.demo.failover;

import static dev.spendledger.demo.failover.Trees.tree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.spendledger.demo.failover.Tree.State;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The load on instances that are none. */
@Timeout(60)
class CheckLoadTest {
    private static final int RATE = 200;
    private static final int MANY = 50;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Tree tree = tree(State.WITHIN, 0);
    private Instance first;
    private Instance second;

    /** What answers as an instance would, or as one in trouble. */
    private final class Instance implements AutoCloseable {
        private final HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        private final AtomicInteger checks = new AtomicInteger();
        private volatile int readyStatus = 200;
        private volatile Handler handler = exchange -> reply(exchange, 200);

        Instance() throws IOException {
            server.setExecutor(threads);
            server.createContext("/readyz", exchange -> reply(exchange, readyStatus));
            server.createContext("/v1/chats/", exchange -> {
                checks.incrementAndGet();
                exchange.getRequestBody().readAllBytes();
                handler.handle(exchange);
            });
            server.start();
        }

        URI url() {
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    @FunctionalInterface
    private interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    private static void reply(HttpExchange exchange, int status) throws IOException {
        byte[] body =
                "{\"allowed\": true, \"served_by\": \"owner\", \"degraded\": false}".getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @BeforeEach
    void start() throws IOException {
        first = new Instance();
        second = new Instance();
    }

    @AfterEach
    void stop() {
        first.close();
        second.close();
        threads.shutdownNow();
    }

    private CheckLoad load() {
        return new CheckLoad(List.of(first.url(), second.url()), List.of(tree), RATE, true, 1);
    }

    private static void awaitMany(AtomicInteger checks) {
        int target = checks.get() + MANY;
        await().until(() -> checks.get() >= target);
    }

    @Test
    void shouldSpreadTheChecksOverAllThatAreReady() {
        // When
        CheckLoad.Outcome outcome;
        try (CheckLoad load = load()) {
            load.start();
            awaitMany(first.checks);
            load.forget();
            awaitMany(first.checks);
            outcome = load.stop();
        }

        // Then
        assertThat(outcome.looksNotReady()).isZero();
        assertThat(outcome.answers().count(answer -> answer.instance() == 1)).isGreaterThan(MANY / 2);
        assertThat(outcome.answers().count(answer -> answer.instance() == 2)).isGreaterThan(MANY / 2);
        assertThat(outcome.answers().count(Answer::isFresh))
                .isEqualTo(outcome.answers().answers().size());
    }

    @Test
    void shouldLeaveOutOneThatIsNotReady() {
        // Given
        second.readyStatus = 503;

        // When
        CheckLoad.Outcome outcome;
        try (CheckLoad load = load()) {
            load.start();
            awaitMany(first.checks);
            outcome = load.stop();
        }

        // Then
        assertThat(outcome.looksNotReady()).isPositive();
        assertThat(second.checks).hasValue(0);
    }

    @Test
    void shouldAskAnotherOnceWhereTheConnectionBreaks() {
        // Given
        second.handler = HttpExchange::close;

        // When
        CheckLoad.Outcome outcome;
        try (CheckLoad load = load()) {
            load.start();
            awaitMany(first.checks);
            load.forget();
            awaitMany(second.checks);
            outcome = load.stop();
        }

        // Then
        assertThat(outcome.answers().unanswered()).isZero();
        assertThat(outcome.answers().count(answer -> answer.instance() == 1))
                .isEqualTo(outcome.answers().answers().size());
    }

    @Test
    void shouldCountAsUnansweredWhatNobodyAnswers() {
        // Given
        first.handler = HttpExchange::close;
        second.handler = HttpExchange::close;

        // When
        CheckLoad.Outcome outcome;
        try (CheckLoad load = load()) {
            load.start();
            awaitMany(first.checks);
            outcome = load.stop();
        }

        // Then
        assertThat(outcome.answers().unanswered())
                .isEqualTo(outcome.answers().answers().size())
                .isPositive();
    }

    @Test
    void shouldNeitherRepeatNorHideACheckThatIsAnsweredTooLate() {
        // Given
        List<HttpExchange> held = new ArrayList<>();
        second.handler = exchange -> {
            synchronized (held) {
                held.add(exchange); // And never answered.
            }
        };

        // When
        CheckLoad.Outcome outcome;
        try (CheckLoad load = load()) {
            load.start();
            awaitMany(first.checks);
            outcome = load.stop();
        }

        // Then
        Answers answers = outcome.answers();
        assertThat(answers.unanswered()).isPositive();
        assertThat(answers.answers())
                .filteredOn(answer -> answer.instance() == 2)
                .noneMatch(Answer::isAnswered)
                .allMatch(answer ->
                        answer.latencyMicros() >= Duration.ofSeconds(1).toNanos() / 1_000);
    }

    @Test
    void shouldCountLatencyFromWhenACheckWasDue() {
        // Given
        Duration held = Duration.ofMillis(100);
        Handler slow = exchange -> {
            await().pollDelay(held).until(() -> true);
            reply(exchange, 200);
        };
        first.handler = slow;
        second.handler = slow;

        // When
        CheckLoad.Outcome outcome;
        try (CheckLoad load = load()) {
            load.start();
            awaitMany(first.checks);
            outcome = load.stop();
        }

        // Then
        assertThat(outcome.answers().answers())
                .filteredOn(Answer::isAnswered)
                .isNotEmpty()
                .allMatch(answer -> answer.latencyMicros() >= held.toNanos() / 1_000);
    }
}
