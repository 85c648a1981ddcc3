package dev.spendledger.api.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.spendledger.api.openapi.OpenApiDocument.Operation;
import dev.spendledger.api.openapi.RandomRequests.Shot;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.CommandRun;
import dev.spendledger.api.testing.RawHttp;
import dev.spendledger.api.testing.RawHttp.Answer;
import dev.spendledger.api.testing.TestLedger;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Whatever clients send, in {@value #REQUESTS_PROPERTY} requests drawn at random (100,000): each is answered as
 * {@code openapi.yaml} says or closed, and none costs the ledger anything for good.
 */
class HttpFuzzIT {
    private static final String REQUESTS_PROPERTY = "ledger.fuzz.requests";
    private static final int REQUESTS = Integer.getInteger(REQUESTS_PROPERTY, 100_000);
    private static final long SEED = Long.getLong("ledger.fuzz.seed", System.nanoTime());
    /** Most of the time they wait: a limit is answered once it is in force. */
    private static final int CLIENTS = 32;

    private static final int SERVER_ERROR = 500;
    /** What a request is answered that is of no version of HTTP which is spoken here. */
    private static final int OTHER_VERSION = 501;
    /** One of each role, and one that is nobody's; most may do everything, as what they do is looked at further. */
    private static final List<String> TOKENS = List.of(
            "check-0123456789",
            "write-0123456789",
            "metrics-0123456789",
            "admin-0123456789",
            "admin-0123456789",
            "admin-0123456789",
            "nobody-0123456789");
    /** As long as a request may take that is answered at all; one that is not whole would be waited for. */
    private static final Duration NO_ANSWER = Duration.ofMillis(20);

    private static final OpenApiDocument DOCUMENT = OpenApiDocument.load();

    @TempDir
    static Path dir;

    private static TestLedger ledger;
    private static int port;
    private static Path secret;

    /** What the log says that it must not. */
    private static final Queue<String> complaints = new ConcurrentLinkedQueue<>();

    private final Map<Integer, AtomicInteger> answers = new ConcurrentHashMap<>();
    private final AtomicInteger broken = new AtomicInteger();

    @BeforeAll
    static void start() throws IOException {
        listen("io.netty.util.ResourceLeakDetector");
        listen("dev.spendledger.api");
        listen("io.vertx");
        Path tokens = Files.writeString(
                dir.resolve("tokens"),
                String.join(
                        "\n",
                        TOKENS.stream()
                                .limit(4)
                                .map(token -> token.split("-")[0] + " " + token)
                                .toList()));
        secret = Files.writeString(dir.resolve("secret"), "secret-of-the-instances\n");
        ledger = TestLedger.start(
                dir,
                Map.of(
                        Setting.API_TOKENS_FILE, tokens.toString(),
                        Setting.INTERNAL_TOKEN_FILE, secret.toString()));
        port = ledger.url().getPort();
    }

    private static void listen(String logger) {
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                    complaints.add(event.getLoggerName() + ": " + event.getFormattedMessage()
                            + (event.getThrowableProxy() == null
                                    ? ""
                                    : " " + event.getThrowableProxy().getMessage()));
                }
            }
        };
        appender.start();
        ((Logger) LoggerFactory.getLogger(logger)).addAppender(appender);
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    @Test
    void shouldAnswerWhateverComesAndKeepNothingOfIt() throws Exception {
        // When
        System.out.println("Seed of the requests: " + SEED);
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        List<Callable<Void>> clients = LongStream.range(0, CLIENTS)
                .mapToObj(number -> (Callable<Void>)
                        () -> send(new RandomRequests(DOCUMENT, TOKENS, SEED + number), REQUESTS / CLIENTS))
                .toList();
        for (Future<Void> client : threads.invokeAll(clients)) {
            client.get();
        }
        threads.shutdown();
        System.out.println("Answers by status: " + new TreeMap<>(answers) + ", closed without one: " + broken);

        // Then
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(metric("ledger_connections")).isEqualTo(1)); // The one that asks.
        System.gc(); // Netty watches one buffer in 128, and complains at a later one of what was collected unreleased.
        for (int i = 0; i < 1_000; i++) {
            metric("ledger_connections");
        }
        assertThat(complaints).isEmpty();
        assertThat(broken.get()).as("closed without an answer").isLessThan(REQUESTS / 8);
        assertThat(answers.keySet()).contains(200, 201, 202, 400, 401, 403, 404, 405, 409, 413, 414, 415, 431);
        assertThat(RawHttp.exchange(port, RawHttp.request("GET", "/livez")).status())
                .isEqualTo(200);
        CommandRun verify = ledger.verify("--internal-token-file=" + secret);
        assertThat(verify.out()).as(verify.err()).contains("No difference.");
    }

    private static double metric(String name) throws IOException {
        Answer metrics = RawHttp.exchange(
                port, "GET /metrics HTTP/1.1\r\nHost: ledger\r\nAuthorization: Bearer metrics-0123456789\r\n\r\n");
        return metrics.body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.split(" ")[1]))
                .findFirst()
                .orElseThrow();
    }

    private Void send(RandomRequests requests, int count) throws IOException {
        RawHttp kept = new RawHttp(port);
        for (int i = 0; i < count; i++) {
            Shot shot = requests.next();
            int kind = requests.below(100);
            if (kind < 86) {
                if (!sendOn(kept, shot)) {
                    kept.close();
                    kept = new RawHttp(port);
                }
            } else {
                sendBroken(kind, requests, shot);
            }
        }
        kept.close();
        return null;
    }

    /** Whether the connection may be used again. */
    private boolean sendOn(RawHttp connection, Shot shot) throws IOException {
        try {
            connection.send(shot.bytes());
            Answer answer = read(connection, shot.method());
            judge(shot.method(), shot.path(), answer, shot.toString());
            return !"close".equals(answer.headers().get("connection"));
        } catch (IOException e) { // Closed amid what was sent, as after a head that is too long.
            broken.incrementAndGet();
            return false;
        }
    }

    private static Answer read(RawHttp connection, String method) throws IOException {
        Answer answer = method.equals("HEAD") ? connection.readWithoutBody() : connection.read();
        return answer.status() == 100 ? read(connection, method) : answer;
    }

    private void sendBroken(int kind, RandomRequests requests, Shot shot) throws IOException {
        try (RawHttp connection = new RawHttp(port)) {
            connection.setPatience(NO_ANSWER);
            if (kind < 95) {
                byte[] spoilt = requests.spoilt(shot);
                connection.send(spoilt);
                String[] words = new String(spoilt, StandardCharsets.ISO_8859_1).split("[ \r\n]", 3);
                Answer answer = connection.readWithoutBody();
                String text = new String(spoilt, StandardCharsets.ISO_8859_1);
                if (answer.status() != OTHER_VERSION
                        || text.lines().findFirst().orElse("").matches(".* HTTP/1\\.[01]")) {
                    judge(words[0], words[Math.min(1, words.length - 1)].split("[?#]", 2)[0], answer, text);
                }
            } else if (kind < 96) {
                Shot large = requests.tooLarge();
                connection.send(large.bytes());
                judge(large.method(), large.path(), connection.readWithoutBody(), large.toString());
            } else if (kind < 99) {
                connection.send(Arrays.copyOf(shot.bytes(), requests.below(shot.bytes().length)));
                connection.abort();
            } else {
                for (int from = 0; from < shot.bytes().length && from < 400; from += 20) {
                    connection.send(Arrays.copyOfRange(shot.bytes(), from, Math.min(shot.bytes().length, from + 20)));
                    LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
                }
                judge(shot.method(), shot.path(), connection.readWithoutBody(), shot.toString());
            }
        } catch (IOException e) {
            broken.incrementAndGet();
        }
    }

    private void judge(String method, String path, Answer answer, String request) {
        answers.computeIfAbsent(answer.status(), status -> new AtomicInteger()).incrementAndGet();
        if (answer.status() >= SERVER_ERROR) {
            assertThat(answer.status()).as(request).isNotEqualTo(SERVER_ERROR);
            assertThat(statusesOf(method, path)).as(request).contains(answer.status());
        }
    }

    private static List<Integer> statusesOf(String method, String path) {
        List<Integer> statuses = new ArrayList<>();
        for (Operation operation : DOCUMENT.operations()) {
            if (operation.method().equals(method)
                    && path.matches(operation.path().replaceAll("\\{\\w+}", "[^/]+"))) {
                operation
                        .at()
                        .child("responses")
                        .children()
                        .keySet()
                        .forEach(status -> statuses.add(Integer.parseInt(status)));
            }
        }
        return statuses;
    }
}
