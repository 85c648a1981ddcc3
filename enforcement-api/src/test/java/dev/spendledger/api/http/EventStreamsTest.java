package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.testing.EventStreamClient;
import dev.spendledger.api.testing.EventStreamClient.Event;
import dev.spendledger.api.testing.FakeAlerts;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.StubLedger;
import dev.spendledger.api.testing.StubLedger.StubStreams;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class EventStreamsTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(50);
    /** More than a connection between two processes takes, in pieces of this many characters. */
    private static final String LARGE = "x".repeat(60_000);

    private static final int MORE_THAN_A_CONNECTION_TAKES = 400;

    private final List<AutoCloseable> open = new ArrayList<>();
    private StubLedger ledger;
    /** On one connection, as long as that is answered. */
    private Http http;

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        ledger.close();
    }

    private FakeAlerts serve(int inMemory, EventStreams.Limits limits, LiveSource... sources) {
        FakeAlerts alerts = new FakeAlerts(inMemory);
        ledger = StubLedger.start(Access.OPEN, new StubStreams(alerts.recent(), alerts, List.of(sources), limits));
        http = ledger.http();
        return alerts;
    }

    private static EventStreams.Limits limits(Duration beat) {
        return new EventStreams.Limits(10, 2, beat);
    }

    private EventStreamClient listen(String query, String... headers) {
        EventStreamClient client = EventStreamClient.open(url(), query, headers);
        open.add(client);
        return client;
    }

    /** A client that knows by its first id that it misses nothing from here on. */
    private EventStreamClient listenFromNowOn(String query) {
        EventStreamClient client = listen(query);
        await().until(() -> !client.lastId().isEmpty());
        return client;
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + ledger.port());
    }

    private double metric(String line) {
        return http.get("/metrics")
                .body()
                .lines()
                .filter(each -> each.startsWith(line + " "))
                .mapToDouble(each -> Double.parseDouble(each.substring(line.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    // ---- what it tells ----

    @Test
    void shouldTellWhatComesFromNowOn() {
        // Given
        FakeAlerts alerts = serve(100, limits(LONG)).begin();
        alerts.tell(0, "root-0", "a-1", 50);
        EventStreamClient client = listenFromNowOn("");
        String first = client.lastId();

        // When
        alerts.tell(0, "root-1", "a-1", 50);
        alerts.tell(1, "a-2", 80);

        // Then
        await().until(() -> client.events().size() == 2);
        Event tree = client.events().get(0);
        Event account = client.events().get(1);
        assertThat(client.headers().firstValue("content-type")).contains("text/event-stream");
        assertThat(client.headers().firstValue("cache-control")).contains("no-store");
        assertThat(client.headers().firstValue("x-accel-buffering")).contains("no");
        assertThat(first).isEqualTo("log.1.0");
        assertThat(tree.id()).isEqualTo("log.2.0");
        assertThat(tree.kind()).isEqualTo("tree_threshold");
        assertThat(tree.data())
                .hasToString("{\"alert_id\":\"root-1:50\",\"kind\":\"tree_threshold\",\"threshold_percent\":50,"
                        + "\"root_chat_id\":\"root-1\",\"account_id\":\"a-1\",\"spent_micros\":50,\"limit_micros\":100,"
                        + "\"at\":\"2026-11-23T12:00:00.123Z\"}");
        assertThat(account.id()).isEqualTo("log.2.1");
        assertThat(account.kind()).isEqualTo("account_threshold");
        assertThat(account.data())
                .hasToString("{\"alert_id\":\"a-2:80\",\"kind\":\"account_threshold\",\"threshold_percent\":80,"
                        + "\"account_id\":\"a-2\",\"period\":\"month\",\"starts_at\":\"2026-11-01T00:00:00.000Z\","
                        + "\"resets_at\":\"2026-12-01T00:00:00.000Z\",\"limit_source\":\"default\",\"spent_micros\":80,"
                        + "\"limit_micros\":100,\"at\":\"2026-11-23T12:00:00.123Z\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "'', root-1:50 root-2:50 a-1:50 a-2:50",
        "?kind=tree_threshold, root-1:50 root-2:50",
        "?kind=account_threshold, a-1:50 a-2:50",
        "'?kind=account_threshold,tree_threshold', root-1:50 root-2:50 a-1:50 a-2:50",
        "?kind=account_threshold&kind=tree_threshold, root-1:50 root-2:50 a-1:50 a-2:50",
        "?root_chat_id=root-2, root-2:50",
        "?account_id=a-1, root-1:50 a-1:50",
        "?account_id=a-1&kind=account_threshold, a-1:50",
        "?account_id=a-1&root_chat_id=root-2, ''"
    })
    void shouldTellOnlyWhatIsAskedFor(String query, String wanted) {
        // Given
        FakeAlerts alerts = serve(100, limits(SHORT)).begin();
        EventStreamClient client = listenFromNowOn(query);

        // When
        alerts.tell(0, "root-1", "a-1", 50);
        alerts.tell(0, "root-2", "a-2", 50);
        alerts.tell(1, "a-1", 50);
        alerts.tell(1, "a-2", 50);

        // Then
        await().until(() -> client.lastId().equals("log.2.2"));
        assertThat(String.join(" ", client.alertIds())).isEqualTo(wanted);
    }

    @Test
    void shouldWaitUntilTheInstanceKnowsWhereTheAlertsAre() {
        // Given
        FakeAlerts alerts = serve(100, limits(LONG));
        EventStreamClient fromNowOn = listen("");
        EventStreamClient goingOn = listen("?last_event_id=log.0.0");
        await().until(() -> fromNowOn.comments() == 1 && goingOn.comments() == 1);

        // When
        alerts.begin();
        await().until(() ->
                fromNowOn.lastId().equals("log.0.0") && goingOn.lastId().equals("log.0.0"));
        alerts.tell(0, "root-1", "a-1", 50);

        // Then
        await().until(() -> fromNowOn.events().size() == 1 && goingOn.events().size() == 1);
    }

    @Test
    void shouldShowThatItIsThereAndMoveTheIdOnWhereNothingIsToBeTold() {
        // Given
        FakeAlerts alerts = serve(100, limits(SHORT)).begin();
        EventStreamClient client = listenFromNowOn("?root_chat_id=root-2");

        // When
        alerts.tell(1, "root-1", "a-1", 50);
        alerts.pass(1);

        // Then
        await().until(() -> client.lastId().equals("log.0.2") && client.comments() > 3);
        assertThat(client.events()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "recent=2, root-3:50 root-4:50 root-5:50",
        "recent=100, root-1:50 root-2:50 root-3:50 root-4:50 root-5:50",
        "recent=2&account_id=a-1, root-1:50 root-3:50 root-5:50",
        "recent=0, root-5:50",
        "recent=2&last_event_id=log.2.1, root-4:50 root-5:50",
        "recent=2&root_chat_id=root-6, ''"
    })
    void shouldTellFirstOfTheLastThatFit(String query, String wanted) {
        // Given
        FakeAlerts alerts = serve(100, limits(SHORT)).begin();
        IntStream.rangeClosed(1, 4).forEach(i -> alerts.tell((i + 1) % 2, "root-" + i, "a-" + (2 - i % 2), 50));

        // When
        EventStreamClient client = listenFromNowOn("?" + query);
        alerts.tell(0, "root-5", "a-1", 50);

        // Then
        await().until(() -> client.lastId().equals("log.3.2"));
        assertThat(String.join(" ", client.alertIds())).isEqualTo(wanted);
    }

    /** It may break off in the midst of them. */
    @Test
    void shouldGoOnBehindAnyIdOfThoseThatItHasToldOfFirst() {
        // Given
        FakeAlerts alerts = serve(100, limits(LONG)).begin();
        IntStream.rangeClosed(1, 8).forEach(i -> alerts.tell(i % 2, "root-" + i, "a-1", 50));
        EventStreamClient before = listen("?recent=5");
        await().until(() -> before.events().size() == 5);

        for (int i = 0; i < 5; i++) {
            // When
            EventStreamClient after =
                    listen("?recent=5", "Last-Event-ID", before.events().get(i).id());

            // Then
            List<String> rest = before.alertIds().subList(i + 1, 5);
            await().until(() -> after.lastId().equals("log.4.4"));
            assertThat(after.alertIds()).isEqualTo(rest);
        }
    }

    // ---- going on ----

    @Test
    void shouldGoOnBehindAnyId() {
        // Given
        FakeAlerts alerts = serve(100, limits(LONG)).begin();
        EventStreamClient before = listenFromNowOn("");
        IntStream.rangeClosed(1, 8).forEach(i -> alerts.tell(i % 2, "root-" + i, "a-1", 50));
        await().until(() -> before.events().size() == 8);

        for (int i = 0; i < 8; i++) {
            // When
            EventStreamClient after = listen(
                    "?last_event_id=log.0.0",
                    "Last-Event-ID",
                    before.events().get(i).id());

            // Then
            List<String> rest = before.alertIds().subList(i + 1, 8);
            await().until(() -> after.alertIds().equals(rest));
            assertThat(after.events()).isEqualTo(before.events().subList(i + 1, 8));
        }
    }

    @Test
    void shouldReadAgainWhatHasLeftTheMemoryAndGoOnWithoutAGap() {
        // Given
        FakeAlerts alerts = serve(50, limits(LONG)).begin();
        IntStream.rangeClosed(1, 400).forEach(i -> alerts.tell(i % 2, "root-" + i, "a-1", 50));

        // When
        EventStreamClient client = listen("", "Last-Event-ID", "log.1.1");
        EventStreamClient ofAnotherLog = listen("?last_event_id=old.9");
        IntStream.rangeClosed(401, 440).forEach(i -> alerts.tell(i % 2, "root-" + i, "a-1", 50));

        // Then
        await().until(() ->
                ofAnotherLog.events().size() == 440 && client.events().size() == 438);
        assertThat(ofAnotherLog.alertIds())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 440)
                        .mapToObj(i -> "root-" + i + ":50")
                        .toList());
        assertThat(client.alertIds()).isEqualTo(ofAnotherLog.alertIds().subList(2, 440));
        await().until(() -> alerts.readers() == 0);
    }

    @Test
    void shouldEndWhereWhatHasLeftTheMemoryCannotBeRead() {
        // Given
        FakeAlerts alerts = serve(1, limits(LONG)).begin();
        IntStream.rangeClosed(1, 5).forEach(i -> alerts.tell(0, "root-" + i, "a-1", 50));
        alerts.fail(new IllegalStateException("made up by a test"));

        // When
        EventStreamClient client = listen("?last_event_id=log.0.0");

        // Then
        await().until(client::isEnded);
        assertThat(client.lastId()).isEqualTo("log.0.0");
        await().until(() -> alerts.readers() == 0);
    }

    // ---- what a client may cost ----

    @Test
    void shouldTakeNoMoreStreamsThanThereIsRoomFor() {
        // Given
        serve(100, new EventStreams.Limits(1, 1, LONG)).begin();
        EventStreamClient first = listenFromNowOn("");

        // When
        Reply second = http.get("/v1/events");

        // Then
        assertThat(second.status()).isEqualTo(503);
        assertThat(second.json().get("code").textValue()).isEqualTo("overloaded");
        assertThat(second.header("Retry-After")).isEqualTo("1");
        assertThat(metric("ledger_event_streams")).isEqualTo(1);
        first.close();
        await().untilAsserted(() -> assertThat(metric("ledger_event_streams")).isZero());
        assertThat(listenFromNowOn("").status()).isEqualTo(200);
    }

    @Test
    void shouldLetOnlySomeReadWhatHasLeftTheMemory() throws IOException {
        // Given
        FakeAlerts alerts = serve(1, new EventStreams.Limits(10, 1, LONG)).begin();
        IntStream.range(0, MORE_THAN_A_CONNECTION_TAKES).forEach(i -> alerts.tell(0, "root-" + i, LARGE, 50));
        Socket silent = ask("/v1/events?last_event_id=log.0.0");
        await().until(() -> alerts.readers() == 1);

        // When
        Reply another = http.get("/v1/events?last_event_id=log.0.0");

        // Then
        assertThat(another.status()).isEqualTo(503);
        assertThat(another.json().get("code").textValue()).isEqualTo("overloaded");
        assertThat(listenFromNowOn("").status()).isEqualTo(200);
        silent.close();
        await().until(() -> alerts.readers() == 0);
        assertThat(listenFromNowOn("?last_event_id=log.0.0").status()).isEqualTo(200);
    }

    @Test
    void shouldLetAClientGoThatTakesNothing() throws IOException {
        // Given
        FakeAlerts alerts = serve(1_000, limits(SHORT)).begin();
        EventStreamClient another = listenFromNowOn("?root_chat_id=root-0");
        ask("/v1/events?last_event_id=log.0.0");
        await().untilAsserted(() -> assertThat(metric("ledger_event_streams")).isEqualTo(2));

        // When
        IntStream.range(0, MORE_THAN_A_CONNECTION_TAKES).forEach(i -> alerts.tell(0, "root-" + i, LARGE, 50));

        // Then
        await().untilAsserted(() -> assertThat(metric("ledger_event_streams")).isEqualTo(1));
        assertThat(metric("ledger_connections_let_go_total{reason=\"slow_stream\"}"))
                .isEqualTo(1);
        await().until(() -> another.events().size() == 1);
    }

    @Test
    void shouldLetAClientGoThatIsBehindTheMemoryAndTellItTheRestWhenItIsBack() throws IOException {
        // Given
        FakeAlerts alerts = serve(5, limits(LONG)).begin();
        Socket slow = ask("/v1/events?last_event_id=log.0.0");
        await().untilAsserted(() -> assertThat(metric("ledger_event_streams")).isEqualTo(1));
        IntStream.range(0, MORE_THAN_A_CONNECTION_TAKES).forEach(i -> alerts.tell(i % 2, "root-" + i, LARGE, 50));

        // When
        List<String> lines = new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        String lastId = lines.stream()
                .filter(line -> line.startsWith("id: "))
                .map(line -> line.substring(4))
                .reduce((one, next) -> next)
                .orElseThrow();
        EventStreamClient back = listen("", "Last-Event-ID", lastId);

        // Then
        long first = lines.stream().filter(line -> line.startsWith("data: ")).count();
        assertThat(first).isLessThan(MORE_THAN_A_CONNECTION_TAKES);
        await().until(() -> back.events().size() == MORE_THAN_A_CONNECTION_TAKES - first);
        Set<String> told = new TreeSet<>(back.alertIds());
        lines.stream()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.replaceAll(".*\"alert_id\":\"([^\"]+)\".*", "$1"))
                .forEach(told::add);
        assertThat(told).hasSize(MORE_THAN_A_CONNECTION_TAKES);
    }

    private Socket ask(String path) throws IOException {
        Socket socket = new Socket("127.0.0.1", ledger.port());
        open.add(socket);
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: ledger\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    // ---- ends ----

    @Test
    void shouldEndAllStreamsAtOnceWhenTheInstanceIsToldToStop() {
        // Given
        serve(100, limits(LONG)).begin();
        EventStreamClient one = listenFromNowOn("");
        EventStreamClient other = listenFromNowOn("");

        // When
        ledger.events().close();

        // Then
        await().until(() -> one.isEnded() && other.isEnded());
        Reply late = http.get("/v1/events");
        assertThat(late.status()).isEqualTo(503);
        assertThat(late.json().get("code").textValue()).isEqualTo("lookup_failed");
        assertThat(late.json().get("detail").textValue()).isEqualTo("The instance is shutting down. Ask another.");
    }

    /** Or an instance that is told to stop would wait for it. */
    @Test
    void shouldEndAStreamOfWhichItsClientTakesNothing() throws IOException {
        // Given
        FakeAlerts alerts = serve(1_000, limits(LONG)).begin();
        ask("/v1/events?last_event_id=log.0.0");
        await().untilAsserted(() -> assertThat(metric("ledger_event_streams")).isEqualTo(1));
        IntStream.range(0, MORE_THAN_A_CONNECTION_TAKES).forEach(i -> alerts.tell(0, "root-" + i, LARGE, 50));

        // When
        ledger.events().close();

        // Then
        await().untilAsserted(() -> assertThat(metric("ledger_connections")).isEqualTo(1)); // The one that asks.
    }

    @Test
    void shouldEndAStreamWhoseTokenIsTakenAway() {
        // Given
        FakeAlerts alerts = new FakeAlerts(10).begin();
        AtomicReference<Tokens> tokens =
                new AtomicReference<>(Tokens.parse("check token-of-a-worker\ncheck token-of-another"));
        ledger = StubLedger.start(
                new Access(Optional.of(tokens::get), Optional.empty()),
                new StubStreams(alerts.recent(), alerts, List.of(), limits(SHORT)));
        EventStreamClient worker = listen("", "Authorization", "Bearer token-of-a-worker");
        EventStreamClient another = listen("", "Authorization", "Bearer token-of-another");
        await().until(() -> worker.comments() > 1 && another.comments() > 1);

        // When
        tokens.set(Tokens.parse("check token-of-another"));

        // Then
        await().until(worker::isEnded);
        assertThat(another.isEnded()).isFalse();
        assertThat(ledger.http().get("/v1/events").status()).isEqualTo(401);
    }

    // ---- what is shown beside ----

    @Test
    void shouldShowASourceAtOnceAndWheneverItHasChanged() {
        // Given
        AtomicReference<Optional<Object>> now = new AtomicReference<>(Optional.of(Map.of("spent_micros", 1)));
        FakeAlerts alerts = serve(10, limits(LONG), source("tree", true, now)).begin();
        EventStreamClient client = listen("?kind=tree&root_chat_id=root-1");
        await().until(() -> client.events().size() == 1);

        // When
        now.set(Optional.empty());
        alerts.tell(0, "root-1", "a-1", 50);
        now.set(Optional.of(Map.of("spent_micros", 2)));

        // Then
        await().until(() -> client.events().size() == 2);
        assertThat(client.events())
                .extracting(event -> event.kind() + " " + event.data())
                .containsExactly("tree {\"spent_micros\":1}", "tree {\"spent_micros\":2}");
    }

    @Test
    void shouldGoOnAfterALookThatFails() {
        // Given
        AtomicReference<Optional<Object>> now = new AtomicReference<>();
        serve(10, limits(LONG), source("trees", false, now)).begin();
        EventStreamClient client = listen("?kind=trees");

        // When
        now.set(Optional.of(List.of()));

        // Then
        await().until(() -> client.events().size() == 1);
    }

    @Test
    void shouldGoOnAfterALookThatThrows() {
        // Given
        AtomicInteger looks = new AtomicInteger();
        serve(10, limits(LONG), source("trees", false, any -> {
            if (looks.incrementAndGet() < 3) {
                throw new IllegalStateException("made up by a test");
            }
            return Future.succeededFuture(Optional.of(List.of()));
        }));

        // When
        EventStreamClient client = listen("?kind=trees");

        // Then
        await().until(() -> client.events().size() == 1);
    }

    @Test
    void shouldLookOnceForAllThatShowTheSame() {
        // Given
        Map<String, AtomicInteger> looks = Map.of("root-1", new AtomicInteger(), "root-2", new AtomicInteger());
        serve(10, limits(LONG), source("tree", true, root -> {
            int number = looks.get(root.orElseThrow()).incrementAndGet();
            return Future.succeededFuture(Optional.of(Map.of("root", root.orElseThrow(), "look", number)));
        }));
        long startNanos = System.nanoTime();
        List<EventStreamClient> clients = IntStream.range(0, 5)
                .mapToObj(i -> listen("?kind=tree&root_chat_id=root-1"))
                .toList();

        // When
        EventStreamClient another = listen("?kind=tree&root_chat_id=root-2");

        // Then
        await().until(() -> Stream.concat(clients.stream(), Stream.of(another))
                .allMatch(client -> client.events().size() > 2));
        int asked = looks.get("root-1").get();
        assertThat(asked)
                .isLessThanOrEqualTo(1
                        + (int) (Duration.ofNanos(System.nanoTime() - startNanos)
                                .dividedBy(Duration.ofMillis(250))));
        assertThat(another.events())
                .allMatch(event -> event.data().get("root").textValue().equals("root-2"));
    }

    /** As what they show is never resumed. */
    @Test
    void shouldHaveNoIdsAndReadNothingAgainWhereNoAlertsAreWanted() {
        // Given
        AtomicReference<Optional<Object>> now = new AtomicReference<>(Optional.of(List.of()));
        FakeAlerts alerts = serve(1, limits(SHORT), source("trees", false, now)).begin();
        IntStream.rangeClosed(1, 5).forEach(i -> alerts.tell(0, "root-" + i, "a-1", 50));

        // When
        EventStreamClient client = listen("?kind=trees&last_event_id=log.0.0");

        // Then
        await().until(() -> client.events().size() == 1 && client.comments() > 3);
        assertThat(client.lastId()).isEmpty();
        assertThat(alerts.opened()).isZero();
    }

    private static LiveSource source(String kind, boolean ofOneTree, AtomicReference<Optional<Object>> now) {
        return source(
                kind,
                ofOneTree,
                any -> now.get() == null
                        ? Future.failedFuture("made up by a test")
                        : Future.succeededFuture(now.get()));
    }

    private static LiveSource source(
            String kind, boolean ofOneTree, Function<Optional<String>, Future<Optional<Object>>> looks) {
        return new LiveSource() {
            @Override
            public String kind() {
                return kind;
            }

            @Override
            public boolean isOfOneTree() {
                return ofOneTree;
            }

            @Override
            public long periodMs() {
                return 10;
            }

            @Override
            public Future<Optional<Object>> look(Optional<String> rootChatId) {
                return looks.apply(rootChatId);
            }
        };
    }

    // ---- what is wrong ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "?kind=everything|kind|must be among account_threshold, tree, tree_threshold, several with commas",
                "?kind=|kind|must be among account_threshold, tree, tree_threshold, several with commas",
                "?kind=tree_threshold,|kind|must be among account_threshold, tree, tree_threshold, several with commas",
                "?kind=tree_threshold&kind=everything|kind|must be among account_threshold, tree, tree_threshold,"
                        + " several with commas",
                "?kind=unknown|kind|must be among account_threshold, tree, tree_threshold, several with commas",
                "?kind=tree|root_chat_id|is required for the kind tree",
                "?root_chat_id=|root_chat_id|must be 1 to 128 characters",
                "?account_id=a%00|account_id|must not contain control characters",
                "?recent=-1|recent|must be an integer from 0 to 100",
                "?recent=101|recent|must be an integer from 0 to 100",
                "?recent=|recent|must be an integer from 0 to 100",
                "?last_event_id=7|last_event_id|must be the id of an event of this route"
            })
    void shouldSayWhatIsWrong(String query, String field, String detail) {
        // Given
        AtomicReference<Optional<Object>> nothing = new AtomicReference<>(Optional.empty());
        serve(10, limits(LONG), source("tree", true, nothing)).begin();

        // When
        Reply reply = http.get("/v1/events" + query);

        // Then
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().get("validations"))
                .hasToString("[{\"field\":\"" + field + "\",\"detail\":\"" + detail + "\"}]");
    }

    @Test
    void shouldSayThatAHeaderIsWrong() {
        // Given
        serve(10, limits(LONG)).begin();

        // When
        Reply reply = http.send(http.request("/v1/events").header("Last-Event-ID", "latest"));

        // Then
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/validations/0/field").textValue()).isEqualTo("Last-Event-ID");
    }
}
