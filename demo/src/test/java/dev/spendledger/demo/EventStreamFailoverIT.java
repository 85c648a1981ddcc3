package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The instance that a client of the event stream is on is killed while trees reach their thresholds. */
@Timeout(300)
class EventStreamFailoverIT {
    private static final Duration WITHIN = Duration.ofSeconds(90);
    private static final int TREES = 30;
    private static final int KILLED_AFTER = 10;
    /** Reached by one message after the other. */
    private static final List<Integer> THRESHOLDS = List.of(50, 80, 95, 100);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    Path dir;

    @Test
    void shouldLoseNoAlertWhenTheInstanceOfAClientIsKilled() throws Exception {
        // Given
        try (Cluster cluster = Cluster.start(Map.of(), OptionalInt.of(0), 2, dir, end -> {})) {
            Client client = new Client(cluster.urls());
            client.start();
            await().atMost(WITHIN).until(() -> !client.lastId.isEmpty());

            // When
            for (int tree = 0; tree < TREES; tree++) {
                if (tree == KILLED_AFTER) {
                    await().atMost(WITHIN).until(() -> client.alertIds.size() > THRESHOLDS.size());
                    assertThat(client.at).isEqualTo(cluster.url(1));
                    cluster.kill(1);
                }
                spend(cluster.url(2), "root-" + tree);
            }

            // Then
            Set<String> wanted = wanted();
            await().atMost(WITHIN)
                    .untilAsserted(() -> assertThat(client.alertIds).isEqualTo(wanted));
            assertThat(client.at).isEqualTo(cluster.url(2));
            client.interrupt();
        }
    }

    private static Set<String> wanted() {
        Set<String> ids = ConcurrentHashMap.newKeySet();
        IntStream.range(0, TREES)
                .forEach(tree -> THRESHOLDS.forEach(percent -> ids.add("tree:root-" + tree + ":-1:" + percent)));
        return ids;
    }

    private void spend(URI instance, String root) {
        write(
                instance.resolve("/v1/chats"),
                "{\"chat_id\": \"" + root + "\", \"account_id\": \"acme\", \"spend_limit_micros\": 100}");
        String messages = Stream.of(50, 30, 15, 5)
                .map(cost -> "{\"message_id\": \"m-" + cost + "\", \"chat_id\": \"" + root
                        + "\", \"account_id\": \"acme\", \"cost_micros\": " + cost + "}")
                .toList()
                .toString();
        write(instance.resolve("/v1/messages"), messages);
    }

    /** What is not acknowledged is sent again. */
    private void write(URI route, String body) {
        await().atMost(WITHIN)
                .pollDelay(Duration.ZERO)
                .until(
                        () -> http.send(
                                        HttpRequest.newBuilder(route)
                                                .header("Content-Type", "application/json")
                                                .POST(BodyPublishers.ofString(body))
                                                .build(),
                                        BodyHandlers.discarding())
                                .statusCode(),
                        status -> status / 100 == 2);
    }

    /** Listens at one instance after the other, as long as there is anything to hear, and goes on with the last id. */
    private final class Client extends Thread {
        private final List<URI> instances;
        private final Set<String> alertIds = ConcurrentHashMap.newKeySet();
        private volatile String lastId = "";
        private volatile URI at;

        Client(List<URI> instances) {
            super("event-stream-client");
            this.instances = instances;
            setDaemon(true);
        }

        @Override
        public void run() {
            for (int i = 0; !isInterrupted(); i++) {
                at = instances.get(i % instances.size());
                try {
                    listen();
                } catch (IOException | UncheckedIOException e) {
                    // It is gone, so the next.
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        private void listen() throws IOException, InterruptedException {
            HttpRequest.Builder request = HttpRequest.newBuilder(at.resolve("/v1/events"));
            if (!lastId.isEmpty()) {
                request.header("Last-Event-ID", lastId);
            }
            HttpResponse<Stream<String>> response = http.send(request.build(), BodyHandlers.ofLines());
            String[] id = {lastId};
            response.body().forEach(line -> {
                if (line.startsWith("id: ")) {
                    id[0] = line.substring("id: ".length());
                } else if (line.startsWith("data: ")) {
                    alertIds.add(read(line.substring("data: ".length()))
                            .get("alert_id")
                            .textValue());
                } else if (line.isEmpty()) {
                    lastId = id[0]; // Only once the event is there whole.
                }
            });
        }

        private JsonNode read(String json) {
            try {
                return JSON.readTree(json);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
