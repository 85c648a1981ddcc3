package dev.spendledger.api.runtime;

import dev.spendledger.api.http.Access;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/**
 * Where the other instances reach this one. With a wrong one they would ask nobody, or another, for this one's partitions: so
 * an instance that cannot be reached there does not join them.
 */
final class AdvertisedUrl {
    private static final Duration WITHIN = Duration.ofSeconds(10);
    private static final Duration CALL = Duration.ofSeconds(2);
    private static final long PAUSE_MS = 250;
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;

    private AdvertisedUrl() {}

    /**
     * The URL of an instance for which none is set.
     *
     * @param url where it listens
     * @throws StartException if that is every address of the machine, which is none to be reached at
     */
    static URI ofListener(URI url) throws StartException {
        try {
            if (InetAddress.getByName(url.getHost()).isAnyLocalAddress()) {
                throw new StartException(
                        "LEDGER_ADVERTISED_URL is not set, and must be where the other instances reach this one:"
                                + " LEDGER_HTTP_HOST is " + url.getHost()
                                + ", every address of this machine, and they can be told only one.",
                        null);
            }
            return url;
        } catch (UnknownHostException e) {
            throw new StartException("LEDGER_HTTP_HOST is " + url.getHost() + ", which is no known host.", e);
        }
    }

    /**
     * Asks at the URL who is there, for a while: a name may become known only once the instance listens.
     *
     * @param name the name that this instance, and no other, gives itself
     * @param secret of the instances, if there is one
     * @param tls what is trusted where the URL is one of TLS
     * @throws StartException if another, or nobody, answers
     */
    static void requireThatItLeadsHere(URI advertised, String name, Optional<String> secret, SSLContext tls)
            throws StartException {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CALL)
                .sslContext(tls)
                .build();
        long endNanos = System.nanoTime() + WITHIN.toNanos();
        String found = ask(client, advertised, name, secret);
        while (!found.isEmpty()) {
            if (System.nanoTime() - endNanos > 0) {
                throw new StartException(
                        "LEDGER_ADVERTISED_URL is " + advertised
                                + " and must be where the other instances reach this one, but " + found + ".",
                        null);
            }
            pause();
            found = ask(client, advertised, name, secret);
        }
    }

    /** What is wrong there; empty = nothing. */
    private static String ask(HttpClient client, URI advertised, String name, Optional<String> secret)
            throws StartException {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(advertised.resolve("/internal/instance"))
                    .timeout(CALL);
            secret.ifPresent(shown -> request.header("Authorization", Access.SCHEME + shown));
            var response = client.send(request.build(), BodyHandlers.ofString());
            if (response.statusCode() == UNAUTHORIZED) {
                return "an instance with another LEDGER_INTERNAL_TOKEN_FILE is there";
            }
            if (response.statusCode() != OK) {
                return "who is there answers " + response.statusCode();
            }
            return response.body().contains(name) ? "" : "another instance is there";
        } catch (SSLException e) {
            return "what is there is not trusted by LEDGER_TLS_CA_FILE, or not for this name (" + e.getMessage() + ")";
        } catch (IOException e) {
            return "nobody answers there (" + e + ")";
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static void pause() throws StartException {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static StartException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new StartException("The start was interrupted.", cause);
    }
}
