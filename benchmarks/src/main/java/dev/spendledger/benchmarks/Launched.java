package dev.spendledger.benchmarks;

import dev.spendledger.demo.JavaProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What was started by {@code ./ledger}, as a user does, and when it answers for the first time. Killed when closed. */
final class Launched extends JavaProcess {
    private static final Duration ANSWERS_WITHIN = Duration.ofMinutes(3);
    private static final Duration ASKED_FOR = Duration.ofSeconds(1);
    /** An instance gives up on what does not close after 20 s. */
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(40);

    private static final long POLL_MS = 5;
    private static final int OK = 200;
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ASKED_FOR)
            .build();
    private final URI url;
    private final Path log;
    private final long startNanos;

    /** Seconds from its start to the first 200 of {@code /livez} and of {@code /readyz}. */
    record Times(double livez, double readyz) {}

    private Launched(ProcessBuilder builder, URI url, Path log, long startNanos) throws IOException {
        super(builder);
        this.url = url;
        this.log = log;
        this.startNanos = startNanos;
    }

    /**
     * Starts a command.
     *
     * @param launcher the program {@code ledger}
     * @param arguments the command and its flags, by which it listens at the URL
     * @param log where what it says is kept
     */
    static Launched start(Path launcher, List<String> arguments, URI url, Path log) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        // No settings but those of the measurement; what the launcher starts Java and Maven with is none.
        environment.keySet().removeIf(name -> name.startsWith("LEDGER_") && !name.endsWith("_OPTS"));
        return new Launched(builder, url, log, System.nanoTime());
    }

    /** Waits until it is ready. */
    Times awaitReady() throws InterruptedException, TimeoutException {
        double livez = awaitOk("/livez");
        return new Times(livez, awaitOk("/readyz"));
    }

    private double awaitOk(String path) throws InterruptedException, TimeoutException {
        HttpRequest request =
                HttpRequest.newBuilder(url.resolve(path)).timeout(ASKED_FOR).build();
        while (!isOk(request)) {
            if (!isAlive()) {
                throw new IllegalStateException("It has ended before it was ready; its log is " + log);
            }
            if (System.nanoTime() - startNanos > ANSWERS_WITHIN.toNanos()) {
                throw new TimeoutException(path + " was not 200 within " + ANSWERS_WITHIN.toMinutes()
                        + " minutes of the start; its log is " + log);
            }
            Thread.sleep(POLL_MS);
        }
        return (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
    }

    private boolean isOk(HttpRequest request) throws InterruptedException {
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode() == OK;
        } catch (IOException e) {
            return false; // It does not listen yet.
        }
    }

    /**
     * Tells it to stop, and returns once it has.
     *
     * @throws IllegalStateException if it does not; then it is killed
     */
    void stop() throws InterruptedException {
        terminate();
        if (endWithin(STOPS_WITHIN).isEmpty()) {
            close();
            throw new IllegalStateException(
                    "It did not stop within " + STOPS_WITHIN.toSeconds() + " s and was killed; its log is " + log);
        }
    }
}
