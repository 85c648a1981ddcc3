package dev.spendledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OpenLoadTest {
    private static final List<String> PATHS = List.of("/a", "/b");
    private static final long STALL_MS = 500;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger asked = new AtomicInteger();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void shouldAskAsOftenAsIsDue() throws Exception {
        // Given
        URI url = serve(request -> request.response().end());

        // When
        OpenLoad.Result result;
        try (OpenLoad load = new OpenLoad(4)) {
            result = load.run(url, PATHS, 200, 1, body -> {});
        }

        // Then
        assertThat(asked).hasValue(200);
        assertThat(result.micros().getTotalCount()).isEqualTo(200);
    }

    @Test
    void shouldChargeAServerThatStandsStillWithAllThatWaitsMeanwhile() throws Exception {
        // Given
        URI url = serve(request -> {
            if (asked.get() == 1) {
                vertx.setTimer(STALL_MS, timer -> request.response().end());
            } else {
                request.response().end();
            }
        });

        // When
        OpenLoad.Result result;
        try (OpenLoad load = new OpenLoad(1)) {
            result = load.run(url, PATHS, 100, 1, body -> {});
        }

        // Then
        // Of the 50 that were due while it stood still, the first 25 have waited for half of that at least.
        assertThat(result.micros()
                        .getCountBetweenValues(
                                STALL_MS / 2 * 1_000, result.micros().getMaxValue()))
                .isGreaterThanOrEqualTo(25);
    }

    @Test
    void shouldCountWhatIsNotAnsweredInTimeAndNotOnlyWhatWasSent() throws Exception {
        // Given
        URI url =
                serve(request -> vertx.setTimer(100, timer -> request.response().end()));

        // When
        OpenLoad.Result result;
        try (OpenLoad load = new OpenLoad(1)) {
            result = load.run(url, PATHS, 100, 1, body -> {});
        }

        // Then
        assertThat(asked.get()).isLessThan(30);
        assertThat(result.micros().getTotalCount()).isEqualTo(100);
        assertThat(result.late()).isGreaterThan(50);
    }

    @Test
    void shouldFailAtAnAnswerThatIsAnError() throws Exception {
        // Given
        URI url = serve(request -> request.response().setStatusCode(409).end("exhausted"));

        try (OpenLoad load = new OpenLoad(1)) {
            // When
            assertThatThrownBy(() -> load.run(url, PATHS, 100, 1, body -> {}))
                    // Then
                    .hasMessageContaining(url.toString())
                    .hasRootCauseMessage("The answer is 409: exhausted");
        }
    }

    private URI serve(Consumer<HttpServerRequest> answer) {
        int port = vertx.createHttpServer()
                .requestHandler(request -> {
                    asked.incrementAndGet();
                    answer.accept(request);
                })
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
        return URI.create("http://127.0.0.1:" + port);
    }
}
