package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.spendledger.demo.LedgerClient.Operation;
import dev.spendledger.demo.LedgerClient.TreeSpend;
import dev.spendledger.demo.LedgerClient.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client against a ledger that answers as each test has it. */
@Timeout(30)
class LedgerClientTest {
    private static final AgentPlan.Message MESSAGE = new AgentPlan.Message(Model.GPT_4_1, 1_000, 100);
    private static final String ALLOWED = "{\"allowed\": true, \"degraded\": false}";

    private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private final Queue<String> troubles = new ConcurrentLinkedQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;
    private LedgerClient client;

    /** What the ledger says; nothing at all if the status is 0. */
    private record Reply(int status, String body) {}

    private record Request(String method, String path, String body) {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        client = new LedgerClient(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()), troubles::add);
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        requests.add(new Request(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
        Reply reply = replies.remove();
        if (reply.status() == 0) {
            awaitEnd();
            return;
        }
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private void awaitEnd() {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldAskWithTheOperationAndTheRootItKnows() throws Exception {
        // Given
        replies.add(new Reply(200, ALLOWED));

        // When
        Verdict verdict = client.check("a chat/1", "root", Operation.SPAWN);

        // Then
        assertThat(verdict).isEqualTo(new Verdict.Allowed());
        assertThat(troubles).isEmpty();
        assertThat(requests).singleElement().satisfies(request -> {
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.path()).isEqualTo("/v1/chats/a%20chat%2F1/check");
            assertThat(request.body()).contains("\"operation\":\"spawn\"", "\"root_chat_id\":\"root\"");
        });
    }

    @Test
    void shouldStopAtARejectionAndKeepItAsReceived() throws Exception {
        // Given
        String body = "{\"code\": \"spend_limit_exceeded\",  \"scope\": \"chat_lifetime\"}";
        replies.add(new Reply(409, body));

        // When
        Verdict verdict = client.check("chat", "chat", Operation.MODEL_STEP);

        // Then
        assertThat(verdict).isEqualTo(new Verdict.Rejected(409, body, "chat_lifetime", Optional.empty()));
        assertThat(troubles).isEmpty();
    }

    @Test
    void shouldStopInAFrozenTree() throws Exception {
        // Given
        replies.add(new Reply(409, "{\"code\": \"frozen\"}"));

        // When
        Verdict verdict = client.check("chat", "chat", Operation.MODEL_STEP);

        // Then
        assertThat(verdict).isEqualTo(new Verdict.Frozen());
        assertThat(troubles).isEmpty();
    }

    @Test
    void shouldKeepWhenThePeriodOfAnAccountEnds() throws Exception {
        // Given
        String body = "{\"code\": \"spend_limit_exceeded\", \"scope\": \"account_period\","
                + " \"resets_at\": \"2026-12-01T00:00:00.000Z\"}";
        replies.add(new Reply(409, body));

        // When
        Verdict verdict = client.check("chat", "chat", Operation.MODEL_STEP);

        // Then
        assertThat(verdict)
                .isEqualTo(new Verdict.Rejected(409, body, "account_period", Optional.of("2026-12-01T00:00:00.000Z")));
    }

    @Test
    void shouldSetTheLimitOfAnAccountAgainUntilItIsAcknowledged() throws Exception {
        // Given
        replies.addAll(List.of(new Reply(503, "{\"code\": \"kafka_unavailable\"}"), new Reply(200, "{}")));

        // When
        client.limitAccount("an account", 9);

        // Then
        assertThat(requests).hasSize(2);
        assertThat(requests.stream().distinct()).singleElement().satisfies(request -> {
            assertThat(request.method()).isEqualTo("PUT");
            assertThat(request.path()).isEqualTo("/v1/limits/accounts/an%20account");
            assertThat(request.body()).isEqualTo("{\"spend_limit_micros\":9}");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            200 | {"allowed": true, "degraded": true, "degraded_reason": "catching_up"} | check: degraded, catching_up
            409 | {"code": "chat_conflict"}                                             | check: 409 chat_conflict
            409 | <html>Conflict</html>                                                 | check: 409
            500 | {"code": "internal_error"}                                            | check: 500 internal_error
            502 | ``                                                                    | check: 502
            503 | {"code": "kafka_unavailable"}                                         | check: 503 kafka_unavailable
            """)
    void shouldGoOnWithoutAClearAnswerAndSaySo(int status, String body, String trouble) throws Exception {
        // Given
        replies.add(new Reply(status, body));

        // When
        Verdict verdict = client.check("chat", "chat", Operation.MODEL_STEP);

        // Then
        assertThat(verdict).isEqualTo(new Verdict.Allowed());
        assertThat(troubles).containsExactly(trouble);
    }

    @Test
    void shouldAskAgainWhereTheLedgerMayNotAllowWhatItCannotJudge() throws Exception {
        // Given
        replies.add(new Reply(503, "{\"code\": \"lookup_failed\"}"));

        // When
        Verdict verdict = client.check("chat", "chat", Operation.MODEL_STEP);

        // Then
        assertThat(verdict).isEqualTo(new Verdict.AskAgain());
        assertThat(troubles).containsExactly("check: 503 lookup_failed");
    }

    @Test
    void shouldGoOnSoonWhenTheLedgerDoesNotAnswerACheck() throws Exception {
        // Given
        replies.add(new Reply(0, ""));
        long startNanos = System.nanoTime();

        // When
        Verdict verdict = client.check("chat", "chat", Operation.MODEL_STEP);

        // Then
        assertThat(verdict).isEqualTo(new Verdict.Allowed());
        assertThat(troubles).containsExactly("check: no answer, HttpTimeoutException");
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
                .isBetween(LedgerClient.CHECK_TIMEOUT, LedgerClient.CHECK_TIMEOUT.multipliedBy(5));
    }

    @Test
    void shouldGoOnWhenNobodyListens() throws Exception {
        // Given
        server.stop(0);

        // When
        Verdict verdict = client.check("chat", "chat", Operation.MODEL_STEP);

        // Then
        assertThat(verdict).isEqualTo(new Verdict.Allowed());
        assertThat(troubles).containsExactly("check: no answer, ConnectException");
    }

    @Test
    void shouldSendTheSameMessageAgainUntilItIsAcknowledged() throws Exception {
        // Given
        replies.addAll(
                List.of(new Reply(503, "{\"code\": \"kafka_unavailable\"}"), new Reply(500, ""), new Reply(202, "{}")));

        // When
        client.post("message-1", "chat", "root", "account", MESSAGE);

        // Then
        assertThat(requests).hasSize(3);
        assertThat(requests.stream().distinct()).singleElement().satisfies(request -> {
            assertThat(request.path()).isEqualTo("/v1/messages");
            assertThat(request.body())
                    .contains(
                            "\"message_id\":\"message-1\"",
                            "\"chat_id\":\"chat\"",
                            "\"root_chat_id\":\"root\"",
                            "\"account_id\":\"account\"",
                            "\"cost_micros\":2800",
                            "\"model\":\"gpt-4.1\"",
                            "\"input_tokens\":1000",
                            "\"output_tokens\":100");
        });
        assertThat(troubles).containsExactly("/v1/messages: 503 kafka_unavailable", "/v1/messages: 500");
    }

    @Test
    void shouldNotRepeatWhatTheLedgerWillNeverTake() {
        // Given
        replies.add(new Reply(400, "{\"code\": \"invalid_request\"}"));

        // Then
        assertThatThrownBy(() -> client.createRoot("chat", "account", 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("invalid_request");
        assertThat(requests).hasSize(1);
    }

    @Test
    void shouldReadWhatATreeHasSpent() throws Exception {
        // Given
        replies.add(new Reply(200, "{\"tree\": {\"spent_micros\": 7, \"chats\": 3, \"priced_messages\": 2}}"));
        replies.add(new Reply(404, "{\"code\": \"chat_not_found\"}"));
        replies.add(new Reply(503, "{\"code\": \"lookup_failed\"}"));

        // Then
        assertThat(client.treeSpend("chat")).contains(new TreeSpend(7, 3, 2));
        assertThat(client.treeSpend("chat")).isEmpty();
        assertThat(troubles).isEmpty();
        assertThat(client.treeSpend("chat")).isEmpty();
        assertThat(troubles).containsExactly("spend: 503 lookup_failed");
    }
}
