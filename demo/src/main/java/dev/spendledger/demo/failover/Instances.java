package dev.spendledger.demo.failover;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Asks the instances one at a time, each by itself, as the load does not. They are counted from 1. */
final class Instances {
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(2);
    private static final long POLL_MS = 100;
    private static final String OWNER = "owner";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ANSWERS_WITHIN)
            .build();
    private final List<URI> urls;

    /** Something that may come true. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws InterruptedException;
    }

    Instances(List<URI> urls) {
        this.urls = List.copyOf(urls);
    }

    int size() {
        return urls.size();
    }

    /** Waits until something holds; whether it did in time. */
    static boolean await(Duration within, Condition condition) throws InterruptedException {
        long endNanos = System.nanoTime() + within.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - endNanos > 0) {
                return false;
            }
            Thread.sleep(POLL_MS);
        }
        return true;
    }

    /** Has an instance check the root of a tree. */
    Answer check(int instance, Tree tree) throws InterruptedException {
        long askedMs = System.currentTimeMillis();
        long startNanos = System.nanoTime();
        Optional<HttpResponse<String>> reply =
                send(request(instance, "/v1/chats/" + tree.rootId() + "/check").POST(BodyPublishers.noBody()));
        long latencyMicros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startNanos);
        return reply.map(given ->
                        Answer.of(tree, instance, askedMs, latencyMicros, given.statusCode(), json(given.body())))
                .orElseGet(() -> Answer.none(tree, instance, askedMs, latencyMicros));
    }

    /** Whether an instance says that it is the owner of the partition of a tree, and in touch with the broker. */
    boolean owns(int instance, Tree tree) throws InterruptedException {
        Answer answer = check(instance, tree);
        return answer.isFresh() && answer.servedBy().equals(OWNER);
    }

    /** Whether each of these trees is some instance's own. */
    boolean allAreOwned(List<Tree> trees) throws InterruptedException {
        for (Tree tree : trees) {
            boolean owned = false;
            for (int instance = 1; instance <= size() && !owned; instance++) {
                owned = owns(instance, tree);
            }
            if (!owned) {
                return false;
            }
        }
        return true;
    }

    /** Whether an instance is ready for requests. */
    boolean isReady(int instance) throws InterruptedException {
        return send(request(instance, "/readyz"))
                .filter(reply -> reply.statusCode() == Answer.OK)
                .isPresent();
    }

    boolean allAreReady() throws InterruptedException {
        for (int instance = 1; instance <= size(); instance++) {
            if (!isReady(instance)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Asks until every instance shows of every tree all its chats, and just what was acknowledged.
     *
     * @return how many pairs of an instance and a tree were not so when time was up
     */
    int totalsThatDiffer(List<Tree> trees, Duration within) throws InterruptedException {
        List<Shown> all = IntStream.rangeClosed(1, size())
                .boxed()
                .flatMap(instance -> trees.stream().map(tree -> new Shown(instance, tree)))
                .toList();
        return notSo(all, within, this::agrees);
    }

    /** Asks until some instance shows this of each tree; how many trees none had shown so when time was up. */
    int notCounted(List<Tree> trees, Duration within) throws InterruptedException {
        return notSo(trees, within, tree -> {
            boolean agrees = false;
            for (int instance = 1; instance <= size() && !agrees; instance++) {
                agrees = agrees(new Shown(instance, tree));
            }
            return agrees;
        });
    }

    @FunctionalInterface
    private interface Question<T> {
        boolean isSo(T of) throws InterruptedException;
    }

    /** Asks for each in turn until it is so, or time is up; for how many it was not. */
    private static <T> int notSo(List<T> all, Duration within, Question<T> question) throws InterruptedException {
        long endNanos = System.nanoTime() + within.toNanos();
        Deque<T> left = new ArrayDeque<>(all);
        int inARow = 0;
        while (!left.isEmpty() && System.nanoTime() - endNanos < 0) {
            T next = left.remove();
            if (question.isSo(next)) {
                inARow = 0;
                continue;
            }
            left.add(next);
            inARow++;
            if (inARow >= left.size()) { // All that are left: some time must pass before any is so.
                Thread.sleep(POLL_MS);
                inARow = 0;
            }
        }
        return left.size();
    }

    /** What an instance shows of a tree. */
    private record Shown(int instance, Tree tree) {}

    private boolean agrees(Shown shown) throws InterruptedException {
        JsonNode tree = send(request(
                        shown.instance(), "/v1/chats/" + shown.tree().rootId() + "/spend"))
                .map(reply -> json(reply.body()).path("tree"))
                .orElse(JSON.missingNode());
        return tree.path("spent_micros").asLong(-1)
                        == shown.tree().acknowledged().totalMicros()
                && tree.path("chats").asLong(-1) == shown.tree().chatIds().size();
    }

    private HttpRequest.Builder request(int instance, String path) {
        return HttpRequest.newBuilder(urls.get(instance - 1).resolve(path)).timeout(ANSWERS_WITHIN);
    }

    /** Empty = no answer. */
    private Optional<HttpResponse<String>> send(HttpRequest.Builder request) throws InterruptedException {
        try {
            return Optional.of(http.send(request.build(), BodyHandlers.ofString()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** What is no JSON says nothing. */
    private static JsonNode json(String body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            return JSON.missingNode();
        }
    }
}
