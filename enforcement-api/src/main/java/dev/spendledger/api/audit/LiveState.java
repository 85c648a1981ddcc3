package dev.spendledger.api.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spendledger.streams.topology.LedgerStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;

/** The stores of a running ledger, read row by row over HTTP. */
public final class LiveState {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    /** A partition that moves or is restored can be read again after a moment. */
    private static final int TRIES = 20;

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);
    /** The most rows of one reply. */
    private static final int ROWS_MAX = 1_000;

    private static final int OK = 200;

    private final HttpClient client;
    private final URI instance;
    private final Optional<String> secret;
    /** Who has answered for a partition last, by store and partition. */
    private final Map<String, URI> owners = new HashMap<>();

    /**
     * @param instance where an instance of the ledger listens
     * @param secret by which the instances know each other; empty = there is none
     * @param tls what is trusted where the instances speak TLS
     */
    public LiveState(URI instance, Optional<String> secret, SSLContext tls) {
        this.secret = secret;
        this.instance = instance;
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .sslContext(tls)
                .build();
    }

    /** The ledger's state could not be read; the message says why, for people. */
    public static final class UnreadableStateException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableStateException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Takes the rows of a store, one by one. */
    public interface Visitor {
        void visit(LedgerStore.Row row);
    }

    /** Reads all rows of one partition of a store. */
    public void read(LedgerStore<?, ?> store, int partition, Visitor visitor) throws UnreadableStateException {
        byte[] from = new byte[0];
        List<StoredRow> rows = rows(store, partition, from, ROWS_MAX);
        while (!rows.isEmpty()) {
            for (StoredRow row : rows) {
                visitor.visit(store.row(row.key, row.value));
                from = successor(row.key);
            }
            rows = rows(store, partition, from, ROWS_MAX);
        }
    }

    /** What the row with these bytes as its key holds; empty = there is none. */
    public Optional<Object> find(LedgerStore<?, ?> store, int partition, byte[] key) throws UnreadableStateException {
        return rows(store, partition, key, 1).stream()
                .filter(row -> Arrays.equals(row.key, key))
                .map(row -> store.row(row.key, row.value).value())
                .findFirst();
    }

    private record StoredRow(byte[] key, byte[] value) {}

    private static byte[] bytes(String base64) {
        return Base64.getUrlDecoder().decode(base64);
    }

    /** The least key above this one. */
    private static byte[] successor(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }

    private List<StoredRow> rows(LedgerStore<?, ?> store, int partition, byte[] from, int most)
            throws UnreadableStateException {
        String place = store.name() + "/" + partition;
        JsonNode reply = ask(owners.getOrDefault(place, instance), store, partition, from, most);
        for (int tries = 1; reply.has("unavailable"); tries++) {
            if (tries == TRIES) {
                throw new UnreadableStateException(
                        "Nobody answers for partition " + partition + " of " + store.name() + ": "
                                + reply.get("unavailable").textValue(),
                        null);
            }
            URI owner = reply.has("owner") ? URI.create(reply.get("owner").textValue()) : instance;
            if (owner.equals(owners.put(place, owner)) || owner.equals(instance)) {
                LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
            }
            reply = ask(owner, store, partition, from, most);
        }
        List<StoredRow> rows = new ArrayList<>();
        for (JsonNode row : reply.get("rows")) {
            rows.add(new StoredRow(
                    bytes(row.get("key").textValue()), bytes(row.get("value").textValue())));
        }
        return rows;
    }

    private JsonNode ask(URI asked, LedgerStore<?, ?> store, int partition, byte[] from, int most)
            throws UnreadableStateException {
        URI uri = URI.create(asked + "/internal/state/" + store.name() + "/" + partition + "?most=" + most + "&from="
                + Base64.getUrlEncoder().withoutPadding().encodeToString(from));
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(REQUEST_TIMEOUT);
        secret.ifPresent(shown -> request.header("Authorization", "Bearer " + shown));
        try {
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            if (response.statusCode() != OK) {
                throw new UnreadableStateException(
                        asked + " answers " + response.statusCode() + " for partition " + partition + " of "
                                + store.name() + ": " + response.body(),
                        null);
            }
            return MAPPER.readTree(response.body());
        } catch (IOException e) {
            throw new UnreadableStateException(
                    "The ledger at " + asked + " does not answer (" + e
                            + "); is it running, and is the address right?"
                            + " It is LEDGER_ADVERTISED_URL, else LEDGER_HTTP_HOST:LEDGER_HTTP_PORT; with TLS,"
                            + " LEDGER_TLS_CA_FILE must hold who vouches for it.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreadableStateException("Interrupted while reading the state of " + asked, e);
        }
    }
}
