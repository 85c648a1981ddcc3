package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.RawHttp;
import dev.spendledger.api.testing.RawHttp.Answer;
import dev.spendledger.api.testing.TestLedger;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract where it takes the real server, or a real log that gives back what was written. */
class HttpContractIT {
    private static final int BODY_BYTES_MAX = 2 * 1024 * 1024;

    @TempDir
    static Path dir;

    private static TestLedger ledger;
    private static Http http;
    private static int port;

    @BeforeAll
    static void start() {
        ledger = TestLedger.start(dir);
        http = ledger.http();
        port = http.request("/").build().uri().getPort();
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    // ---- what is written is found again ----

    @ParameterizedTest
    @ValueSource(strings = {"team/7", "50%25", "a+b c", "会話-ü-😀", "../x", "?&=#;", "\\\"'", "~._-"})
    void shouldFindAChatAgainByTheIdThatItWasWrittenWith(String chatId) {
        // Given
        String json = "\"" + chatId.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        String path =
                "/v1/chats/" + URLEncoder.encode(chatId, StandardCharsets.UTF_8).replace("+", "%20");
        Reply created = http.post("/v1/chats", "{\"chat_id\": " + json + ", \"account_id\": \"a-1\"}");
        Reply accepted = http.post(
                "/v1/messages",
                "{\"message_id\": " + json + ", \"chat_id\": " + json
                        + ", \"account_id\": \"a-1\", \"cost_micros\": 7}");

        // When
        Reply limited = http.put(path + "/limit", "{\"spend_limit_micros\": 7}");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> http.post(path + "/check").status() == 409);
        Reply spend = http.get(path + "/spend?breakdown=true");

        // Then
        assertThat(List.of(created.status(), accepted.status(), limited.status(), spend.status()))
                .containsExactly(201, 202, 200, 200);
        assertThat(spend.json().get("chat_id").textValue()).isEqualTo(chatId);
        assertThat(spend.json().at("/chats/0/chat_id").textValue()).isEqualTo(chatId);
        assertThat(spend.json().get("spent_micros").longValue()).isEqualTo(7);
    }

