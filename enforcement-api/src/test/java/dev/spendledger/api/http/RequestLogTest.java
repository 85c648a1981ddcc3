package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.StubLedger;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class RequestLogTest {
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-";
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(RequestLog.class);

    private static StubLedger ledger;
    private static Http http;

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
        }
    };

    @BeforeAll
    static void start() {
        ledger = StubLedger.start(
                new FakeReader().root("c-1", 5L).unreadable(DegradedReason.REBALANCING), LookupErrorPolicy.CLOSED);
        http = ledger.http();
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    @BeforeEach
    void listen() {
        LOGGER.setLevel(Level.INFO);
        appender.start();
        LOGGER.addAppender(appender);
    }

    @AfterEach
    void unlisten() {
        LOGGER.detachAppender(appender);
        LOGGER.setLevel(null);
    }

    private static Reply get(String path, String... headers) {
        HttpRequest.Builder request = http.request(path).GET();
        return http.send(headers.length == 0 ? request : request.headers(headers));
    }

    // ---- the answer ----

    @Test
    void shouldGiveBackTheIdAndTheTraceOfTheRequest() {
        // When
        Reply reply = get("/livez", "x-request-id", "r-1/2:3", "traceparent", TRACE + "00");

        // Then
        assertThat(reply.header("x-request-id")).isEqualTo("r-1/2:3");
        assertThat(reply.header("traceparent")).isEqualTo(TRACE + "00");
    }

    @Test
    void shouldGiveEveryRequestWithoutAnIdOneOfItsOwn() {
        // When
        Reply first = get("/livez");
        Reply second = get("/v1/nothing");

        // Then
        assertThat(first.header("x-request-id")).matches("[0-9a-f]{16}");
        assertThat(second.header("x-request-id")).matches("[0-9a-f]{16}").isNotEqualTo(first.header("x-request-id"));
        assertThat(first.header("traceparent")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a\tb", "x-é"})
    void shouldNotTakeAnIdThatCouldPassForMoreThanOneWordOfTheLog(String id) {
        assertThat(RequestLog.isRequestId(id)).isFalse();
    }

    @Test
    void shouldTakeAnIdOfUpTo128Characters() {
        assertThat(RequestLog.isRequestId("i".repeat(128))).isTrue();
        assertThat(RequestLog.isRequestId("i".repeat(129))).isFalse();
        assertThat(RequestLog.isRequestId("")).isFalse();
        assertThat(RequestLog.isRequestId(null)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01, true",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0, false",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01, false",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01, false",
        "00-0af7651916cd43dd8448eb211c80319c.b7ad6b7169203331-01, false",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333--01, false",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01, false",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01, false",
        "nonsense, false"
    })
    void shouldKnowATraceparentByItsForm(String text, boolean right) {
        assertThat(RequestLog.isTraceparent(text)).isEqualTo(right);
    }

    // ---- the log ----

    /** A terminal heeds what a client can put into a path. */
    @Test
    void shouldShowOfAPathOnlyWhatIsVisible() {
        assertThat(RequestLog.visible("/v1/\u001b[31mx\u0085é/" + "y".repeat(1_000)))
                .startsWith("/v1/?[31mx??/yyy")
                .hasSize(512);
    }

    @Test
    void shouldLogARequestThatItsCallerHasSampledAndNoOther() {
        // When
        get("/livez", "x-request-id", "r-probe", "traceparent", TRACE + "01");
        get("/openapi.yaml", "x-request-id", "r-quiet", "traceparent", TRACE + "00");
        get("/openapi.yaml", "x-request-id", "r-sampled", "traceparent", TRACE + "01");
        await().atMost(Duration.ofSeconds(10)).until(() -> !lines.isEmpty());

        // Then
        assertThat(lines)
                .singleElement()
                .asString()
                .contains("method=GET path=/openapi.yaml status=200 us=")
                .contains("request_id=r-sampled traceparent=" + TRACE + "01");
    }

    @Test
    void shouldLogARequestThatFailed() {
        // When
        Reply reply = get("/v1/chats/c-1/spend", "x-request-id", "r-failed");
        await().atMost(Duration.ofSeconds(10)).until(() -> !lines.isEmpty());

        // Then
        assertThat(reply.status()).isEqualTo(503);
        assertThat(lines)
                .singleElement()
                .asString()
                .contains("status=503")
                .contains("request_id=r-failed traceparent=-");
    }

    @Test
    void shouldLeaveOutWhatIsBeyondAThousandLinesASecondAndSayHowManyThatWere() {
        // Given
        long second = Duration.ofSeconds(1).toNanos();
        RequestLog.Budget budget = new RequestLog.Budget(0);

        // When
        long written = IntStream.range(0, 1_003).filter(line -> budget.isLeft()).count();

        // Then
        assertThat(written).isEqualTo(1_000);
        assertThat(budget.leftOut(second - 1)).isZero();
        assertThat(budget.leftOut(second)).isEqualTo(3);
        assertThat(budget.leftOut(2 * second)).isZero();
        assertThat(budget.isLeft()).isTrue();
    }
}
