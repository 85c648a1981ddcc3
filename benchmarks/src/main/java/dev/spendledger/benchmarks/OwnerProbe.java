package dev.spendledger.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spendledger.streams.topology.LedgerTopology;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Asks whose word is given for a partition: by the spend of a tree there, another one each time, so that nobody answers from
 * what it remembers of it. Not thread-safe.
 */
final class OwnerProbe {
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(2);
    private static final int OK = 200;
    private static final String OWNER = "owner";
    private static final Set<String> OWNERS = Set.of(OWNER, "peer");
    private static final String COPY = "standby";
    private static final long LAG_MOST_MS = 5_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ANSWERS_WITHIN)
            .build();
    private final Map<Integer, List<String>> rootsByPartition;
    private final Map<Integer, Integer> asked = new HashMap<>();

    /** @param rootsByPartition roots of trees, for each partition */
    OwnerProbe(Map<Integer, List<String>> rootsByPartition) {
        this.rootsByPartition = Map.copyOf(rootsByPartition);
    }

    /** The partitions that an instance is the fresh owner of. */
    List<Integer> owned(URI instance) throws InterruptedException {
        List<Integer> owned = new ArrayList<>();
        for (int partition : rootsByPartition.keySet()) {
            if (servedBy(instance, partition).equals(OWNER)) {
                owned.add(partition);
            }
        }
        return owned;
    }

    /** Whether for each of these partitions one of the instances gives a fresh owner's word. */
    boolean haveOwners(List<Integer> partitions, List<URI> instances) throws InterruptedException {
        for (int partition : partitions) {
            if (!isOwnerKnown(partition, instances)) {
                return false;
            }
        }
        return true;
    }

    private boolean isOwnerKnown(int partition, List<URI> instances) throws InterruptedException {
        for (URI instance : instances) {
            if (OWNERS.contains(servedBy(instance, partition))) {
                return true;
            }
        }
        return false;
    }

    /** Whether each partition has a copy that has caught up. */
    boolean allHaveCopies(List<URI> instances) throws InterruptedException {
        for (int partition : rootsByPartition.keySet()) {
            if (!hasCopy(partition, instances)) {
                return false;
            }
        }
        return true;
    }

    private boolean hasCopy(int partition, List<URI> instances) throws InterruptedException {
        String path = "/internal/state/" + LedgerTopology.SPEND_BY_ROOT.name() + "/" + partition + "?most=1&copy=true";
        for (URI instance : instances) {
            JsonNode reply = get(instance.resolve(path));
            if (reply.path("served_by").asText().equals(COPY)
                    && reply.path("lag_ms").asLong(Long.MAX_VALUE) < LAG_MOST_MS) {
                return true;
            }
        }
        return false;
    }

    /** Who gives the spend of a tree; empty = nobody, or not freshly. */
    private String servedBy(URI instance, int partition) throws InterruptedException {
        List<String> roots = rootsByPartition.get(partition);
        String root = roots.get(asked.merge(partition, 1, Integer::sum) % roots.size());
        JsonNode reply = get(instance.resolve("/v1/chats/" + root + "/spend"));
        return reply.path("degraded").asBoolean(true)
                ? ""
                : reply.path("served_by").asText();
    }

    /** Missing = there is no answer, or an error. */
    private JsonNode get(URI uri) throws InterruptedException {
        try {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(uri).timeout(ANSWERS_WITHIN).build(), BodyHandlers.ofString());
            return response.statusCode() == OK ? JSON.readTree(response.body()) : JSON.missingNode();
        } catch (IOException e) {
            return JSON.missingNode();
        }
    }
}
