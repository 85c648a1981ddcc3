package dev.spendledger.benchmarks;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Asks at a steady rate, whatever became of the requests before, as many clients together do. A request goes out when it is
 * due, or when a connection is free again; its latency counts from when it was due, so that a server which stands still is
 * charged with all that waits meanwhile. What waits is a number and takes no memory.
 */
final class OpenLoad implements AutoCloseable {
    /** Later than this an answer is of no use: four deadlines of a check. */
    static final Duration IN_TIME = Duration.ofSeconds(1);

    /** A thread that sleeps gets up no sooner than after some 50 microseconds anyhow. */
    private static final long PACE_NANOS = 50_000;

    private static final Duration ENDS_WITHIN = Duration.ofSeconds(30);
    private static final int LOOKED_AT_EVERY = 100;
    private static final int OK = 200;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final Context loop = vertx.getOrCreateContext();
    private final HttpClient http;
    private final int connections;

    /**
     * What one run came to.
     *
     * @param micros latencies of all requests; of those that never went out, how long they had waited
     * @param late how many were not answered within {@link #IN_TIME}
     */
    record Result(Histogram micros, long late) {}

    /** Is shown some of the answers. */
    @FunctionalInterface
    interface Look {
        void look(byte[] body) throws IOException;
    }

    /** @param connections how many requests can be under way at once */
    OpenLoad(int connections) {
        this.connections = connections;
        this.http = vertx.httpClientBuilder()
                .with(new HttpClientOptions().setPipelining(false))
                .with(new PoolOptions().setHttp1MaxSize(connections))
                .build();
    }

    /**
     * One run.
     *
     * @param paths what to POST to, in turn
     * @param rate requests a second
     * @param look is shown the body of one answer in {@value #LOOKED_AT_EVERY}
     * @throws IllegalStateException if an answer was not 200, or there was none
     */
    Result run(URI url, List<String> paths, int rate, int seconds, Look look)
            throws InterruptedException, TimeoutException {
        Run run = new Run(url, paths, rate, (long) rate * seconds, look);
        AtomicBoolean told = new AtomicBoolean();
        long endNanos = run.startNanos + TimeUnit.SECONDS.toNanos(seconds) + IN_TIME.toNanos();
        while (System.nanoTime() - endNanos < 0 && !run.done.isDone()) {
            if (told.compareAndSet(false, true)) { // Else it has not come to the last one yet.
                loop.runOnContext(nothing -> {
                    told.set(false);
                    run.sendWhatIsDue();
                });
            }
            LockSupport.parkNanos(Math.max(PACE_NANOS, run.nanosToNextDue()));
        }
        loop.runOnContext(nothing -> run.stop());
        try {
            return run.done.get(ENDS_WITHIN.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Not every request to " + url + " was answered well", e.getCause());
        }
    }

    /** All of it on the event loop, but for when the next is due. */
    private final class Run {
        private final long startNanos = System.nanoTime();
        private final CompletableFuture<Result> done = new CompletableFuture<>();
        private final Histogram micros = new Histogram(3);
        private final URI url;
        private final List<String> paths;
        private final int rate;
        private final long count;
        private final Look look;
        private long sent;
        private long answered;
        private boolean stopped;

        Run(URI url, List<String> paths, int rate, long count, Look look) {
            this.url = url;
            this.paths = paths;
            this.rate = rate;
            this.count = count;
            this.look = look;
        }

        private long dueNanos(long number) {
            return startNanos + TimeUnit.SECONDS.toNanos(1) * number / rate;
        }

        long nanosToNextDue() {
            long now = System.nanoTime();
            return dueNanos((now - startNanos) * rate / TimeUnit.SECONDS.toNanos(1) + 1) - now;
        }

        void sendWhatIsDue() {
            while (!stopped
                    && sent < count
                    && sent - answered < connections
                    && System.nanoTime() - dueNanos(sent) >= 0) {
                send(sent++);
            }
        }

        private void send(long number) {
            RequestOptions options = new RequestOptions()
                    .setMethod(HttpMethod.POST)
                    .setHost(url.getHost())
                    .setPort(url.getPort())
                    .setURI(paths.get((int) (number % paths.size())));
            http.request(options)
                    .compose(request -> request.send())
                    .compose(response -> response.body().map(body -> check(response, number, body)))
                    .onComplete(answer -> {
                        record(number);
                        answered++;
                        if (answer.failed()) {
                            stopped = true;
                            done.completeExceptionally(answer.cause());
                        }
                        sendWhatIsDue();
                        completeIfOver();
                    });
        }

        private Buffer check(HttpClientResponse response, long number, Buffer body) {
            if (response.statusCode() != OK) {
                throw new IllegalStateException("The answer is " + response.statusCode() + ": " + body);
            }
            if (number % LOOKED_AT_EVERY == 0) {
                try {
                    look.look(body.getBytes());
                } catch (IOException e) {
                    throw new IllegalStateException("The answer is no JSON: " + body, e);
                }
            }
            return body;
        }

        private void record(long number) {
            micros.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - dueNanos(number)));
        }

        /** Sends no more. What is under way is waited for. */
        void stop() {
            stopped = true;
            completeIfOver();
        }

        private void completeIfOver() {
            if (!done.isDone() && answered == sent && (stopped || sent == count)) {
                // A run that leaves out what waited longest would look the better the worse it went.
                for (long number = sent; number < count; number++) {
                    record(number);
                }
                sent = count;
                answered = count;
                long inTime = micros.getCountBetweenValues(0, TimeUnit.NANOSECONDS.toMicros(IN_TIME.toNanos()));
                done.complete(new Result(micros, count - inTime));
            }
        }
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