    @Test
    void shouldAcceptAThousandMessagesInABodyOfTwoMebibytes() {
        // Given
        String messages = IntStream.range(0, 1_000)
                .mapToObj(i -> "{\"message_id\": \"m-" + i + "\", \"chat_id\": \"c-thousand\", \"account_id\": \"a-1\","
                        + " \"cost_micros\": " + i + "}")
                .collect(Collectors.joining(",", "[", "]"));
        http.post("/v1/chats", "{\"chat_id\": \"c-thousand\", \"account_id\": \"a-1\"}");

        // When
        Reply reply = http.post("/v1/messages", messages + " ".repeat(BODY_BYTES_MAX - messages.length()));

        // Then
        assertThat(reply.status()).isEqualTo(202);
        assertThat(reply.json().get("accepted").intValue()).isEqualTo(1_000);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(http.get("/v1/chats/c-thousand/spend")
                                .json()
                                .at("/tree/spent_micros")
                                .longValue())
                        .isEqualTo(999 * 1_000 / 2));
    }

    @Test
    void shouldWriteNothingOfAnArrayWithOneWrongMessage() {
        // Given
        http.post("/v1/chats", "{\"chat_id\": \"c-none\", \"account_id\": \"a-1\"}");
        String right =
                "{\"message_id\": \"m-1\", \"chat_id\": \"c-none\", \"account_id\": \"a-1\", \"cost_micros\": 1}";
        String wrong =
                "{\"message_id\": \"m-2\", \"chat_id\": \"c-none\", \"account_id\": \"a-1\", \"cost_micros\": -1}";

        // When
        Reply refused = http.post("/v1/messages", "[" + right + "," + wrong + "]");
        Reply accepted = http.post("/v1/messages", right.replace("m-1", "m-3"));

        // Then what was written after is there, and nothing that could have come before
        assertThat(refused.status()).isEqualTo(400);
        assertThat(accepted.status()).isEqualTo(202);
        await().atMost(Duration.ofSeconds(20)).until(() -> pricedMessages("c-none") >= 1);
        assertThat(pricedMessages("c-none")).isEqualTo(1);
    }

    private static long pricedMessages(String rootChatId) {
        return http.get("/v1/chats/" + rootChatId + "/spend")
                .json()
                .at("/tree/priced_messages")
                .longValue();
    }

    // ---- connections ----

    @Test
    void shouldAnswerPipelinedRequestsInTheirOrder() throws IOException {
        try (RawHttp connection = new RawHttp(port)) {
            // Given
            String requests = IntStream.range(0, 50)
                    .mapToObj(i -> i % 5 == 4
                            ? RawHttp.request("GET", "/v1/nothing-" + i)
                            : "POST /v1/chats/pipelined-" + i + "/check HTTP/1.1\r\nHost: ledger\r\n"
                                    + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
                    .collect(Collectors.joining());

            // When
            connection.send(requests);
            List<Answer> answers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                answers.add(connection.read());
            }

            // Then
            for (int i = 0; i < 50; i++) {
                assertThat(answers.get(i).status()).isEqualTo(i % 5 == 4 ? 404 : 200);
                assertThat(answers.get(i).body()).contains(i % 5 == 4 ? "nothing-" + i : "\"pipelined-" + i + "\"");
            }
        }
    }

    @Test
    void shouldGoOnWithAConnectionAfterAnError() throws IOException {
        try (RawHttp connection = new RawHttp(port)) {
            // Given
            connection.send(RawHttp.post("/v1/chats", "{".getBytes(StandardCharsets.UTF_8)));
            connection.send(RawHttp.request("PATCH", "/v1/chats"));
            connection.send(RawHttp.request("GET", "/v1/chats/%zz/spend"));

            // When
            List<Integer> statuses = new ArrayList<>();
            connection.send(RawHttp.request("GET", "/livez"));
            for (int i = 0; i < 4; i++) {
                statuses.add(connection.read().status());
            }

            // Then
            assertThat(statuses).containsExactly(400, 405, 400, 200);
        }
    }

    @Test
    void shouldReadABodyByteByByteFromASlowClientAndServeOthersMeanwhile() throws IOException {
        // Given a client that has not yet said what it wants, and one in the middle of its body
        byte[] request =
                RawHttp.post("/v1/chats/slow/check", "{\"operation\": \"spawn\"}".getBytes(StandardCharsets.UTF_8));
        try (RawHttp silent = new RawHttp(port);
                RawHttp slow = new RawHttp(port)) {
            silent.send("POST /v1/chats/silent/check HTTP/1.1\r\nHost: led");
            for (int i = 0; i < request.length - 1; i++) {
                slow.send(new byte[] {request[i]});
            }

            // When
            Reply other = http.post("/v1/chats/other/check");
            slow.send(new byte[] {request[request.length - 1]});
            Answer answer = slow.read();

            // Then
            assertThat(other.status()).isEqualTo(200);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json().get("chat_id").textValue()).isEqualTo("slow");
        }
    }

    @Test
    void shouldSurviveClientsThatHangUp() throws IOException {
        // Given
        for (int i = 0; i < 20; i++) {
            try (RawHttp connection = new RawHttp(port)) {
                connection.send("POST /v1/messages HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 1000\r\n\r\n[");
            }
            try (RawHttp connection = new RawHttp(port)) {
                connection.send(RawHttp.request("GET", "/metrics"));
            }
        }

        // When
        Reply reply = http.get("/livez");

        // Then
        assertThat(reply.status()).isEqualTo(200);
    }

    @Test
    void shouldAnswerHttpOnePointZero() throws IOException {
        // When
        Answer answer = RawHttp.exchange(port, "GET /livez HTTP/1.0\r\n\r\n");

        // Then
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().get("status").textValue()).isEqualTo("ok");
    }

    /** The server answers these below the routes: without a body, and it closes the connection. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("noRequests")
    void shouldAnswerWhatIsNoRequestWithoutABodyAndClose(String kind, String bytes, int status) throws IOException {
        try (RawHttp connection = new RawHttp(port)) {
            // When
            connection.send(bytes);
            Answer answer = connection.read();

            // Then
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.body()).isEmpty();
            assertThat(connection.isAtEnd()).isTrue();
        }
    }

    static Stream<Arguments> noRequests() {
        String rest = " HTTP/1.1\r\nHost: ledger\r\n";
        return Stream.of(
                Arguments.of("words", "how much is left?\r\n\r\n", 400),
                Arguments.of("a header without a colon", "GET /livez" + rest + "nonsense\r\n\r\n", 400),
                Arguments.of("a length that is no number", "POST /v1/chats" + rest + "Content-Length: x\r\n\r\n", 400),
                Arguments.of(
                        "two lengths",
                        "POST /v1/chats" + rest + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
                        400),
                Arguments.of("another version of HTTP", "GET /livez HTTP/2.1\r\nHost: ledger\r\n\r\n", 501),
                Arguments.of("a path too long", "GET /" + "x".repeat(5_000) + rest + "\r\n", 414),
                Arguments.of("a header too long", "GET /livez" + rest + "X: " + "x".repeat(9_000) + "\r\n\r\n", 431),
                Arguments.of(
                        "headers too long together",
                        "GET /livez" + rest
                                + IntStream.range(0, 100)
                                        .mapToObj(i -> "X-" + i + ": " + "x".repeat(100) + "\r\n")
                                        .collect(Collectors.joining())
                                + "\r\n",
                        431));
    }

    @Test
    void shouldAnswerABodyThatCannotBeReadWithAClientsError() throws IOException {
        // When
        Answer answer = RawHttp.exchange(
                port,
                "POST /v1/chats HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\nno chunk\r\n");

        // Then
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("code").textValue()).isEqualTo("invalid_request");
    }

    @Test
    void shouldTakeTheLongestIdInAPath() {
        // Given each character of which is nine in the path
        String chatId = "会".repeat(128);

        // When
        Reply reply = http.get("/v1/chats/" + URLEncoder.encode(chatId, StandardCharsets.UTF_8) + "/spend");

        // Then
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.json().get("code").textValue()).isEqualTo("chat_not_found");
        assertThat(reply.json().get("detail").textValue()).contains(chatId);
    }
}
