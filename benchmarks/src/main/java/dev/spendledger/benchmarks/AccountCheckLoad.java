package dev.spendledger.benchmarks;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Two accounts, one with few messages in this month and one with many on the same days, and checks of both in turn. */
final class AccountCheckLoad implements AutoCloseable {
    private static final String FEW = "few";
    private static final String MANY = "many";
    /** Never reached; with a limit of their own both are judged by what they have spent. */
    private static final String LIMIT = "{\"spend_limit_micros\": 1000000000000}";

    private static final int DAYS_MOST = 10;
    private static final Duration COUNTED_WITHIN = Duration.ofMinutes(10);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final double NANOS_PER_MICRO = 1_000.0;
    private static final int OK = 200;
    private static final TopicNames NAMES = new TopicNames("");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final KafkaProducer<String, SpecificRecord> producer;
    private final URI url;

    /** The median times of one run's checks. */
    record Run(double fewMicros, double manyMicros) {}

    AccountCheckLoad(URI url, String bootstrapServers) {
        this.url = url;
        this.producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "acks",
                        "all",
                        "linger.ms",
                        "5",
                        "compression.type",
                        "lz4"),
                new StringSerializer(),
                new EventSerde(new BundledRegistry()).serializer());
    }

    /** Gives each account its messages, and waits until all of them are counted. */
    void prepare(int few, int many) throws IOException, InterruptedException, ExecutionException, TimeoutException {
        spend(FEW, few);
        spend(MANY, many);
        producer.flush();
        awaitCounted(FEW, few);
        awaitCounted(MANY, many);
    }

    private void spend(String account, int messages) throws IOException, InterruptedException, ExecutionException {
        requireOk(http.send(
                request("/v1/limits/accounts/" + account)
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString(LIMIT))
                        .build(),
                BodyHandlers.ofString()));
        send(Topic.CHATS, account, new ChatCreated(account, null, null, account, null, Instant.now()));
        Instant now = Instant.now();
        int days = Math.min(DAYS_MOST, LocalDate.ofInstant(now, ZoneOffset.UTC).getDayOfMonth());
        for (int i = 0; i < messages; i++) {
            Instant pricedAt = now.minus(Duration.ofDays(i % days));
            send(
                    Topic.PRICED_MESSAGES,
                    account,
                    new MessagePriced(account + "-" + i, account, account, account, 0, 1L, null, null, null, pricedAt));
        }
    }

    /** Not waited for one by one: should one be lost, its account never has all that are waited for. */
    private void send(Topic topic, String key, SpecificRecord event) {
        producer.send(new ProducerRecord<>(NAMES.of(topic), key, event));
    }

    private void awaitCounted(String account, int messages) throws IOException, InterruptedException, TimeoutException {
        HttpRequest spend = request("/v1/accounts/" + account + "/spend").GET().build();
        long endNanos = System.nanoTime() + COUNTED_WITHIN.toNanos();
        String reply = requireOk(http.send(spend, BodyHandlers.ofString()));
        while (!reply.contains("\"priced_messages\":" + messages + ",")) {
            if (System.nanoTime() - endNanos > 0) {
                throw new TimeoutException(
                        "Not all messages of " + account + " are counted within " + COUNTED_WITHIN + ": " + reply);
            }
            Thread.sleep(POLL.toMillis());
            reply = requireOk(http.send(spend, BodyHandlers.ofString()));
        }
    }

    /** One run: this many checks of each account, in turn, so that whatever else the machine does falls on both. */
    Run run(int checks) throws IOException, InterruptedException {
        Histogram few = new Histogram(3);
        Histogram many = new Histogram(3);
        for (int i = 0; i < checks; i++) {
            few.recordValue(check(FEW));
            many.recordValue(check(MANY));
        }
        return new Run(few.getValueAtPercentile(50) / NANOS_PER_MICRO, many.getValueAtPercentile(50) / NANOS_PER_MICRO);
    }

    private long check(String account) throws IOException, InterruptedException {
        HttpRequest check = request("/v1/accounts/" + account + "/check")
                .POST(BodyPublishers.noBody())
                .build();
        long startNanos = System.nanoTime();
        HttpResponse<String> response = http.send(check, BodyHandlers.ofString());
        long nanos = System.nanoTime() - startNanos;
        requireOk(response);
        return nanos;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(url.resolve(path));
    }

    private static String requireOk(HttpResponse<String> response) throws IOException {
        if (response.statusCode() != OK) {
            throw new IOException(response.uri() + " answers " + response.statusCode() + ": " + response.body());
        }
        return response.body();
    }

    @Override
    public void close() {
        producer.close();
        // The JDK's HTTP client of Java 17 ends with its last reference.
    }
}
