package dev.spendledger.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The load generator {@code wrk}, which asks again on each connection as soon as it has been answered. */
final class Wrk {
    /** As many as it needs to ask more than what it measures can answer; it wants a connection for each. */
    static final int THREADS = 2;

    private static final String PROGRAM = "wrk";
    private static final String SCRIPT = "requests.lua";
    /** While the server is still being compiled on a busy machine, an answer may take a while. */
    private static final int UNANSWERED_AFTER_SECONDS = 10;

    private static final long LOOK_MS = 50;
    private static final double MICROS_PER_SECOND = 1_000_000.0;
    private static final double MICROS_PER_MILLI = 1_000.0;
    private static final Pattern RESULT = Pattern.compile("(?m)^result requests=(\\d+) duration=(\\d+) p50=(\\d+)"
            + " p99=(\\d+) connect=(\\d+) read=(\\d+) write=(\\d+) status=(\\d+) timeout=(\\d+)$");

    private final Path dir;
    private final Path script;

    /** What one run came to. */
    record Result(double perSecond, double p50Ms, double p99Ms) {}

    /** Something to look at, now and then, while it runs. */
    @FunctionalInterface
    interface Look {
        void look() throws IOException, InterruptedException;
    }

    /** @param dir where to put what it asks and what it says */
    Wrk(Path dir) throws IOException {
        this.dir = dir;
        this.script = dir.resolve(SCRIPT);
        try (InputStream in = Wrk.class.getResourceAsStream(SCRIPT)) {
            Files.copy(in, script);
        }
    }

    /** Whether the {@code PATH} leads to it. */
    static boolean isThere() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
    }

    /** Keeps requests for {@link #run}, each as {@code METHOD path}. */
    Path requests(String name, List<String> requests) throws IOException {
        return Files.write(dir.resolve(name + ".txt"), requests);
    }

    /**
     * One run.
     *
     * @param requests what to ask, in turn
     * @param connections {@value #THREADS} at least
     * @param meanwhile is called until it ends
     * @throws IllegalStateException if a request was not answered, or with an error
     */
    Result run(URI url, Path requests, int connections, int seconds, Look meanwhile)
            throws IOException, InterruptedException {
        Path output = dir.resolve("wrk.txt");
        List<String> command = new ArrayList<>(List.of(PROGRAM, "--threads", "" + THREADS));
        command.addAll(List.of("--connections", "" + connections, "--duration", seconds + "s"));
        command.addAll(List.of("--timeout", UNANSWERED_AFTER_SECONDS + "s"));
        command.addAll(List.of("--script", script.toString(), url.toString(), "--", requests.toString()));
        Process wrk = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            while (!wrk.waitFor(LOOK_MS, TimeUnit.MILLISECONDS)) {
                meanwhile.look();
            }
        } finally {
            wrk.destroyForcibly();
        }
        return result(url, Files.readString(output, StandardCharsets.UTF_8));
    }

    private static Result result(URI url, String said) {
        Matcher found = RESULT.matcher(said);
        if (!found.find()) {
            throw new IllegalStateException("wrk did not measure " + url + ": " + said);
        }
        for (int error = 5; error <= 9; error++) {
            if (!found.group(error).equals("0")) {
                throw new IllegalStateException("Not every request of wrk's to " + url + " was answered well: " + said);
            }
        }
        double requests = Double.parseDouble(found.group(1));
        return new Result(
                requests / (Double.parseDouble(found.group(2)) / MICROS_PER_SECOND),
                Double.parseDouble(found.group(3)) / MICROS_PER_MILLI,
                Double.parseDouble(found.group(4)) / MICROS_PER_MILLI);
    }
}
