package dev.spendledger.benchmarks;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks for checks of chats until they show what their trees have spent. Asking takes of the same processors as what is asked:
 * it is done on one event loop, over connections that are kept. A check that does not show the sum yet is asked for again at
 * once, and 10 ms after the beginning and later only once a tenth more of the time has passed. So a time is measured too long
 * by what one answer takes, or by a tenth, at most.
 */
final class SightWatcher implements AutoCloseable {
    private static final int CONNECTIONS_MOST = 64;
    private static final int WAIT_PART = 10;
    /** A ledger that is given more than it can fold falls behind by this much in a run of some length. */
    private static final Duration SEEN_WITHIN = Duration.ofMinutes(1);

    private static final Pattern SPENT = Pattern.compile("\"spent_micros\":(\\d+)");

    private final Vertx vertx = Vertx.vertx(
            new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1).setInternalBlockingPoolSize(1));
    private final Context loop = vertx.getOrCreateContext();
    private final HttpClient http = vertx.httpClientBuilder()
            .with(new PoolOptions().setHttp1MaxSize(CONNECTIONS_MOST))
            .build();
    private final URI url;

    private record Watch(String chatId, long micros, long sinceNanos, Promise<Long> seenNanos) {}

    SightWatcher(URI url) {
        this.url = url;
    }

    /**
     * When a check first shows that the chat's tree has spent so much, or more, as {@link System#nanoTime()}. It is a {@link
     * TimeoutException} if none does within a minute.
     *
     * @param sinceNanos since when, in the same terms, it could
     */
    CompletableFuture<Long> seen(String chatId, long micros, long sinceNanos) {
        Watch watch = new Watch(chatId, micros, sinceNanos, Promise.promise());
        loop.runOnContext(nothing -> ask(watch));
        return watch.seenNanos().future().toCompletionStage().toCompletableFuture();
    }

    private void ask(Watch watch) {
        http.request(new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setHost(url.getHost())
                        .setPort(url.getPort())
                        .setURI("/v1/chats/" + watch.chatId() + "/check"))
                .compose(HttpClientRequest::send)
                .compose(HttpClientResponse::body)
                .onSuccess(reply -> onReply(watch, reply))
                .onFailure(watch.seenNanos()::fail);
    }

    private void onReply(Watch watch, Buffer reply) {
        long nowNanos = System.nanoTime();
        long waitedNanos = nowNanos - watch.sinceNanos();
        long pauseMs = TimeUnit.NANOSECONDS.toMillis(waitedNanos / WAIT_PART);
        if (spent(reply.toString()) >= watch.micros()) {
            watch.seenNanos().complete(nowNanos);
        } else if (waitedNanos > SEEN_WITHIN.toNanos()) {
            watch.seenNanos()
                    .fail(new TimeoutException("No check of " + watch.chatId() + " has shown " + watch.micros()
                            + " micros within " + SEEN_WITHIN.toSeconds() + " s; the last reply is " + reply));
        } else if (pauseMs == 0) {
            ask(watch);
        } else {
            vertx.setTimer(pauseMs, timer -> ask(watch));
        }
    }

    /** The sum that a reply shows; -1 if it shows none. */
    private static long spent(String reply) {
        Matcher matcher = SPENT.matcher(reply);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
