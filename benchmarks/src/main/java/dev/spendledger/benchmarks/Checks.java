package dev.spendledger.benchmarks;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks an instance for checks over HTTP, each client on a connection of its own and one check at a time. On the client that
 * the product itself asks its peers with: the JDK's takes as much of a small machine as the instance does.
 */
final class Checks implements AutoCloseable {
    private static final int OK = 200;
    private static final Pattern SPENT = Pattern.compile("\"spent_micros\":(\\d+)");
    /** What stands in every answer of the owner; any other is no measurement of a check. */
    private static final String NOT_DEGRADED = "\"degraded\":false";

    private static final Duration SEEN_WITHIN = Duration.ofMinutes(1);

    /** One for each event loop: of several, one would get all connections that are opened from outside. */
    private final List<Vertx> loops = new ArrayList<>();

    private final List<HttpClientAgent> clients = new ArrayList<>();
    private final HttpConnectOptions instance;

    /** Is told of each answer, by the thread that has read it. */
    @FunctionalInterface
    interface Recorder {
        /**
         * @param chat which was asked for
         * @param nanos from the request to the whole of the answer
         */
        void answered(String chat, long nanos);
    }

    /**
     * @param eventLoops how many threads ask
     */
    Checks(URI url, int eventLoops) {
        for (int i = 0; i < eventLoops; i++) {
            Vertx loop = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
            loops.add(loop);
            clients.add(loop.createHttpClient(new HttpClientOptions().setTcpNoDelay(true)));
        }
        this.instance = new HttpConnectOptions().setHost(url.getHost()).setPort(url.getPort());
    }

    /**
     * Asks, each client the next check as soon as it has the answer to its last one, until there is nothing more to ask.
     *
     * @param next the chat to ask for; null = no more. Each client has one of its own
     * @throws IllegalStateException if an answer is not 200, or is degraded
     */
    void run(List<Supplier<String>> next, Recorder recorder) throws InterruptedException {
        List<HttpClientConnection> connections = new ArrayList<>();
        try {
            List<Future<Void>> ends = new ArrayList<>();
            for (int client = 0; client < next.size(); client++) {
                connections.add(connect(client));
            }
            for (int client = 0; client < next.size(); client++) {
                Promise<Void> end = Promise.promise();
                askAll(connections.get(client), next.get(client), recorder, end);
                ends.add(end.future());
            }
            await(Future.join(ends));
        } finally {
            for (HttpClientConnection connection : connections) {
                await(connection.close());
            }
        }
    }

    private static void askAll(
            HttpClientConnection connection, Supplier<String> next, Recorder recorder, Promise<Void> end) {
        String chat = next.get();
        if (chat == null) {
            end.complete();
            return;
        }
        long startNanos = System.nanoTime();
        ask(connection, chat).onComplete(asked -> {
            if (asked.failed()) {
                end.fail(asked.cause());
                return;
            }
            recorder.answered(chat, System.nanoTime() - startNanos);
            if (!asked.result().contains(NOT_DEGRADED)) {
                end.fail(new IOException("The check of " + chat + " is degraded: " + asked.result()));
                return;
            }
            askAll(connection, next, recorder, end);
        });
    }

    /** The sums of a chat's tree, as its spend has them; empty = they are not known yet, or not by the owner. */
    Optional<JsonObject> tree(String chat) throws InterruptedException {
        HttpClientConnection connection = connect(0);
        try {
            JsonObject spend = await(connection
                    .request(new RequestOptions().setURI("/v1/chats/" + chat + "/spend"))
                    // Nested: set by this thread, the handler of the answer might come behind its body.
                    .compose(request -> request.send().compose(HttpClientResponse::body))
                    .map(Buffer::toJsonObject));
            return spend.getBoolean("degraded", true)
                    ? Optional.empty()
                    : Optional.ofNullable(spend.getJsonObject("tree"));
        } finally {
            await(connection.close());
        }
    }

    /**
     * Asks on one connection until a check shows so many micros.
     *
     * @param pause between two checks: asked without one, the instance has less time for anything else
     * @throws TimeoutException if none does within {@link #SEEN_WITHIN}
     */
    void awaitSpent(String chat, long micros, Duration pause) throws InterruptedException, TimeoutException {
        HttpClientConnection connection = connect(0);
        try {
            long endNanos = System.nanoTime() + SEEN_WITHIN.toNanos();
            while (spentOf(await(ask(connection, chat))) < micros) {
                if (System.nanoTime() - endNanos > 0) {
                    throw new TimeoutException(
                            "No check of " + chat + " has shown " + micros + " micros within " + SEEN_WITHIN);
                }
                Thread.sleep(pause.toMillis());
            }
        } finally {
            await(connection.close());
        }
    }

    private static long spentOf(String answer) {
        Matcher matcher = SPENT.matcher(answer);
        return answer.contains(NOT_DEGRADED) && matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
    }

    private static Future<String> ask(HttpClientConnection connection, String chat) {
        return connection
                .request(new RequestOptions().setMethod(HttpMethod.POST).setURI("/v1/chats/" + chat + "/check"))
                .compose(request -> request.send().compose(response -> answer(chat, response)));
    }

    private static Future<String> answer(String chat, HttpClientResponse response) {
        return response.body()
                .compose(body -> response.statusCode() == OK
                        ? Future.succeededFuture(body.toString())
                        : Future.failedFuture(new IOException(
                                "The check of " + chat + " is answered with " + response.statusCode() + ": " + body)));
    }

    private HttpClientConnection connect(int number) throws InterruptedException {
        return await(clients.get(number % clients.size()).connect(instance));
    }

    private static <T> T await(Future<T> future) throws InterruptedException {
        try {
            return future.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("The instance cannot be asked", e.getCause());
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (Vertx loop : loops) {
            await(loop.close());
        }
    }
}
