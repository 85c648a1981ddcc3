package dev.spendledger.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** People with the page open, as an instance sees them: each has an event stream of all warnings, the fastest trees and one tree. */
final class Watchers implements AutoCloseable {
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<InputStream> streams = new ArrayList<>();
    private final AtomicLong events = new AtomicLong();

    private Watchers() {}

    /**
     * Opens their streams.
     *
     * @param rootChatId the tree that each of them looks at
     */
    static Watchers open(URI ledger, String rootChatId, int number) throws IOException, InterruptedException {
        Watchers watchers = new Watchers();
        try {
            for (int i = 0; i < number; i++) {
                watchers.open(ledger.resolve(
                        "/v1/events?kind=tree_threshold,account_threshold,trees,tree&root_chat_id=" + rootChatId));
            }
            return watchers;
        } catch (IOException | InterruptedException | RuntimeException e) {
            watchers.close();
            throw e;
        }
    }

    private void open(URI url) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new IOException(url + " was answered with " + response.statusCode());
        }
        streams.add(response.body());
        Thread reader = new Thread(() -> read(response.body()), "watcher-" + streams.size());
        reader.setDaemon(true);
        reader.start();
    }

    private void read(InputStream stream) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data:")) {
                    events.incrementAndGet();
                }
            }
        } catch (IOException e) {
            // It was closed: how many events came by then is what is asked of it.
        }
    }

    /** The events that all of them together have got. */
    long events() {
        return events.get();
    }

    @Override
    public void close() throws IOException {
        for (InputStream stream : streams) {
            stream.close();
        }
    }
}
