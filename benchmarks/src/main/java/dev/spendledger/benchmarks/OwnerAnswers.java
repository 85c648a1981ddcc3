package dev.spendledger.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Whether checks are answered as they should be: by the owner, with nothing degraded, judged by the tree's limit and by the
 * account's. What stands in for the owner might be faster. Not thread-safe.
 */
final class OwnerAnswers {
    private static final int OK = 200;
    private static final String OWNER = "owner";
    private static final int SCOPES = 2;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI url;
    private final List<String> paths;
    private int asked;
    private long looks;
    private long others;
    private JsonNode lastOther;
    private long lagMostMs;

    /** @param paths of the checks to ask for, in turn */
    OwnerAnswers(URI url, List<String> paths) {
        this.url = url;
        this.paths = List.copyOf(paths);
    }

    /** Asks for a check, and whether its answer is as it should be. */
    boolean isGiven(String path) throws InterruptedException {
        try {
            HttpResponse<byte[]> response = ask(path);
            return response.statusCode() == OK && isOwners(JSON.readTree(response.body()));
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Asks for the next check, and looks at its answer.
     *
     * @throws IllegalStateException if it is no 200
     */
    void lookAtNext() throws IOException, InterruptedException {
        HttpResponse<byte[]> response = ask(paths.get(asked++ % paths.size()));
        if (response.statusCode() != OK) {
            throw new IllegalStateException(response.uri() + " answers " + response.statusCode() + ": "
                    + new String(response.body(), StandardCharsets.UTF_8));
        }
        lookAt(response.body());
    }

    /** Looks at the answer of a check that was allowed. */
    void lookAt(byte[] body) throws IOException {
        JsonNode answer = JSON.readTree(body);
        looks++;
        if (!isOwners(answer)) {
            others++;
            lastOther = answer;
        }
        lagMostMs = Math.max(lagMostMs, answer.path("lag_ms").asLong());
    }

    /** Forgets what it has looked at. */
    void forget() {
        looks = 0;
        others = 0;
    }

    /**
     * @throws IllegalStateException if an answer that it has looked at was not as it should be
     */
    void requireAll() {
        if (others > 0) {
            throw new IllegalStateException("Of " + looks + " checks looked at, " + others + " were not answered by the"
                    + " owner, undegraded and with both limits, so the figures would say nothing. The last of them: "
                    + lastOther);
        }
    }

    /** By how much the fold was behind at most, in all answers since the last call. */
    long takeLagMostMs() {
        long most = lagMostMs;
        lagMostMs = 0;
        return most;
    }

    private static boolean isOwners(JsonNode answer) {
        return !answer.path("degraded").asBoolean(true)
                && answer.path("served_by").asText().equals(OWNER)
                && answer.path("scopes").size() == SCOPES;
    }

    private HttpResponse<byte[]> ask(String path) throws IOException, InterruptedException {
        HttpRequest check = HttpRequest.newBuilder(url.resolve(path))
                .POST(BodyPublishers.noBody())
                .build();
        return http.send(check, BodyHandlers.ofByteArray());
    }
}
