package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.testing.FakeFreezes;
import dev.spendledger.api.testing.FakeLimits;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.RawHttp;
import dev.spendledger.api.testing.RawHttp.Answer;
import dev.spendledger.api.testing.StubLedger;
import dev.spendledger.api.testing.StubLedger.FixedHealth;
import dev.spendledger.events.Period;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What any client may send, beyond the examples of {@code openapi.yaml}: nothing that a client does wrong is a fault of
 * the ledger's, and every error has the one form. On partitions in memory: a broker would add nothing.
 */
class HttpContractTest {
    private static final String CHECK = "/v1/chats/c-1/check";
    private static final int BODY_BYTES_MAX = 2 * 1024 * 1024;

    private static StubLedger ledger;
    private static Http http;

    @BeforeAll
    static void start() {
        ledger = StubLedger.start(new FakeReader().root("c-1", 5L), LookupErrorPolicy.OPEN);
        http = ledger.http();
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    // ---- ids in paths ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "team/7",
                "team//7",
                "/",
                "50%",
                "50%25",
                "%2F",
                "a b",
                " ",
                "a+b",
                "a?b#c&d=e;f",
                "\"'\\<>{}|^`[]",
                "c:1@x!$(),*",
                "~._-",
                ".c",
                "...",
                "../c-1",
                "c-1/spend",
                "会話-ü-😀",
                "e\u0301",
                "\ufeffc"
            })
    void shouldTakeAnyIdPercentEncodedInThePath(String chatId) {
        // When
        Reply reply = http.post("/v1/chats/" + encoded(chatId) + "/check");

        // Then
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.json().get("chat_id").textValue()).isEqualTo(chatId);
    }

    @Test
    void shouldTakeAPlusInAPathForAPlus() throws IOException {
        // When
        Answer answer = RawHttp.exchange(ledger.port(), emptyPost("/v1/chats/a+b/check"));

        // Then
        assertThat(answer.json().get("chat_id").textValue()).isEqualTo("a+b");
    }

    @Test
    void shouldTakeTheIdOfThePathAndNotOneOfTheQuery() {
        // When
        Reply reply = http.post("/v1/chats/c-1/check?chat_id=c-2");

        // Then
        assertThat(reply.json().get("chat_id").textValue()).isEqualTo("c-1");
    }

    @ParameterizedTest
    @CsvSource({"c, 128, 200", "c, 129, 400", "会, 128, 200", "会, 129, 400", "😀, 64, 200", "😀, 65, 400"})
    void shouldTakeAnIdOfUpTo128Characters(String character, int count, int status) {
        // When
        Reply reply = http.post("/v1/chats/" + encoded(character.repeat(count)) + "/check");

        // Then
        assertThat(reply.status()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%00", "c%0A", "%0D%0A", "%1f", "%7F", "%C2%80", "%c2%9f"})
    void shouldRefuseControlCharactersInAPath(String encodedId) throws IOException {
        // When
        Answer answer = RawHttp.exchange(ledger.port(), emptyPost("/v1/chats/" + encodedId + "/check"));

        // Then
        assertInvalid(answer, "chat_id");
    }

    /** Broken off, no hexadecimal digits, and bytes that are no UTF-8: to guess would be to make two ids one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "%",
                "c%",
                "c%2",
                "%zz",
                "%-1",
                "% 1",
                "%ff",
                "%c3%28",
                "%ed%a0%80",
                "%f8%88%80%80%80",
                "%C0%AF",
                "%EF%BF%BD",
                "ü"
            })
    void shouldRefuseMalformedPercentEncodingInAPath(String encodedId) throws IOException {
        // When
        Answer answer =
                RawHttp.exchange(ledger.port(), emptyPost("/v1/chats/" + encodedId.replace(' ', '+') + "/check"));

        // Then
        assertError(answer, 400, "invalid_request");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?breakdown=%",
                "?breakdown=%zz",
                "?page_token=%ff",
                "?%=1",
                "?breakdown",
                "?breakdown=true&breakdown=%"
            })
    void shouldRefuseMalformedQueries(String query) throws IOException {
        // When
        Answer answer = RawHttp.exchange(ledger.port(), RawHttp.request("GET", "/v1/chats/c-1/spend" + query));

        // Then
        assertError(answer, 400, "invalid_request");
    }

    // ---- routes and methods ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1",
                "/v1/",
                "/v1/nothing",
                "/v1/chat",
                "/V1/chats",
                "/v1/chats/c-1",
                "/v1/chats/c-1/",
                "/v1/chats//check",
                "/v1/chats/c-1/checks",
                "/v1/chats/c-1/check/more",
                "/v1/chats/team/7/check",
                "/v1/accounts/a-1",
                "/v1/limits",
                "/v1/limits/accounts",
                "/v1/limits/others/a-1",
                "/livez/more",
                "/favicon.ico",
                "/openapi.json",
                "/v1/chats%2Fc-1%2Fcheck",
                "/v1/chats/%2E%2E/check",
                "/v1/chats/./check"
            })
    void shouldAnswerAnyOtherPathWithRouteNotFound(String path) throws IOException {
        for (String method : List.of("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")) {
            // When
            Answer answer = RawHttp.exchange(ledger.port(), RawHttp.request(method, path));

            // Then
            assertError(answer, 404, "route_not_found");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/livez/", "//livez", "/livez//", "/./livez", "/v1/../livez", "/%6Civez", "/livez?", "/livez?x=1"
            })
    void shouldTakeEquivalentPathsForOne(String path) throws IOException {
        // When
        Answer answer = RawHttp.exchange(ledger.port(), RawHttp.request("GET", path));

        // Then
        assertThat(answer.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/chats|POST",
                "/v1/chats/c-1/limit|DELETE, PUT",
                "/v1/messages|POST",
                "/v1/chats/c-1/check|POST",
                "/v1/chats/c-1/spend|GET",
                "/v1/accounts/a-1/check|POST",
                "/v1/accounts/a-1/spend|GET",
                "/v1/accounts/a-1/groups|GET, PUT",
                "/v1/limits/default|DELETE, GET, PUT",
                "/v1/limits/accounts/a-1|DELETE, GET, PUT",
                "/v1/limits/groups/g-1|DELETE, GET, PUT",
                "/livez|GET",
                "/readyz|GET",
                "/metrics|GET",
                "/openapi.yaml|GET"
            })
    void shouldNameTheMethodsOfAPathToWhoeverUsesAnother(String path, String allow) throws IOException {
        List<String> others = Stream.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
                .filter(method -> !List.of(allow.split(", ")).contains(method))
                .toList();
        for (String method : others) {
            try (RawHttp connection = new RawHttp(ledger.port())) {
                // When
                connection.send(RawHttp.request(method, path));
                Answer answer = method.equals("HEAD") ? connection.readWithoutBody() : connection.read();

                // Then
                assertThat(answer.headers()).containsEntry("allow", allow);
                if (method.equals("HEAD")) {
                    assertThat(answer.status()).isEqualTo(405);
                } else {
                    assertError(answer, 405, "method_not_allowed");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"OPTIONS *", "GET *", "GET http://elsewhere/livez", "GET livez", "GET ", "CONNECT ledger:80"})
    void shouldAnswerOtherFormsOfATargetWithoutAFault(String methodAndTarget) throws IOException {
        // When
        Answer answer = RawHttp.exchange(ledger.port(), methodAndTarget + " HTTP/1.1\r\nHost: ledger\r\n\r\n");

        // Then
        assertThat(answer.status()).isBetween(200, 499);
    }

    // ---- content types ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "application/json; charset=utf-8",
                "application/json;charset=UTF-8",
                "Application/JSON",
                "application/json ; x=y",
                "application/json;"
            })
    void shouldTakeJson(String contentType) {
        // When
        Reply reply = http.send(
                http.request(CHECK).header("Content-Type", contentType).POST(BodyPublishers.ofString("{}")));

        // Then
        assertThat(reply.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text/plain",
                "text/json",
                "application/jsonp",
                "application/problem+json",
                "application/x-www-form-urlencoded",
                "application/x-www-form-urlencoded; charset=utf-8",
                "multipart/form-data; boundary=x",
                "multipart/form-data",
                "multipart/mixed",
                "nonsense",
                ";",
                "json, application/json"
            })
    void shouldRefuseABodyOfAnyOtherContentType(String contentType) throws IOException {
        for (String path : List.of("/v1/chats", "/v1/messages", CHECK)) {
            // When
            Answer answer = RawHttp.exchange(
                    ledger.port(),
                    "POST " + path + " HTTP/1.1\r\nHost: ledger\r\nContent-Type: " + contentType
                            + "\r\nContent-Length: 2\r\n\r\n{}");

            // Then
            assertError(answer, 415, "unsupported_media_type");
        }
    }

    @Test
    void shouldRefuseABodyWithoutAContentType() throws IOException {
        // When
        Answer answer = RawHttp.exchange(
                ledger.port(), "POST " + CHECK + " HTTP/1.1\r\nHost: ledger\r\nContent-Length: 2\r\n\r\n{}");

        // Then
        assertError(answer, 415, "unsupported_media_type");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "nonsense"})
    void shouldNotMindTheContentTypeOfNoBody(String contentType) throws IOException {
        // When
        Answer answer = RawHttp.exchange(
                ledger.port(),
                "POST " + CHECK + " HTTP/1.1\r\nHost: ledger\r\nContent-Type: " + contentType
                        + "\r\nContent-Length: 0\r\n\r\n");

        // Then
        assertThat(answer.status()).isEqualTo(200);
    }

    // ---- sizes ----

    @Test
    void shouldTakeABodyOfExactlyTwoMebibytesHoweverItIsSent() {
        // Given
        byte[] body = spaces(BODY_BYTES_MAX);

        // When
        List<Reply> replies = List.of(sendWithLength(CHECK, body), sendChunked(CHECK, body));

        // Then
        assertThat(replies).extracting(Reply::status).containsOnly(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/chats", "/v1/messages", CHECK})
    void shouldRefuseABodyOfOneByteMoreHoweverItIsSent(String path) {
        // Given
        byte[] body = spaces(BODY_BYTES_MAX + 1);

        // When
        List<Reply> replies = List.of(sendWithLength(path, body), sendChunked(path, body));

        // Then
        replies.forEach(reply -> assertError(reply, 413, "body_too_large"));
    }

    @Test
    void shouldRefuseABodyThatIsAnnouncedTooLargeBeforeItIsSent() throws IOException {
        // When
        Answer answer = RawHttp.exchange(
                ledger.port(),
                "POST " + CHECK + " HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n");

        // Then
        assertError(answer, 413, "body_too_large");
    }

    @Test
    void shouldLetAClientGoOnThatAsksBeforeItSendsItsBody() throws IOException {
        try (RawHttp connection = new RawHttp(ledger.port())) {
            // When
            connection.send("POST " + CHECK + " HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
            Answer goOn = connection.read();
            connection.send("{}");
            Answer answer = connection.read();

            // Then
            assertThat(goOn.status()).isEqualTo(100);
            assertThat(answer.status()).isEqualTo(200);
        }
    }

    // ---- bodies that are no JSON, or no JSON to speak of ----

    @ParameterizedTest(name = "{0}")
    @MethodSource("noJson")
    void shouldRefuseWhatIsNoJson(String kind, byte[] body) throws IOException {
        for (String path : List.of("/v1/chats", "/v1/messages", CHECK)) {
            // When
            Answer answer = RawHttp.exchange(ledger.port(), RawHttp.post(path, body));

            // Then
            assertInvalid(answer, "$");
        }
    }

    static Stream<Arguments> noJson() {
        return Stream.of(
                Arguments.of("spaces for a field", bytes("{  ")),
                Arguments.of("a word", bytes("spawn")),
                Arguments.of("single quotes", bytes("{'operation': 'spawn'}")),
                Arguments.of("no quotes", bytes("{operation: \"spawn\"}")),
                Arguments.of("a comment", bytes("{} // all")),
                Arguments.of("a trailing comma", bytes("{\"operation\": \"spawn\",}")),
                Arguments.of("something behind it", bytes("{} {}")),
                Arguments.of("a bracket behind it", bytes("{}]")),
                Arguments.of("a key given twice", bytes("{\"operation\": \"spawn\", \"operation\": \"spawn\"}")),
                Arguments.of(
                        "a key given twice, escaped", bytes("{\"operation\": \"spawn\", \"\\u006fperation\": null}")),
                Arguments.of("a key given twice deep inside", bytes("{\"x\": [{\"y\": {\"z\": 1, \"z\": 1}}]}")),
                Arguments.of("NaN", bytes("{\"x\": NaN}")),
                Arguments.of("Infinity", bytes("{\"x\": -Infinity}")),
                Arguments.of("a plus sign", bytes("{\"x\": +1}")),
                Arguments.of("a leading zero", bytes("{\"x\": 01}")),
                Arguments.of("a hexadecimal number", bytes("{\"x\": 0x10}")),
                Arguments.of("half a number", bytes("{\"x\": 1.}")),
                Arguments.of("a number of 100,000 digits", bytes("{\"x\": " + "9".repeat(100_000) + "}")),
                Arguments.of("a raw line feed in a string", bytes("{\"x\": \"\n\"}")),
                Arguments.of("a broken escape", bytes("{\"x\": \"\\u12\"}")),
                Arguments.of("an unknown escape", bytes("{\"x\": \"\\x41\"}")),
                Arguments.of("a string that does not end", bytes("{\"x\": \"")),
                Arguments.of("arrays within 1,000 arrays", bytes("[".repeat(1_001) + "]".repeat(1_001))),
                Arguments.of("arrays within 1,000,000 arrays", bytes("[".repeat(1_000_000))),
                Arguments.of("objects within 100,000 objects", bytes("{\"x\":".repeat(100_000))),
                Arguments.of("more fields than any request has", bytes(fields(100_000))),
                Arguments.of("a name of 100,000 characters", bytes("{\"" + "x".repeat(100_000) + "\": 1}")),
                Arguments.of("no UTF-8", new byte[] {'{', '"', 'x', '"', ':', '"', (byte) 0xff, '"', '}'}),
                Arguments.of("half a character", new byte[] {'{', '"', 'x', '"', ':', '"', (byte) 0xc3, '"', '}'}),
                Arguments.of("an overlong slash", new byte[] {'"', (byte) 0xc0, (byte) 0xaf, '"'}),
                Arguments.of("zero bytes", new byte[1_000]),
                Arguments.of("half a byte order mark", new byte[] {(byte) 0xef, (byte) 0xbb, '{', '}'}),
                Arguments.of("Latin-1", "{\"x\": \"ü\"}".getBytes(StandardCharsets.ISO_8859_1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"x\": 5|is not valid JSON: Unexpected end-of-input: expected close marker for Object",
                "[\"x\", |is not valid JSON: Unexpected end-of-input within/between Array entries",
                "{\"x\": 1, \"x\": 2}|is not valid JSON: Duplicate field 'x'"
            })
    void shouldSayWhatKeepsABodyFromBeingJsonInWordsForItsSender(String body, String detail) {
        // When
        Reply reply = http.put("/v1/chats/c-1/limit", body);

        // Then
        assertThat(reply.json().at("/validations/0/detail").textValue()).isEqualTo(detail);
    }

    /** RFC 8259 lets a reader ignore it, and programs of one vendor write it. */
    @Test
    void shouldIgnoreAByteOrderMark() throws IOException {
        // When
        Answer answer = RawHttp.exchange(ledger.port(), RawHttp.post(CHECK, bytes("\ufeff{\"operation\": \"spawn\"}")));

        // Then
        assertThat(answer.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[{}]", "\"x\"", "7", "true", "null", " null ", " ", "\n\t "})
    void shouldRefuseJsonThatIsNoObject(String body) {
        for (String path : List.of("/v1/chats", CHECK)) {
            // When
            Reply reply = http.post(path, body);

            // Then
            assertInvalid(reply, "$");
        }
    }

    @Test
    void shouldTakeABodyOfNoBytesForNoBody() {
        // When
        Reply check = http.post(CHECK, "");
        Reply chat = http.post("/v1/chats", "");

        // Then
        assertThat(check.status()).isEqualTo(200);
        assertInvalid(chat, "$");
    }

    @Test
    void shouldNameEveryFieldThatAnEmptyObjectLacks() {
        assertInvalid(http.post("/v1/chats", "{}"), "account_id");
        assertInvalid(http.post("/v1/messages", "{}"), "message_id", "chat_id", "account_id");
        assertInvalid(http.put("/v1/chats/c-1/limit", "{}"), "spend_limit_micros");
        assertThat(http.post(CHECK, "{}").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud800", "\\ude00", "\\u0000", "\\\"", "x\\u0085", "\\u2028", "\\uffff", "会話"})
    void shouldRefuseAFieldThatIsNotKnownWhateverItsName(String name) {
        // When
        Reply reply = http.post(CHECK, "{\"" + name + "\": 1}");

        // Then
        assertError(reply, 400, "invalid_request");
    }

    // ---- arrays of messages ----

    @Test
    void shouldTakeAThousandMessagesAndNotOneMore() {
        // Given
        String thousand = messages(1_000);
        String oneMore = messages(1_001);

        // When
        Reply taken = http.post("/v1/messages", thousand);
        Reply refused = http.post("/v1/messages", oneMore);

        // Then what is taken finds no Kafka here
        assertError(taken, 503, "kafka_unavailable");
        assertInvalid(refused, "$");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[null]", "[1]", "[\"m-1\"]", "[[]]", "[true]", "[[{\"message_id\": \"m-1\"}]]"})
    void shouldRefuseAnElementThatIsNoMessage(String body) {
        assertInvalid(http.post("/v1/messages", body), "[0]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "true", "7", "\"m-1\""})
    void shouldRefuseWhatIsNeitherAMessageNorAnArrayOfThem(String body) {
        assertInvalid(http.post("/v1/messages", body), "$");
    }

    @Test
    void shouldNameAThousandViolationsAtOnce() {
        // Given
        String body = IntStream.range(0, 1_000)
                .mapToObj(i -> "{\"message_id\": \"m-" + i + "\", \"chat_id\": \"c-1\", \"account_id\": \"a-1\","
                        + " \"cost_micros\": -1}")
                .collect(Collectors.joining(",", "[", "]"));

        // When
        Reply reply = http.post("/v1/messages", body);

        // Then
        assertInvalid(
                reply,
                IntStream.range(0, 1_000)
                        .mapToObj(i -> "[" + i + "].cost_micros")
                        .toArray(String[]::new));
    }

    @Test
    void shouldNameTheIndexOfWhatIsWrongAmongWhatIsRight() {
        // When
        Reply reply = http.post(
                "/v1/messages",
                "[" + message("m-0") + ", null, {}, " + message("m-3") + ", {\"message_id\": 4, \"chat_id\": \"c-1\","
                        + " \"account_id\": \"a-1\", \"cost\": 1}]");

        // Then
        assertInvalid(reply, "[1]", "[2].message_id", "[2].chat_id", "[2].account_id", "[4].message_id", "[4].cost");
    }

    // ---- checks that nobody can answer ----

    @Test
    void shouldCountAndExplainAChecksFailureWhereNoneIsAllowedWithoutAnAnswer() {
        // Given
        FakeReader reader = new FakeReader().unreadable(DegradedReason.REBALANCING);
        try (StubLedger closed = StubLedger.start(reader, LookupErrorPolicy.CLOSED)) {
            // When
            Reply reply = closed.http().post(CHECK);
            String metrics = closed.http().get("/metrics").body();

            // Then
            assertError(reply, 503, "lookup_failed");
            assertThat(reply.json().get("detail").textValue()).contains("rebalancing");
            assertThat(reply.header("Retry-After")).isEqualTo("1");
            assertThat(reply.header("spend-check")).isNull();
            assertThat(metrics)
                    .contains(
                            "ledger_checks_total{decision=\"undecided\",operation=\"send_message\",scope=\"none\"} 1.0")
                    .contains("ledger_degraded_checks_total{reason=\"rebalancing\"} 1.0");
        }
    }

    // ---- freezes ----

    /** No limit has a part in it, so it has no time to ask again either. */
    @Test
    @Tag("P19")
    void shouldSayThatATreeIsFrozenAndCountIt() {
        // Given
        FakeReader reader =
                new FakeReader().root("c-1", 5L).spent("c-1", "c-1", 6L).unreadable(DegradedReason.STORE_ERROR);
        FakeFreezes freezes = new FakeFreezes().freeze("c-1", "runs in circles");
        try (StubLedger frozen = StubLedger.start(
                reader,
                new FakeLimits().view(),
                freezes.view(),
                LookupErrorPolicy.CLOSED,
                new FixedHealth(List.of(), List.of()))) {
            // When
            Reply reply = frozen.http().post(CHECK);
            String metrics = frozen.http().get("/metrics").body();

            // Then
            assertThat(reply.status()).isEqualTo(409);
            assertThat(reply.json().get("code").textValue()).isEqualTo("frozen");
            assertThat(reply.json().get("detail").textValue())
                    .isEqualTo("The tree of chat c-1 was frozen at 2026-11-23T12:00:00.123Z: runs in circles");
            assertThat(reply.json().get("degraded_reason").textValue()).isEqualTo("store_error");
            assertThat(reply.header("x-should-retry")).isEqualTo("false");
            assertThat(reply.header("Retry-After")).isNull();
            assertThat(metrics)
                    .contains(
                            "ledger_checks_total{decision=\"rejected\",operation=\"send_message\",scope=\"frozen\"} 1.0");
        }
    }

    /** A kill switch is not kept from working by what cannot be read; here Kafka is away as well. */
    @Test
    @Tag("P19")
    void shouldWriteAFreezeAlsoWhereNobodyCanTellWhatTheChatIs() {
        // Given
        FakeReader reader = new FakeReader().unreadable(DegradedReason.STORE_ERROR);
        try (StubLedger blind = StubLedger.start(reader, LookupErrorPolicy.OPEN)) {
            // When
            List<Reply> replies = List.of(
                    blind.http().put("/v1/chats/c-1/freeze", "{}"),
                    blind.http().delete("/v1/chats/c-1/freeze"),
                    blind.http().delete("/v1/chats/c-1/limit"));

            // Then
            assertError(replies.get(0), 503, "kafka_unavailable");
            assertError(replies.get(1), 503, "kafka_unavailable");
            assertError(replies.get(2), 503, "lookup_failed");
        }
    }

    /** A producer may have frozen any id. */
    @Test
    void shouldUnfreezeWhatIsFrozenWhateverIsKnownOfTheChat() {
        // Given
        FakeReader reader = new FakeReader().root("c-1", 5L).child("c-2", "c-1", "c-1");
        FakeFreezes freezes = new FakeFreezes().freeze("c-2", null).freeze("c-99", null);
        try (StubLedger ledger = StubLedger.start(
                reader,
                new FakeLimits().view(),
                freezes.view(),
                LookupErrorPolicy.OPEN,
                new FixedHealth(List.of(), List.of()))) {
            // When
            List<Reply> replies = List.of(
                    ledger.http().delete("/v1/chats/c-2/freeze"),
                    ledger.http().delete("/v1/chats/c-99/freeze"),
                    ledger.http().put("/v1/chats/c-2/freeze", "{}"));

            // Then
            assertError(replies.get(0), 503, "kafka_unavailable");
            assertError(replies.get(1), 503, "kafka_unavailable");
            assertError(replies.get(2), 400, "invalid_request");
        }
    }

    // ---- accounts ----

    @ParameterizedTest
    @ValueSource(strings = {"team/7", "50%", "a b", "default", "会話-ü-😀", "a:b"})
    void shouldTakeAnyAccountPercentEncodedInThePath(String accountId) {
        // When
        Reply reply = http.post("/v1/accounts/" + encoded(accountId) + "/check");

        // Then
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.json().get("account_id").textValue()).isEqualTo(accountId);
    }

    @Test
    void shouldCountTheChecksOfAccountsAndSayWhenAPeriodEnds() {
        // Given
        FakeReader reader = new FakeReader().spentOn("a-9", LocalDate.now(ZoneOffset.UTC), 9L);
        FakeLimits limits = new FakeLimits().byDefault(9, Period.DAY);
        try (StubLedger limited = StubLedger.start(
                reader,
                limits.view(),
                new FakeFreezes().view(),
                LookupErrorPolicy.OPEN,
                new FixedHealth(List.of(), List.of()))) {
            // When
            Reply reply = limited.http().post("/v1/accounts/a-9/check");
            String metrics = limited.http().get("/metrics").body();

            // Then
            assertThat(reply.status()).isEqualTo(409);
            assertThat(Long.parseLong(reply.header("Retry-After"))).isBetween(1L, 86_400L);
            assertThat(Instant.parse(reply.json().get("resets_at").textValue()))
                    .isBetween(Instant.now().minusSeconds(5), Instant.now().plusSeconds(86_400));
            assertThat(metrics)
                    .contains(
                            "ledger_checks_total{decision=\"rejected\",operation=\"check_account\",scope=\"account_period\"} 1.0");
        }
    }

    // ---- helpers ----

    private static String messages(int count) {
        return IntStream.range(0, count).mapToObj(i -> message("m-" + i)).collect(Collectors.joining(",", "[", "]"));
    }

    private static String message(String messageId) {
        return "{\"message_id\": \"" + messageId + "\", \"chat_id\": \"c-1\", \"account_id\": \"a-1\"}";
    }

    /** An object of as many fields. */
    private static String fields(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"" + Integer.toString(i, Character.MAX_RADIX) + "\":1")
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** An object, and spaces up to a length. */
    private static byte[] spaces(int length) {
        return bytes("{}" + " ".repeat(length - 2));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String encoded(String chatId) {
        return URLEncoder.encode(chatId, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String emptyPost(String path) {
        return "POST " + path + " HTTP/1.1\r\nHost: ledger\r\nContent-Length: 0\r\n\r\n";
    }

    private static Reply sendWithLength(String path, byte[] body) {
        return http.send(
                http.request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofByteArray(body)));
    }

    private static Reply sendChunked(String path, byte[] body) {
        return http.send(http.request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));
    }

    private static void assertInvalid(Reply reply, String... fields) {
        assertError(reply, 400, "invalid_request");
        assertFields(reply.json(), fields);
    }

    private static void assertInvalid(Answer answer, String... fields) {
        assertError(answer, 400, "invalid_request");
        assertFields(answer.json(), fields);
    }

    private static void assertFields(JsonNode error, String... fields) {
        assertThat(error.get("validations").findValuesAsText("field")).containsExactlyInAnyOrder(fields);
    }

    private static void assertError(Reply reply, int status, String code) {
        assertError(reply.status(), reply.header("Content-Type"), reply.json(), status, code);
    }

    private static void assertError(Answer answer, int status, String code) {
        assertError(answer.status(), answer.headers().get("content-type"), answer.json(), status, code);
    }

    /** The one form of every error. */
    private static void assertError(int actualStatus, String contentType, JsonNode body, int status, String code) {
        assertThat(actualStatus).as("status of %s", body).isEqualTo(status);
        assertThat(contentType).isEqualTo("application/json");
        assertThat(body.path("code").textValue()).isEqualTo(code);
        assertThat(body.path("message").textValue()).isNotBlank();
        assertThat(body.path("detail").textValue()).isNotBlank();
        List<String> names = StreamSupport.stream(((Iterable<String>) body::fieldNames).spliterator(), false)
                .toList();
        assertThat(names)
                .isEqualTo(
                        code.equals("invalid_request")
                                ? List.of("code", "message", "detail", "validations")
                                : List.of("code", "message", "detail"));
        assertThat(body.path("validations")).allSatisfy(validation -> {
            assertThat(validation.path("field").textValue()).isNotEmpty();
            assertThat(validation.path("detail").textValue()).isNotBlank();
        });
    }
}
