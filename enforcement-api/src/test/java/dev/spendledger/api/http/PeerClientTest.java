package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.metrics.LedgerMeters;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.RowRange;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.query.StateReader.StoredRow;
import dev.spendledger.api.query.TopList;
import dev.spendledger.api.query.TreeOrder;
import dev.spendledger.streams.topology.LedgerTopology;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Of calls of another instance, on one that answers as a test tells it. */
class PeerClientTest {
    private static final RowRange ROWS = RowRange.from(new byte[0], 1_000);

    private final Vertx vertx = Vertx.vertx();
    private final PeerClient peers = new PeerClient(
            vertx,
            Optional::empty,
            Optional.empty(),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            new LedgerMeters(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
    private volatile int statusOfTopTrees = 200;
    private volatile String topTrees = "{\"rows\":[],\"partitions\":[0]}";
    private volatile int rows = 1;
    private final HttpServer server = vertx.createHttpServer()
            .requestHandler(request -> {
                if (request.path().startsWith("/internal/top-trees/")) {
                    request.response().setStatusCode(statusOfTopTrees).end(topTrees);
                } else {
                    request.response().end(Json.write(rows()));
                }
            })
            .listen(0, "127.0.0.1")
            .await();
    private final URI instance = URI.create("http://127.0.0.1:" + server.actualPort());

    @AfterEach
    void close() {
        vertx.close().await();
    }

    /** As one of an older version does, which has no such route, or another form of the reply. */
    @ParameterizedTest
    @CsvSource({"404, '{}'", "200, '{}'", "200, <html>"})
    void shouldGoOnAskingForRowsWhoDoesNotKnowAnotherRoute(int status, String body) {
        // Given
        statusOfTopTrees = status;
        topTrees = body;

        // When
        List<TopList> tops = IntStream.range(0, 10)
                .mapToObj(i -> peers.topTrees(instance, TreeOrder.RATE).await())
                .toList();

        // Then
        assertThat(tops).containsOnly(TopList.EMPTY);
        assertThat(read()).isInstanceOf(Reading.Answered.class);
    }

    /** Whoever goes on with them has as much to do, and checks wait behind the event loop. */
    @ParameterizedTest
    @ValueSource(ints = {500, 1_000})
    void shouldHandManyRowsToAWorkerThread(int many) {
        // Given
        rows = many;

        // When
        boolean onEventLoop = peers.rows(instance, LedgerTopology.SPEND_BY_ROOT, 0, ROWS)
                .map(read -> Context.isOnEventLoopThread())
                .await();

        // Then
        assertThat(onEventLoop).isFalse();
        assertThat(((Reading.Answered<List<StoredRow>>) read()).value().orElseThrow())
                .hasSize(many);
    }

    private Reading<List<StoredRow>> read() {
        return peers.rows(instance, LedgerTopology.SPEND_BY_ROOT, 0, ROWS).await();
    }

    private InternalRoutes.RowsReply rows() {
        byte[] bytes = "some forty bytes of a row, as it is stored".getBytes(StandardCharsets.UTF_8);
        return InternalRoutes.RowsReply.of(
                new Reading.Answered<>(
                        Optional.of(IntStream.range(0, rows)
                                .mapToObj(i -> new StoredRow(bytes, bytes))
                                .toList()),
                        ServedBy.OWNER,
                        new Freshness(Instant.EPOCH, 0, Optional.empty())),
                Optional.empty());
    }
}
