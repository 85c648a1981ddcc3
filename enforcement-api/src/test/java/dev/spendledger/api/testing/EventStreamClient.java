package dev.spendledger.api.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A client of an event stream, which reads it on a thread of its own as the standard of server-sent events says. */
public final class EventStreamClient implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final HttpResponse<InputStream> response;
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<String> ids = new CopyOnWriteArrayList<>();
    private final AtomicInteger comments = new AtomicInteger();
    private final Thread thread = new Thread(this::read, "event-stream-client");
    private volatile boolean ended;

    /**
     * An event that has data.
     *
     * @param id of this or, where it has none, of the last that had one
     */
    public record Event(String id, String kind, JsonNode data) {
        /** What an alert may be dropped by. */
        public String alertId() {
            return data.get("alert_id").textValue();
        }
    }

    private EventStreamClient(HttpResponse<InputStream> response) {
        this.response = response;
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Asks for a stream, and returns once its headers are there.
     *
     * @param query with its question mark; may be empty
     * @param headers names and values in turn
     */
    public static EventStreamClient open(URI instance, String query, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(instance + "/v1/events" + query));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return new EventStreamClient(HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .build()
                    .send(request.build(), BodyHandlers.ofInputStream()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while waiting for " + instance, e);
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            String kind = "";
            String data = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(":")) {
                    comments.incrementAndGet();
                } else if (line.startsWith("id: ")) {
                    ids.add(line.substring(4));
                } else if (line.startsWith("event: ")) {
                    kind = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data = line.substring(6);
                } else if (line.isEmpty()) {
                    if (!data.isEmpty()) {
                        events.add(new Event(lastId(), kind, json(data)));
                    }
                    kind = "";
                    data = "";
                }
            }
        } catch (IOException e) {
            // It was broken off, here or there.
        } finally {
            ended = true;
        }
    }

    private static JsonNode json(String text) throws JsonProcessingException {
        return MAPPER.readTree(text);
    }

    public int status() {
        return response.statusCode();
    }

    public HttpHeaders headers() {
        return response.headers();
    }

    /** The events so far that have data. */
    public List<Event> events() {
        return events;
    }

    /** The ids of the alerts among them. */
    public List<String> alertIds() {
        return events.stream().map(Event::alertId).toList();
    }

    /** How many comments have come. */
    public int comments() {
        return comments.get();
    }

    /** The id that came last, to go on from; empty = none has come. */
    public String lastId() {
        return ids.isEmpty() ? "" : ids.get(ids.size() - 1);
    }

    /** Whether nothing more will come. */
    public boolean isEnded() {
        return ended;
    }

    @Override
    public void close() {
        try {
            response.body().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
