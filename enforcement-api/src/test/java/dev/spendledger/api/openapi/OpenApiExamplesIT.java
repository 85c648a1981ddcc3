package dev.spendledger.api.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.openapi.Example.Names;
import dev.spendledger.api.openapi.Example.Request;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.RawHttp;
import dev.spendledger.api.testing.TestLedger;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Sends every example of {@code openapi.yaml}, and holds each answer against the one that is shown. */
class OpenApiExamplesIT {
    private static final String KAFKA_IS_AWAY = "Kafka does not acknowledge writes.";
    private static final OpenApiDocument DOCUMENT = OpenApiDocument.load();
    private static final List<Example> EXAMPLES = DOCUMENT.examples();

    @TempDir
    static Path dir;

    private static TestLedger ledger;
    /** An instance whose broker is stopped. */
    private static TestLedger cutOff;

    private static Http http;
    private static Http httpCutOff;

    @BeforeAll
    static void start() {
        ledger = TestLedger.start(dir.resolve("ledger"));
        cutOff = TestLedger.start(dir.resolve("cut-off"), Map.of(Setting.WRITE_TIMEOUT_MS, "1000"));
        http = ledger.http();
        httpCutOff = cutOff.http();
        // What is given beside must be there before the broker goes.
        for (int i = 0; i < EXAMPLES.size(); i++) {
            if (isKafkaAway(EXAMPLES.get(i))) {
                Givens givens = new Givens(EXAMPLES.get(i).given(), names(i), exampleTree(), httpCutOff);
                givens.make(EXAMPLES.get(i).given().stream()
                        .filter(sentence -> !sentence.equals(KAFKA_IS_AWAY))
                        .toList());
            }
        }
        cutOff.stopBroker();
    }

    @AfterAll
    static void stop() {
        // Without its broker it would wait long for a commit that may have been under way.
        cutOff.startBroker();
        cutOff.close();
        ledger.close();
    }

    private static boolean isKafkaAway(Example example) {
        return example.given().contains(KAFKA_IS_AWAY);
    }

    @TestFactory
    Stream<DynamicTest> shouldAnswerAsTheExampleShows() {
        return IntStream.range(0, EXAMPLES.size())
                .mapToObj(i -> dynamicTest(EXAMPLES.get(i).toString(), () -> check(EXAMPLES.get(i), names(i))));
    }

    private static void check(Example example, Names names) throws Exception {
        boolean kafkaIsAway = isKafkaAway(example);
        try (Givens givens = new Givens(example.given(), names, exampleTree(), kafkaIsAway ? httpCutOff : http)) {
            // Given
            if (!kafkaIsAway) {
                givens.make(example.given());
            }
            Http instance = givens.http();

            // When
            Request request = request(example, names, instance);
            Reply reply = isStream(example)
                    ? sendForLines(instance, request, example)
                    : givens.isBodyWhole() ? send(instance, request, givens.body()) : sendHalf(instance, request);

            // Then
            try {
                new ExpectedAnswer(example, names).assertIs(reply);
            } finally {
                if (example.operation().path().equals("/v1/limits/default") && !kafkaIsAway) {
                    givens.removeDefaultLimit(); // Else it would hold for the accounts of all other examples.
                }
            }
        } catch (AssertionError e) {
            // Build logs number dynamic tests and do not name them.
            throw new AssertionError(example + ": " + e.getMessage(), e);
        }
    }

    private static Request request(Example example, Names names, Http http) {
        return example.request(names, name -> {
            Example other = EXAMPLES.stream()
                    .filter(candidate -> candidate.operation().equals(example.operation()))
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            Reply page = send(http, request(other, names, http), Optional.empty());
            return page.json().get("next_page_token").textValue();
        });
    }

    private static Reply send(Http http, Request request, Optional<String> describedBody) {
        Optional<String> body = request.body().or(() -> describedBody);
        BodyPublisher publisher = body.map(BodyPublishers::ofString).orElse(BodyPublishers.noBody());
        HttpRequest.Builder builder = http.request(request.path()).method(request.method(), publisher);
        request.authorization().ifPresent(authorization -> builder.header("Authorization", authorization));
        request.contentType()
                .or(() -> describedBody.map(described -> "application/json"))
                .ifPresent(contentType -> builder.header("Content-Type", contentType));
        return http.send(builder);
    }

    private static boolean isStream(Example example) {
        return example.contentType().equals("text/event-stream");
    }

    /** A request whose answer does not end. */
    private static Reply sendForLines(Http http, Request request, Example example) {
        long lines = example.value().textValue().lines().count();
        return http.sendForLines(http.request(request.path()), lines);
    }

    /** A request whose body is longer than what comes of it. */
    private static Reply sendHalf(Http http, Request request) throws IOException {
        int port = http.request(request.path()).build().uri().getPort();
        RawHttp.Answer answer = RawHttp.exchange(
                port,
                request.method() + " " + request.path()
                        + " HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{");
        Map<String, List<String>> headers = answer.headers().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, header -> List.of(header.getValue())));
        return new Reply(answer.status(), HttpHeaders.of(headers, (name, value) -> true), answer.body(), answer.json());
    }

    private static JsonNode exampleTree() {
        JsonNode chats = EXAMPLES.stream()
                .filter(example -> example.operation()
                        .at()
                        .node()
                        .path("operationId")
                        .asText()
                        .equals("getSpend"))
                .filter(example -> example.name().equals("breakdown"))
                .findFirst()
                .orElseThrow()
                .value()
                .get("chats");
        assertThat(chats).hasSize(7);
        return chats;
    }

    /** Examples use the same ids, and must know nothing of each other. */
    private static Names names(int index) {
        return new Names("e" + index + ".");
    }
}
