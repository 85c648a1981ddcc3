package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A broker and an instance of the ledger, each in a process of its own, that are killed and started again on their data. */
final class DrillStack implements AutoCloseable {
    static final int PARTITIONS = 4;

    private static final Duration ENDS_WITHIN = Duration.ofSeconds(40);
    private static final Duration FRESH_WITHIN = Duration.ofMinutes(2);
    private static final int TAIL_LINES = 60;

    private final Path dir;
    private final boolean shortSessions;
    private final int port = Ports.free();
    private final Deque<LoggedProcess> started = new ArrayDeque<>();
    private BrokerProcess broker;
    private LedgerProcess ledger;
    private long startNanos;

    /**
     * Starts nothing yet.
     *
     * @param dir a folder for all data and logs
     * @param shortSessions whether a dead instance is missed after 2 s. As it is shipped, it is after 6, and each start after
     *     a kill takes so long
     */
    DrillStack(Path dir, boolean shortSessions) throws IOException {
        this.dir = Files.createDirectories(dir);
        this.shortSessions = shortSessions;
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** Returns once the ledger has created its topics. */
    void awaitTopics() throws IOException {
        ledger.awaitUrl();
    }

    LedgerView ledger() throws IOException {
        return new LedgerView(ledger.awaitUrl());
    }

    void startBroker() throws IOException, InterruptedException {
        startNanos = System.nanoTime();
        broker = BrokerProcess.start(dir, port);
        started.push(broker);
    }

    void killBroker() throws IOException, InterruptedException {
        end(broker);
    }

    /** Returns at once: it may be killed while it starts. */
    void startLedger() throws IOException {
        startNanos = System.nanoTime();
        Map<String, String> environment = new HashMap<>(Map.of(
                "LEDGER_BOOTSTRAP_SERVERS", bootstrapServers(),
                "LEDGER_CREATE_TOPICS", "true",
                "LEDGER_PARTITIONS", Integer.toString(PARTITIONS),
                "LEDGER_HTTP_PORT", "0",
                "LEDGER_STATE_DIR", stateDir().toString()));
        if (shortSessions) {
            environment.put("LEDGER_KAFKA_SESSION_TIMEOUT_MS", "2000");
            environment.put("LEDGER_KAFKA_HEARTBEAT_INTERVAL_MS", "500");
        }
        ledger = LedgerProcess.serve(dir, environment);
        started.push(ledger);
    }

    void killLedger() throws IOException, InterruptedException {
        end(ledger);
    }

    private static void end(LoggedProcess process) throws IOException, InterruptedException {
        assertThat(process.isAlive()).as("alive before it is killed").isTrue();
        process.kill();
        process.awaitEnd(ENDS_WITHIN);
    }

    void stopLedger() throws IOException, InterruptedException {
        ledger.terminate();
        ledger.awaitEnd(ENDS_WITHIN);
    }

    /** Deletes the local state of a ledger that is not running. */
    void loseState() throws IOException {
        try (Stream<Path> files = Files.walk(stateDir())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private Path stateDir() {
        return dir.resolve("state");
    }

    /** Holds the ledger to account with its own tool, as an auditor would. */
    void verifyLedger() throws IOException, InterruptedException {
        try (LedgerProcess verify = LedgerProcess.command(
                dir,
                "verify",
                "--bootstrap-servers=" + bootstrapServers(),
                "--partitions=" + PARTITIONS,
                "--advertised-url=" + ledger.awaitUrl())) {
            int status = verify.awaitEnd(FRESH_WITHIN);
            assertThat(verify.output()).as(verify.errors()).contains("No difference.");
            assertThat(status).isZero();
        }
    }

    /** Returns once the ledger answers from a fresh reading, and says how long that took since the last start. */
    void awaitFresh() throws IOException {
        LedgerView view = ledger();
        await().atMost(FRESH_WITHIN).pollInterval(Duration.ofMillis(20)).until(() -> {
            assertThat(ledger.isAlive()).as("the ledger is alive").isTrue();
            return view.isFresh(DrillFacts.FIRST_ROOT);
        });
        System.out.printf(
                "drill: fresh %,d ms after the last start%n",
                Duration.ofNanos(System.nanoTime() - startNanos).toMillis());
    }

    /** The last that each process has said, the newest process first. */
    String tails() {
        List<String> tails = new ArrayList<>();
        for (LoggedProcess process : started) {
            tails.add(process.getClass().getSimpleName() + (process.isAlive() ? ", alive" : ", ended") + ":");
            tails.add(tail(process));
        }
        return String.join(System.lineSeparator(), tails);
    }

    private static String tail(LoggedProcess process) {
        try {
            List<String> lines = (process.output() + process.errors()).lines().toList();
            return String.join(
                    System.lineSeparator(), lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (LoggedProcess process : started) {
            process.close();
        }
    }
}
