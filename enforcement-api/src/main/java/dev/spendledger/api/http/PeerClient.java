package dev.spendledger.api.http;

import dev.spendledger.api.metrics.LedgerMeters;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Peers;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.RowRange;
import dev.spendledger.api.query.StateReader.StoredRow;
import dev.spendledger.api.query.TopList;
import dev.spendledger.api.query.TreeOrder;
import dev.spendledger.streams.topology.LedgerStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.TrustManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks other instances over HTTP: bounded in time, in connections and in how many calls wait for one. */
public final class PeerClient implements Peers {
    private static final Logger log = LoggerFactory.getLogger(PeerClient.class);
    /** To one instance, on each event loop. */
    private static final int CONNECTIONS_MOST = 32;

    private static final int WAITING_MOST = 256;
    /** One that cannot be reached so often in a row is left alone for a while. */
    private static final int FAILURES_MOST = 3;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** To read a longer reply takes milliseconds that an event loop has not. */
    private static final int LONG_REPLY_BYTES = 16 * 1024;

    private static final Failures NONE = new Failures(0, 0);

    private final Vertx vertx;
    private final HttpClientAgent client;
    private final Supplier<Optional<String>> secret;
    private final Duration timeout;
    private final LedgerMeters meters;
    /** Of those that did not answer last. There are as many as instances have ever been heard of. */
    private final Map<URI, Failures> failures = new ConcurrentHashMap<>();

    /** How often in a row an instance did not answer, and when last. */
    private record Failures(int count, long lastNanos) {
        Failures oneMore() {
            return new Failures(count + 1, System.nanoTime());
        }

        boolean isPause() {
            return count >= FAILURES_MOST && System.nanoTime() - lastNanos < PAUSE_NANOS;
        }
    }

    /** It did answer, but with something else than was asked for. */
    private static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * @param secret of the instances, as it is now; empty = there is none
     * @param trusted whose certificates are believed; empty = what Java trusts
     * @param timeout how long one call may take
     * @param keepAlive how long a connection is kept without a call; shorter than the other instances keep it
     */
    public PeerClient(
            Vertx vertx,
            Supplier<Optional<String>> secret,
            Optional<TrustManagerFactory> trusted,
            Duration timeout,
            Duration keepAlive,
            LedgerMeters meters) {
        this.vertx = vertx;
        this.secret = secret;
        this.timeout = timeout;
        this.meters = meters;
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(Math.toIntExact(timeout.toMillis()))
                .setKeepAliveTimeout(Math.toIntExact(keepAlive.toSeconds()))
                .setTcpNoDelay(true);
        trusted.map(TrustOptions::wrap).ifPresent(options::setTrustOptions);
        client = vertx.createHttpClient(
                options, new PoolOptions().setHttp1MaxSize(CONNECTIONS_MOST).setMaxWaitQueueSize(WAITING_MOST));
    }

    /** From the next connection on, believes the certificates of others. */
    public void trust(TrustManagerFactory trusted) {
        client.updateSSLOptions(new ClientSSLOptions()
                .setHostnameVerificationAlgorithm("HTTPS")
                .setTrustOptions(TrustOptions.wrap(trusted)));
    }

    @Override
    public Future<Reading<List<StoredRow>>> rows(URI instance, LedgerStore<?, ?> store, int partition, RowRange range) {
        if (failures.getOrDefault(instance, NONE).isPause()) {
            return unreachable();
        }
        return ask(instance, InternalRoutes.statePath(store, partition, range), InternalRoutes::reading)
                .onFailure(failure -> {
                    // Of another route it may only say that it is of another version.
                    if (failure instanceof UnusableException) {
                        failed(instance, failure);
                    }
                })
                .recover(failure -> unreachable());
    }

    @Override
    public Future<TopList> topTrees(URI instance, TreeOrder order) {
        return ask(instance, InternalRoutes.topTreesPath(order), InternalRoutes::topTrees)
                .recover(failure -> Future.succeededFuture(TopList.EMPTY));
    }

    @Override
    public Future<Optional<Instant>> committedAsOf(URI instance, LedgerStore<?, ?> store, int partition) {
        return ask(instance, InternalRoutes.progressPath(store, partition), InternalRoutes::committedAsOf)
                .recover(failure -> Future.succeededFuture(Optional.empty()));
    }

    private <T> Future<T> ask(URI instance, String path, Function<Buffer, T> reply) {
        RequestOptions request = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setSsl("https".equals(instance.getScheme()))
                .setHost(instance.getHost())
                .setPort(instance.getPort())
                .setURI(path)
                .setTimeout(timeout.toMillis());
        secret.get().ifPresent(shown -> request.putHeader(HttpHeaders.AUTHORIZATION, Access.SCHEME + shown));
        Promise<T> read = Promise.promise();
        Future.succeededFuture(request)
                .compose(client::request) // Which throws once the instance is being closed.
                .compose(ready -> {
                    // Before it is sent: this thread may be held up, and a body that nobody waits for is lost.
                    Future<Buffer> answer = ready.response().compose(PeerClient::body);
                    return ready.end().compose(sent -> answer);
                })
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .onSuccess(body -> read(read, body, reply))
                .onFailure(read::fail);
        return read.future()
                .onSuccess(answer -> {
                    failures.remove(instance);
                    meters.onPeerCall(true);
                })
                .onFailure(failure -> {
                    // One that is only slow just now may be the one that knows.
                    if (!(failure instanceof TimeoutException
                            || failure instanceof ConnectionPoolTooBusyException
                            || failure instanceof UnusableException)) {
                        failed(instance, failure);
                    }
                    meters.onPeerCall(false);
                });
    }

    private void failed(URI instance, Throwable failure) {
        int count = failures.merge(instance, NONE.oneMore(), (known, one) -> known.oneMore())
                .count();
        if (count == FAILURES_MOST) {
            log.warn(
                    "An instance does not answer. instance={} cause={} root_cause={}",
                    instance,
                    failure.toString(),
                    root(failure).toString());
        }
    }

    /** Of TLS it alone says what is wrong. */
    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static Future<Buffer> body(HttpClientResponse response) {
        return response.statusCode() == 200
                ? response.body()
                : Future.failedFuture(new UnusableException("status " + response.statusCode(), null));
    }

    /** Whoever goes on with a long reply has as much to do: on the same worker thread, so the promise has no context. */
    private <T> void read(Promise<T> read, Buffer body, Function<Buffer, T> reply) {
        if (body.length() > LONG_REPLY_BYTES) {
            vertx.executeBlocking(() -> complete(read, body, reply), false)
                    .onFailure(read::tryFail); // There are no worker threads any more.
        } else {
            complete(read, body, reply);
        }
    }

    private static <T> Promise<T> complete(Promise<T> read, Buffer body, Function<Buffer, T> reply) {
        try {
            read.complete(reply.apply(body));
        } catch (RuntimeException e) {
            read.fail(new UnusableException("its reply cannot be read", e));
        }
        return read;
    }

    private static Future<Reading<List<StoredRow>>> unreachable() {
        return Future.succeededFuture(new Reading.Unavailable<>(DegradedReason.OWNER_UNREACHABLE));
    }
}
