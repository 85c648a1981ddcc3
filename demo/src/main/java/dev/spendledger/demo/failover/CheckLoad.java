package dev.spendledger.demo.failover;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A chat service that checks at a steady rate, through what does the work of a load balancer. A check is sent when it is due,
 * whatever became of those before, and its latency counts from then. It goes to the instances in turn, without those whose
 * {@code /readyz}, asked every {@value #LOOK_MS} ms, is not 200; where the connection breaks it is sent once more, to another.
 *
 * <p>All of it happens on one event loop, and so do all changes of its fields.
 */
final class CheckLoad implements AutoCloseable {
    private static final long LOOK_MS = 100;
    private static final long TICK_MS = 1;
    /** What takes longer is not going to come: four deadlines of a check. */
    private static final long ANSWERED_WITHIN_MS = 1_000;

    private static final int IN_FLIGHT_MOST = 2_000;
    private static final int CONNECTIONS_MOST = 64;
    /** One check in so many does not name the root of its chat, and has it looked up. */
    private static final int ROOTLESS_EVERY = 4;

    /** Of one scenario: many times what it takes, and what the heap has room for. */
    private static final int ANSWERS_MOST = 3_000_000;

    private static final int OK = 200;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Vertx vertx = Vertx.vertx(
            new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1).setInternalBlockingPoolSize(1));
    private final Context loop = vertx.getOrCreateContext();
    private final HttpClient http = vertx.httpClientBuilder()
            .with(new HttpClientOptions().setConnectTimeout((int) ANSWERED_WITHIN_MS))
            .with(new PoolOptions().setHttp1MaxSize(CONNECTIONS_MOST))
            // Connections are here to be broken; without this each that is gets into the log. Its checks are told as
            // well.
            .withConnectHandler(connection -> connection.exceptionHandler(broken -> {}))
            .build();
    private final List<URI> urls;
    private final List<Tree> trees;
    private final int rate;
    private final boolean someRootless;
    private final SplittableRandom random;
    private final ReadySet ready;
    private final boolean[] looking;
    private List<Answer> answers = new ArrayList<>();
    private long fromMs;
    private long startMs;
    private long startNanos;
    private long sent;
    private int inFlight;
    private long tick;
    private long look;
    private Promise<Answers> stopping;

    /** A check on its way, and when it was due. */
    private record Check(Tree tree, String chatId, boolean namesRoot, long dueNanos) {}

    /**
     * What all checks came to, and how often an instance was found not ready.
     *
     * @param looksNotReady looks at {@code /readyz} that were answered with anything but 200, or not at all
     */
    record Outcome(Answers answers, long looksNotReady) {}

    /**
     * @param urls of the instances, in their order
     * @param trees whose chats to ask for
     * @param rate checks a second
     * @param someRootless whether some of them leave {@code root_chat_id} out
     */
    CheckLoad(List<URI> urls, List<Tree> trees, int rate, boolean someRootless, long seed) {
        this.urls = List.copyOf(urls);
        this.trees = List.copyOf(trees);
        this.rate = rate;
        this.someRootless = someRootless;
        this.random = new SplittableRandom(seed);
        this.ready = new ReadySet(urls.size());
        this.looking = new boolean[urls.size()];
    }

    /** Begins to look which instances are ready, and to ask those that are. */
    void start() {
        onLoop(() -> {
            startMs = System.currentTimeMillis();
            startNanos = System.nanoTime();
            sent = 0;
            forgetOnLoop();
            lookAtAll();
            look = vertx.setPeriodic(LOOK_MS, id -> lookAtAll());
            tick = vertx.setPeriodic(TICK_MS, id -> sendWhatIsDue());
            return Future.succeededFuture();
        });
    }

    /** Forgets all answers so far: what counts begins now. */
    void forget() {
        onLoop(() -> {
            forgetOnLoop();
            return Future.succeededFuture();
        });
    }

    private void forgetOnLoop() {
        answers = new ArrayList<>();
        ready.forget();
        fromMs = System.currentTimeMillis();
    }

    /** Sends no more; returns once all that was sent has come to something. */
    Outcome stop() {
        return onLoop(() -> {
            vertx.cancelTimer(tick);
            vertx.cancelTimer(look);
            stopping = Promise.promise();
            long toMs = System.currentTimeMillis();
            long notReady = ready.looksNotReady();
            Future<Outcome> outcome = stopping.future()
                    .map(nothing -> new Outcome(new Answers(answers, fromMs, toMs).between(fromMs, toMs), notReady));
            completeIfStopped();
            return outcome;
        });
    }

    private <T> T onLoop(Supplier<Future<T>> work) {
        Promise<T> done = Promise.promise();
        loop.runOnContext(nothing -> work.get().onComplete(done));
        try {
            return done.future()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(10 * ANSWERED_WITHIN_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for the checks", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("The checks do not come to an end", e);
        }
    }

    private void completeIfStopped() {
        if (stopping != null && inFlight == 0) {
            stopping.tryComplete();
        }
    }

    private void lookAtAll() {
        for (int instance = 1; instance <= urls.size(); instance++) {
            if (!looking[instance - 1]) {
                lookAt(instance);
            }
        }
    }

    private void lookAt(int instance) {
        looking[instance - 1] = true;
        request(instance, HttpMethod.GET, "/readyz", null).onComplete(reply -> {
            looking[instance - 1] = false;
            ready.onLook(instance, reply.succeeded() && reply.result().status() == OK);
        });
    }

    private void sendWhatIsDue() {
        long due = (System.nanoTime() - startNanos) * rate / TimeUnit.SECONDS.toNanos(1);
        while (sent < due && inFlight < IN_FLIGHT_MOST && answers.size() < ANSWERS_MOST) {
            send(startNanos + sent * TimeUnit.SECONDS.toNanos(1) / rate);
            sent++;
        }
    }

    private void send(long dueNanos) {
        Tree tree = trees.get(random.nextInt(trees.size()));
        String chatId = tree.chatIds().get(random.nextInt(tree.chatIds().size()));
        Check check = new Check(tree, chatId, !someRootless || random.nextInt(ROOTLESS_EVERY) > 0, dueNanos);
        inFlight++;
        OptionalInt instance = ready.next();
        if (instance.isPresent()) {
            ask(check, instance.getAsInt(), true);
        } else {
            end(check, 0, null);
        }
    }

    private void ask(Check check, int instance, boolean mayAskAnother) {
        String body = check.namesRoot()
                ? "{\"operation\":\"model_step\",\"root_chat_id\":\""
                        + check.tree().rootId() + "\"}"
                : "{\"operation\":\"model_step\"}";
        request(instance, HttpMethod.POST, "/v1/chats/" + check.chatId() + "/check", body)
                .onComplete(reply -> {
                    OptionalInt another =
                            mayAskAnother && isBroken(reply.cause()) ? ready.nextBut(instance) : OptionalInt.empty();
                    if (another.isPresent()) {
                        ask(check, another.getAsInt(), false);
                    } else {
                        end(check, instance, reply.result());
                    }
                });
    }

    /** A client does not ask again where it has waited in vain; a connection that breaks off says that nobody is there. */
    private static boolean isBroken(Throwable failure) {
        return failure != null && !(failure instanceof TimeoutException);
    }

    private void end(Check check, int instance, Reply reply) {
        inFlight--;
        long latencyMicros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - check.dueNanos());
        long askedMs = startMs + TimeUnit.NANOSECONDS.toMillis(check.dueNanos() - startNanos);
        answers.add(
                reply == null
                        ? Answer.none(check.tree(), instance, askedMs, latencyMicros)
                        : reply.answer(check.tree(), instance, askedMs, latencyMicros));
        completeIfStopped();
    }

    /** What an instance has said. */
    private record Reply(int status, Buffer body) {
        Answer answer(Tree tree, int instance, long askedMs, long latencyMicros) {
            return Answer.of(tree, instance, askedMs, latencyMicros, status, json());
        }

        /** Of a server in trouble one has to expect anything; what is no JSON says nothing. */
        private JsonNode json() {
            try {
                return JSON.readTree(body.getBytes());
            } catch (IOException e) {
                return MissingNode.getInstance();
            }
        }
    }

    private Future<Reply> request(int instance, HttpMethod method, String path, String body) {
        URI url = urls.get(instance - 1);
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setHost(url.getHost())
                .setPort(url.getPort())
                .setURI(path)
                .setConnectTimeout(ANSWERED_WITHIN_MS)
                .setIdleTimeout(ANSWERED_WITHIN_MS);
        Future<Reply> reply = http.request(options)
                .compose(request -> {
                    if (body == null) {
                        return request.send();
                    }
                    request.putHeader("Content-Type", "application/json");
                    return request.send(Buffer.buffer(body));
                })
                .compose(response -> response.body().map(read -> new Reply(response.statusCode(), read)));
        return reply.timeout(ANSWERED_WITHIN_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
