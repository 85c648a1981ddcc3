package dev.spendledger.benchmarks;

import dev.spendledger.demo.Cluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/**
 * An instance in a process of its own with many trees, beside a bare server, and what asks both: {@link Wrk}, if it is there,
 * and {@link OpenLoad}. No tree and no account is ever exhausted, so that every answer is a 200.
 */
final class CheckLoad implements AutoCloseable {
    private static final int INSTANCE = 1;
    /** Under which the fold is at work, and by which rates are sent. */
    static final int CONNECTIONS = 64;
    /** Never reached. */
    private static final String ACCOUNT_LIMIT = "{\"spend_limit_micros\": 1000000000000000, \"period\": \"month\"}";

    private static final String CHECK = "check";
    private static final String HELLO = "hello";
    private static final String LIVEZ = "livez";
    private static final double MICROS_PER_MILLI = 1_000.0;
    private static final int OK = 200;

    private final OpenLoad open = new OpenLoad(CONNECTIONS);
    private final Ends ends;
    private final URI url;
    private final URI hello;
    private final int trees;
    private final int seconds;
    private final Facts facts;
    private final List<String> checks;
    private final OwnerAnswers answers;
    private final Optional<Tools> tools;
    private int messages;

    /** Of {@code wrk}: itself, and its files of requests. */
    private record Tools(Wrk wrk, Path checks, Path livez) {}

    /**
     * @param cluster with one instance on which nothing is yet
     * @param dir for files
     * @param trees how many, each a root with one chat below it
     * @param seconds how long each part of a run takes
     * @param withWrk whether it is there
     */
    CheckLoad(Cluster cluster, Hello hello, Ends ends, Path dir, int trees, int seconds, boolean withWrk)
            throws IOException {
        this.ends = ends;
        this.url = cluster.url(INSTANCE);
        this.hello = hello.url();
        this.trees = trees;
        this.seconds = seconds;
        this.facts = new Facts(cluster.bootstrapServers());
        this.checks = checks(trees);
        this.answers = new OwnerAnswers(url, checks);
        this.tools = withWrk ? Optional.of(tools(dir, checks)) : Optional.empty();
    }

    /** The roots and the chats below them in turn, so that what is asked one after the other lies far apart. */
    private static List<String> checks(int trees) {
        List<String> paths = new ArrayList<>();
        for (int tree = 0; tree < trees; tree++) {
            paths.add("/v1/chats/" + Facts.rootId(tree) + "/check");
            paths.add("/v1/chats/" + Facts.chatId((tree + trees / 2) % trees) + "/check");
        }
        return paths;
    }

    private static Tools tools(Path dir, List<String> checks) throws IOException {
        Wrk wrk = new Wrk(dir);
        return new Tools(
                wrk,
                wrk.requests(CHECK, checks.stream().map(path -> "POST " + path).toList()),
                wrk.requests(LIVEZ, checks.stream().map(path -> "GET /livez").toList()));
    }

    /** Fills the ledger, and waits until every check is answered by what it now knows. */
    void prepare() throws IOException, InterruptedException, TimeoutException {
        setAccountLimit();
        facts.trees(0, trees);
        facts.chats(0, trees, trees);
        facts.messages(0, trees, trees, trees);
        messages = trees;
        for (String path : checks) {
            Wait.until("the owner answers " + path, ends, () -> answers.isGiven(path));
        }
    }

    private void setAccountLimit() throws IOException, InterruptedException {
        HttpResponse<String> response = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(
                        HttpRequest.newBuilder(url.resolve("/v1/limits/default"))
                                .header("Content-Type", "application/json")
                                .PUT(BodyPublishers.ofString(ACCOUNT_LIMIT))
                                .build(),
                        BodyHandlers.ofString());
        if (response.statusCode() != OK) {
            throw new IOException(response.uri() + " answers " + response.statusCode() + ": " + response.body());
        }
    }

    /**
     * Goes through everything once.
     *
     * @param connections for {@code wrk}, one measurement after the other
     * @param rates of the load that does not wait for answers, requests a second
     * @param foldRate messages a second
     * @return the figures by their names
     */
    Map<String, Double> run(List<Integer> connections, List<Integer> rates, int foldRate)
            throws IOException, InterruptedException, TimeoutException {
        answers.forget();
        Map<String, Double> figures = new LinkedHashMap<>();
        if (tools.isPresent()) {
            for (int each : connections) {
                compare(figures, each, tools.get());
            }
            checkWhileFolding(figures, foldRate, tools.get());
        }
        for (int rate : rates) {
            put(figures, "open_" + rate + "_", open.run(url, checks, rate, seconds, answers::lookAt));
            put(figures, "open_" + rate + "_hello_", open.run(hello, checks, rate, seconds, body -> {}));
            ends.requireNone();
        }
        return figures;
    }

    /**
     * Whether the checks of the last run were answered by the owner; of a first run, not everything is compiled in time for it.
     *
     * @throws IllegalStateException if one of those looked at was not
     */
    void requireOwner() {
        answers.requireAll();
    }

    /** The ledger beside the bare server, with the same requests, and beside its own cheapest route. */
    private void compare(Map<String, Double> figures, int connections, Tools with)
            throws IOException, InterruptedException {
        Wrk.Result bare = with.wrk().run(hello, with.checks(), connections, seconds, () -> {});
        Wrk.Result livez = with.wrk().run(url, with.livez(), connections, seconds, () -> {});
        Wrk.Result check = with.wrk().run(url, with.checks(), connections, seconds, answers::lookAtNext);
        ends.requireNone();
        String name = "c" + connections + "_";
        put(figures, name + HELLO, bare);
        put(figures, name + LIVEZ, livez);
        put(figures, name + CHECK, check);
        figures.put(name + "check_to_hello", check.perSecond() / bare.perSecond());
        figures.put(name + "check_to_livez", check.perSecond() / livez.perSecond());
    }

    private void checkWhileFolding(Map<String, Double> figures, int foldRate, Tools with)
            throws IOException, InterruptedException {
        answers.takeLagMostMs();
        String name = "folding_c" + CONNECTIONS + "_";
        try (Folding folding = new Folding(facts, foldRate, trees, messages)) {
            put(figures, name + CHECK, with.wrk().run(url, with.checks(), CONNECTIONS, seconds, answers::lookAtNext));
            figures.put(name + "messages_per_s", folding.perSecond());
            figures.put(name + "lag_most_ms", (double) answers.takeLagMostMs());
            folding.close();
            messages += folding.sent();
        }
        ends.requireNone();
    }

    private static void put(Map<String, Double> figures, String name, Wrk.Result result) {
        figures.put(name + "_per_s", result.perSecond());
        figures.put(name + "_p50_ms", result.p50Ms());
        figures.put(name + "_p99_ms", result.p99Ms());
    }

    private static void put(Map<String, Double> figures, String name, OpenLoad.Result result) {
        figures.put(name + "p50_ms", millis(result, micros -> micros.getValueAtPercentile(50)));
        figures.put(name + "p99_ms", millis(result, micros -> micros.getValueAtPercentile(99)));
        figures.put(name + "p999_ms", millis(result, micros -> micros.getValueAtPercentile(99.9)));
        figures.put(name + "max_ms", millis(result, Histogram::getMaxValue));
        figures.put(name + "late", (double) result.late());
    }

    private static double millis(OpenLoad.Result result, ToLongFunction<Histogram> micros) {
        return micros.applyAsLong(result.micros()) / MICROS_PER_MILLI;
    }

    @Override
    public void close() {
        open.close();
        facts.close();
    }
}
