package dev.spendledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.atIndex;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.spendledger.events.ChatCreated;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of a registry and how its answers are taken, by a server that says what it is told to. */
class HttpRegistryTest {
    private static final Schema SCHEMA =
            SchemaBuilder.record("R").fields().requiredString("x").endRecord();
    private static final String NOT_THERE = "{\"error_code\": 40403, \"message\": \"Schema not found\"}";

    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final Queue<Reply> replies = new ArrayDeque<>();
    private HttpServer server;

    private record Reply(int status, String body) {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** The last reply is given again and again. */
    private synchronized void answer(HttpExchange exchange) throws IOException {
        requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                + exchange.getRequestHeaders().getFirst("Authorization") + " "
                + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        Reply reply = replies.size() > 1 ? replies.remove() : replies.element();
        byte[] body = reply.body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private void says(int status, String body) {
        replies.add(new Reply(status, body));
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/api");
    }

    private HttpRegistry registry() {
        return new HttpRegistry(List.of(url()), Optional.empty(), true);
    }

    private HttpRegistry impatient() {
        return new HttpRegistry(List.of(url()), Optional.empty(), true, Duration.ofMillis(300));
    }

    private static String schemaReply(Schema schema) {
        return "{\"id\": 7, \"schema\": \"" + schema.toString().replace("\"", "\\\"") + "\"}";
    }

    // ---- asking once ----

    @Test
    void shouldRegisterASchemaOnceAndAnswerFromMemoryAfterwards() {
        // Given
        says(200, "{\"id\": 7}");
        HttpRegistry registry = registry();

        // When
        int first = registry.idOf("chats-value", SCHEMA);
        int second = registry.idOf("chats-value", SCHEMA);

        // Then
        assertThat(List.of(first, second)).containsOnly(7);
        assertThat(registry.byId(7)).isEqualTo(SCHEMA);
        assertThat(requests).singleElement().asString().startsWith("POST /api/subjects/chats-value/versions null {");
    }

    @Test
    void shouldFindASchemaThatWasRegisteredInOtherWords() {
        // Given a registry that compares texts
        says(404, NOT_THERE);
        says(200, "[1]");
        says(200, schemaReply(SCHEMA).replace("{", "{ ").replace("\"id\": 7", "\"id\": 9"));
        HttpRegistry registry = new HttpRegistry(List.of(url()), Optional.empty(), false);

        // When
        int id = registry.idOf("chats-value", SCHEMA);

        // Then
        assertThat(id).isEqualTo(9);
        assertThat(registry.idOf("chats-value", SCHEMA)).isEqualTo(9);
        assertThat(requests).hasSize(3);
    }

    @Test
    void shouldTakeTheIdOfASchemaThatAnotherHasRegisteredInTheSameMoment() {
        // Given
        says(409, "{\"error_code\": 409, \"message\": \"It already exists\"}");
        says(200, "[1]");
        says(200, schemaReply(SCHEMA).replace("\"id\": 7", "\"id\": 9"));

        // When
        int id = registry().idOf("chats-value", SCHEMA);

        // Then
        assertThat(id).isEqualTo(9);
    }

    @Test
    void shouldGetTheSchemaOfAnIdOnce() {
        // Given
        says(200, schemaReply(SCHEMA));
        HttpRegistry registry = registry();

        // When
        List<Schema> schemas = List.of(registry.byId(7), registry.byId(7));

        // Then
        assertThat(schemas).containsOnly(SCHEMA);
        assertThat(requests).containsExactly("GET /api/schemas/ids/7 null ");
    }

    @Test
    void shouldAskOnlyOnceForAnIdThatNobodyKnows() {
        // Given
        says(404, NOT_THERE);
        HttpRegistry registry = registry();

        // When
        Throwable first = catchThrowable(() -> registry.byId(8));
        Throwable second = catchThrowable(() -> registry.byId(8));

        // Then
        assertThat(List.of(first, second))
                .allSatisfy(thrown -> assertThat(thrown)
                        .isInstanceOf(UnknownSchemaException.class)
                        .hasMessageContaining("8: Schema not found"));
        assertThat(requests).hasSize(1);
    }

    @Test
    void shouldLearnEveryVersionOfASubject() {
        // Given
        says(200, "[3]");
        says(200, schemaReply(SCHEMA));
        says(500, "");
        HttpRegistry registry = registry();

        // When
        registry.learn("chats-value");

        // Then
        assertThat(registry.byId(7)).isEqualTo(SCHEMA);
        assertThat(requests)
                .containsExactly(
                        "GET /api/subjects/chats-value/versions null ",
                        "GET /api/subjects/chats-value/versions/3 null ");
    }

    @Test
    void shouldAnswerForBundledIdsFromTheJar() {
        // Given
        says(500, "");
        int bundledId = new BundledRegistry().idOf("chats-value", ChatCreated.getClassSchema());

        // When
        Schema schema = registry().byId(bundledId);

        // Then
        assertThat(schema).isEqualTo(ChatCreated.getClassSchema());
        assertThat(requests).isEmpty();
    }

    @Test
    void shouldGiveTheRegistryNothingThatOnlyJavaUnderstands() {
        // Given
        says(200, "{\"id\": 7}");

        // When
        registry().idOf("chats-value", ChatCreated.getClassSchema());

        // Then
        assertThat(ChatCreated.getClassSchema().toString()).contains("avro.java.string");
        assertThat(requests)
                .singleElement()
                .asString()
                .doesNotContain("avro.java.string")
                .contains("timestamp-millis");
    }

    // ---- who asks ----

    @Test
    void shouldSendItsCredentials() {
        // Given
        says(200, schemaReply(SCHEMA));

        // When
        new HttpRegistry(List.of(url()), Optional.of("user:pass:word"), true).byId(7);

        // Then
        assertThat(requests).singleElement().asString().contains("Basic dXNlcjpwYXNzOndvcmQ=");
    }

    @Test
    void shouldOnlyLookUpWhatItMustNotRegister() {
        // Given
        says(404, NOT_THERE);
        HttpRegistry registry = new HttpRegistry(List.of(url()), Optional.empty(), false);

        // When
        Throwable thrown = catchThrowable(() -> registry.idOf("eu chats/value", SCHEMA));

        // Then
        assertThat(thrown)
                .isInstanceOf(SerializationException.class)
                .isNotInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("auto.register.schemas");
        assertThat(requests)
                .hasSize(2)
                .satisfies(
                        first -> assertThat(first).startsWith("POST /api/subjects/eu%20chats%2Fvalue null"), atIndex(0))
                .contains("GET /api/subjects/eu%20chats%2Fvalue/versions null ");
    }

    // ---- a registry in trouble ----

    @Test
    void shouldAskAgainUntilTheRegistryAnswers() {
        // Given
        says(503, "");
        says(502, "<html>");
        says(200, schemaReply(SCHEMA));

        // When
        Schema schema = registry().byId(7);

        // Then
        assertThat(schema).isEqualTo(SCHEMA);
        assertThat(requests).hasSize(3);
    }

    @Test
    void shouldAskTheNextAddressWhenOneDoesNotAnswer() {
        // Given
        says(200, schemaReply(SCHEMA));
        HttpRegistry registry =
                new HttpRegistry(List.of(URI.create("http://127.0.0.1:1"), url()), Optional.empty(), true);

        // When
        Schema schema = registry.byId(7);

        // Then
        assertThat(schema).isEqualTo(SCHEMA);
    }

    @Test
    void shouldGiveUpAndThenHoldNobodyUpUntilItAsksAgain() {
        // Given
        says(503, "");
        HttpRegistry registry = impatient();

        // When
        Throwable first = catchThrowable(() -> registry.byId(7));
        int asked = requests.size();
        Throwable second = catchThrowable(() -> registry.byId(9));
        int askedInThePause = requests.size() - asked;

        // Then
        assertThat(first)
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining(url() + " answers with");
        assertThat(second).isInstanceOf(RegistryUnavailableException.class).hasMessage(first.getMessage());
        assertThat(asked).isGreaterThan(1);
        assertThat(askedInThePause).isZero();
    }

    /** Whatever is no word of a registry about the schema says nothing about the record. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "401:",
                "403:{\"error_code\": 403}",
                "404:<html>Not Found</html>",
                "404:{\"status\": 404}",
                "200:<html>Welcome</html>",
                "200:{\"id\": 7}"
            })
    void shouldNotTakeForAnUnknownSchemaWhatIsNoWordOfARegistry(String reply) {
        // Given
        says(Integer.parseInt(reply.substring(0, 3)), reply.substring(4));
        HttpRegistry registry = impatient();

        // When
        Throwable thrown = catchThrowable(() -> registry.byId(7));

        // Then
        assertThat(thrown).isInstanceOf(RegistryUnavailableException.class);
    }

    @Test
    void shouldRefuseASchemaOfAnotherType() {
        // Given
        says(200, "{\"schemaType\": \"PROTOBUF\", \"schema\": \"syntax = proto3\"}");

        // When
        Throwable thrown = catchThrowable(() -> registry().byId(7));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class).hasMessageContaining("PROTOBUF");
    }

    // ---- configuration ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost:8081",
                "ftp://registry",
                "http://",
                "http://user:secret@registry:8081",
                "http://registry:8081,,",
                "http://registry:8081?a=b",
                "bundled",
                "http://a b"
            })
    void shouldNameWhatARegistryUrlMustBe(String url) {
        assertThatThrownBy(() -> SchemaRegistry.of(Map.of(EventSerde.REGISTRY_URL, url)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("schema.registry.url")
                .hasMessageContaining("http://host:port/path")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://registry", "https://registry:8081/apis/ccompat/v7/", "http://a:1, http://b:2"})
    void shouldTakeOneOrSeveralAddresses(String url) {
        assertThat(SchemaRegistry.of(Map.of(EventSerde.REGISTRY_URL, url))).isInstanceOf(HttpRegistry.class);
    }

    @Test
    void shouldNameAWrongPropertyAndNeverShowASecret() {
        // Given
        Map<String, Object> configs = new HashMap<>(Map.of(EventSerde.REGISTRY_URL, "http://registry:8081"));

        // When
        configs.put(EventSerde.AUTO_REGISTER, "maybe");
        Throwable autoRegister = catchThrowable(() -> SchemaRegistry.of(configs));
        configs.put(EventSerde.AUTO_REGISTER, "false");
        configs.put(EventSerde.USER_INFO, "hunter2");
        Throwable userInfo = catchThrowable(() -> SchemaRegistry.of(configs));

        // Then
        assertThat(autoRegister).isInstanceOf(ConfigException.class).hasMessageContaining("auto.register.schemas");
        assertThat(userInfo)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("basic.auth.user.info")
                .hasMessageNotContaining("hunter2");
    }

    // ---- what a server may do to whoever asks it ----

    /** Begins a reply, says nothing more, and holds the connection. */
    @Test
    @Timeout(20)
    void shouldNotWaitForABodyThatDoesNotCome() {
        // Given
        server.removeContext("/");
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write(new byte[] {'{'});
            exchange.getResponseBody().flush();
        });

        // Then
        assertThatThrownBy(() -> impatient().byId(7))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("does not answer: ");
    }

    @Test
    @Timeout(60)
    void shouldTakeNoMoreOfABodyThanASchemaCanHave() {
        // Given
        server.removeContext("/");
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (exchange) {
                while (true) {
                    exchange.getResponseBody().write(new byte[64 << 10]);
                }
            }
        });

        // Then
        assertThatThrownBy(() -> registry().byId(7))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("bytes");
    }

    @Test
    void shouldNotTakeItsCredentialsElsewhere() {
        // Given
        server.removeContext("/");
        server.createContext("/", exchange -> {
            requests.add(exchange.getRequestURI().toString());
            exchange.getResponseHeaders()
                    .add("Location", "http://127.0.0.1:" + server.getAddress().getPort() + "/other");
            exchange.sendResponseHeaders(307, -1);
            exchange.close();
        });

        // Then
        assertThatThrownBy(
                        () -> new HttpRegistry(List.of(url()), Optional.empty(), true, Duration.ofSeconds(2)).byId(7))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("/other, which is not followed");
        assertThat(requests).allMatch(request -> request.startsWith("/api/"));
    }

    /** Each new id costs its own request: together they must not cost those who can be read their time. */
    @Test
    @Timeout(60)
    void shouldStopLookingUpWhenItComesToNothingAgainAndAgain() {
        // Given
        server.removeContext("/");
        server.createContext("/", exchange -> {
            requests.add(exchange.getRequestURI().toString());
            LockSupport.parkNanos(Duration.ofMillis(700).toNanos());
            byte[] body = NOT_THERE.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(404, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        HttpRegistry registry = registry();

        // When
        List<Throwable> failures = IntStream.range(0, 50)
                .mapToObj(id -> catchThrowable(() -> registry.byId(1_000 + id)))
                .toList();

        // Then
        assertThat(requests).hasSizeLessThanOrEqualTo(4);
        assertThat(failures.get(0)).isInstanceOf(UnknownSchemaException.class);
        assertThat(failures.get(49))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("was not looked up");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\": null, \"schema\": null}",
                "{\"id\": 0}",
                "{\"id\": -1}",
                "{\"id\": \"7\"}",
                "{\"id\": 7.5}",
                "{\"id\": 99999999999}"
            })
    void shouldTakeNoIdThatARegistryWouldNotGive(String reply) {
        // Given
        says(200, reply);

        // Then
        assertThatThrownBy(() -> registry().idOf("chats-value", SCHEMA))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("\"id\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'record','name':'R','fields':[{'name':'x','type':'int','default':'no number'}]}",
                "{'type':'record','name':'R','fields':[{'name':'x','type':'int'},{'name':'x','type':'int'}]}"
            })
    void shouldSayOfAnySchemaThatAvroDoesNotTakeThatItIsNone(String schema) {
        // Given
        says(200, "{\"schema\": \"" + schema.replace("'", "\\\"") + "\"}");

        // Then
        assertThatThrownBy(() -> registry().byId(7))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("is no Avro schema");
    }
}
