package dev.spendledger.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A schema registry reached over HTTP by the REST API that Confluent's and Apicurio's share. What was looked up once is
 * answered from memory for ever, since an id never changes its meaning. A registry that does not answer is asked again, for
 * {@link #LOOK_UP_MAX} at most; after that, for {@link #PAUSE}, further look-ups fail at once, and then one at a time is tried
 * once, until it is back: those who ask are not held up one after the other. Look-ups of ids that come to nothing get a tenth of the time in all. Thread-safe.
 *
 * <p>Ids of the {@link BundledRegistry} are answered from the jar, so that records written without a registry stay readable
 * beside it.
 */
public final class HttpRegistry implements SchemaRegistry {
    /** How long one look-up takes at most: well below the time-out of a transaction of the fold, which it may hold up. */
    static final Duration LOOK_UP_MAX = Duration.ofSeconds(4);
    /** How long look-ups fail at once after one has failed in vain. */
    static final Duration PAUSE = Duration.ofSeconds(1);
    /** In an outage, how many times as long as the last attempt took. */
    /** What a registry answers that does not find a schema, or does not take it: it may have it all the same. */
    private static final Set<Integer> MAYBE_REGISTERED = Set.of(404, 409, 422);

    private static final int PAUSE_FOR_EACH = 5;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration BACKOFF = Duration.ofMillis(200);
    private static final Duration UNKNOWN_FOR = Duration.ofSeconds(1);
    private static final int UNKNOWN_MAX = 10_000;
    /** Far more than any schema has, and nothing to a heap. */
    private static final int BODY_BYTES_MAX = 1 << 20;

    private static final int UNPROCESSABLE = 422;
    private static final int SUBJECT_NOT_FOUND = 40401;
    private static final int SCHEMA_NOT_FOUND = 40403;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Logger log = LoggerFactory.getLogger(HttpRegistry.class);

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            // Followed, it would take the credentials to another host.
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final BundledRegistry bundled = new BundledRegistry();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
    private final Map<Registered, Integer> ids = new ConcurrentHashMap<>();
    private final VainTime vain = new VainTime();
    // Rubbish may name the same id again and again, and each would cost a request.
    private final Cache<Integer, String> unknown = Caffeine.newBuilder()
            .maximumSize(UNKNOWN_MAX)
            .expireAfterWrite(UNKNOWN_FOR)
            .build();
    private final List<URI> urls;
    private final Optional<String> authorization;
    private final boolean autoRegister;
    private final Duration lookUpMax;
    private volatile Outage outage = Outage.NONE;

    private record Registered(String subject, Schema schema) {}

    private record Outage(long untilNanos, RegistryUnavailableException failure) {
        static final Outage NONE = new Outage(0, null);
    }

    /** The answer of a registry: the HTTP status, and the body. */
    private record Answer(int status, JsonNode body) {
        int errorCode() {
            return body.path("error_code").asInt(status);
        }

        String message() {
            return body.path("message").asText("HTTP " + status);
        }
    }

    /**
     * @param urls where it is: one or more addresses of the same registry, asked in turn
     * @param userInfo {@code user:password} for HTTP basic authentication; empty = none
     * @param autoRegister whether a schema that the registry does not have is registered before records are written with it
     */
    public HttpRegistry(List<URI> urls, Optional<String> userInfo, boolean autoRegister) {
        this(urls, userInfo, autoRegister, LOOK_UP_MAX);
    }

    HttpRegistry(List<URI> urls, Optional<String> userInfo, boolean autoRegister, Duration lookUpMax) {
        this.urls = List.copyOf(urls);
        this.authorization = userInfo.map(
                info -> "Basic " + Base64.getEncoder().encodeToString(info.getBytes(StandardCharsets.UTF_8)));
        this.autoRegister = autoRegister;
        this.lookUpMax = lookUpMax;
    }

    /**
     * @throws SerializationException if the registry refuses the schema, or does not have it and it must not be registered
     * @throws RegistryUnavailableException if the registry does not answer
     */
    @Override
    public int idOf(String subject, Schema schema) {
        Registered registered = new Registered(subject, schema);
        Integer known = ids.get(registered);
        if (known != null) {
            return known;
        }
        String path = "/subjects/" + encoded(subject) + (autoRegister ? "/versions" : "");
        String text = JavaProperties.without(schema);
        Answer answer = ask("POST", path, JSON.createObjectNode().put("schema", text));
        if (MAYBE_REGISTERED.contains(answer.status)) {
            // Apicurio compares texts, and the files as they are have other spaces. And it refuses what another
            // instance,
            // started in the same moment, is registering.
            Schema wanted = new Schema.Parser().parse(text);
            for (Map.Entry<Integer, Schema> version : versions(subject).entrySet()) {
                if (version.getValue().equals(wanted)) {
                    ids.put(registered, version.getKey());
                    return version.getKey();
                }
            }
        }
        if (answer.status != 200) {
            throw new SerializationException("The schema registry does not take the schema " + schema.getFullName()
                    + " under the subject " + subject + ": " + answer.message() + advice(answer));
        }
        int id = id(answer);
        schemas.putIfAbsent(id, schema);
        ids.put(registered, id);
        return id;
    }

    private static boolean isMissing(Answer answer) {
        return answer.errorCode() == SUBJECT_NOT_FOUND || answer.errorCode() == SCHEMA_NOT_FOUND;
    }

    private String advice(Answer answer) {
        return isMissing(answer) && !autoRegister
                ? ". Register it, or set " + EventSerde.AUTO_REGISTER + " to true."
                : answer.status == 409 || answer.status == UNPROCESSABLE
                        ? ". It must be compatible with what is registered there."
                        : "";
    }

    /**
     * @throws UnknownSchemaException if the registry has no schema with this id
     * @throws SerializationException if what it has is no Avro schema that stands for itself
     * @throws RegistryUnavailableException if the registry does not answer
     */
    @Override
    public Schema byId(int id) {
        if (BundledRegistry.mayHaveGiven(id)) {
            return bundled.byId(id);
        }
        Schema known = schemas.get(id);
        if (known != null) {
            return known;
        }
        String whyUnknown = unknown.getIfPresent(id);
        if (whyUnknown != null) {
            throw new UnknownSchemaException(whyUnknown);
        }
        if (vain.isSpent()) {
            throw new RegistryUnavailableException(
                    "The schema with the id " + id
                            + " was not looked up: too many look-ups have come to nothing lately,"
                            + " and they hold up what can be read.",
                    null);
        }
        long startNanos = System.nanoTime();
        Answer answer = ask("GET", "/schemas/ids/" + id, null);
        try {
            if (answer.status != 200) {
                String why = "The schema registry has no schema with the id " + id + ": " + answer.message();
                unknown.put(id, why);
                throw new UnknownSchemaException(why);
            }
            Schema schema = parsed("with the id " + id, answer);
            schemas.put(id, schema);
            return schema;
        } catch (SerializationException e) {
            vain.add(System.nanoTime() - startNanos);
            throw e;
        }
    }

    /**
     * Learns every schema that is registered under a subject by now, so that records written with one of them can be read
     * even if the registry is lost later.
     *
     * @throws RegistryUnavailableException if the registry does not answer
     */
    @Override
    public void learn(String subject) {
        schemas.putAll(versions(subject));
    }

    /** By id, the oldest first: the schemas that are registered under a subject by now and can be used. */
    private Map<Integer, Schema> versions(String subject) {
        Map<Integer, Schema> found = new LinkedHashMap<>();
        Answer versions = ask("GET", "/subjects/" + encoded(subject) + "/versions", null);
        if (versions.status != 200) {
            return found; // Nobody has registered anything there yet.
        }
        for (JsonNode version : versions.body) {
            Answer answer = ask("GET", "/subjects/" + encoded(subject) + "/versions/" + version.asInt(), null);
            if (answer.status == 200) {
                try {
                    found.put(id(answer), parsed("of the subject " + subject, answer));
                } catch (SerializationException e) {
                    log.warn("A registered schema is of no use. subject={} version={}", subject, version.asInt(), e);
                }
            }
        }
        return found;
    }

    private static Schema parsed(String which, Answer answer) {
        String type = answer.body.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO") || !answer.body.path("references").isEmpty()) {
            throw new SerializationException("The schema " + which
                    + " must be Avro without references to others; it is of the type " + type + " with "
                    + answer.body.path("references").size() + " references.");
        }
        try {
            return new Schema.Parser()
                    .parse(required(answer, "schema", JsonNode::isTextual).textValue());
        } catch (AvroRuntimeException e) {
            throw new SerializationException("The schema " + which + " is no Avro schema: " + e.getMessage(), e);
        }
    }

    /** Ids count from 1: 0 would be what no registry gives, in records that are kept for ever. */
    private static int id(Answer answer) {
        return required(answer, "id", id -> id.isInt() && id.intValue() > 0).intValue();
    }

    private static JsonNode required(Answer answer, String field, Predicate<JsonNode> right) {
        JsonNode value = answer.body.path(field);
        if (!right.test(value)) {
            throw new RegistryUnavailableException(
                    "What answers in place of the schema registry gives no \"" + field
                            + "\" as a registry would; is its URL right, the path included?",
                    null);
        }
        return value;
    }

    // ---- requests ----

    /** The registry's answer, of success or of a fault in the question. */
    private Answer ask(String method, String path, JsonNode body) {
        long now = System.nanoTime();
        Outage last = outage;
        if (last.failure != null && last.untilNanos - now > 0) {
            throw new RegistryUnavailableException(last.failure.getMessage(), last.failure);
        }
        boolean wasLost = last.failure != null;
        try {
            Answer answer =
                    askInTurn(method, path, body, now + (wasLost ? REQUEST_TIMEOUT : lookUpMax).toNanos(), wasLost);
            if (wasLost) {
                log.info("The schema registry answers again. urls={}", urls);
                outage = Outage.NONE;
            }
            return answer;
        } catch (RegistryUnavailableException e) {
            log.warn("{}", e.getMessage());
            long took = System.nanoTime() - now;
            long pause = wasLost ? Math.max(PAUSE.toNanos(), PAUSE_FOR_EACH * took) : PAUSE.toNanos();
            outage = new Outage(System.nanoTime() + pause, e);
            throw e;
        }
    }

    /** @param once whether to ask one address once, to see whether an outage is over */
    private Answer askInTurn(String method, String path, JsonNode body, long deadline, boolean once) {
        // What one has answered tells more than that there was no time for the attempt after it.
        String answered = null;
        for (int attempt = 0; ; attempt++) {
            URI url = urls.get(attempt % urls.size());
            Exception failure;
            String why;
            try {
                HttpResponse<byte[]> response = send(request(method, URI.create(url + path), body, deadline));
                Optional<Answer> answer = answer(response);
                if (answer.isPresent()) {
                    return answer.get();
                }
                failure = null;
                Optional<String> elsewhere = response.headers().firstValue("Location");
                why = elsewhere.isPresent() && response.statusCode() / 100 == 3
                        ? "sends elsewhere (HTTP " + response.statusCode() + "), to " + elsewhere.get()
                                + ", which is not followed; give that address"
                        : response.statusCode() == 401 || response.statusCode() == 403
                                ? "refuses the credentials (HTTP " + response.statusCode() + "); set "
                                        + EventSerde.USER_INFO + " to user:password"
                                : "answers with HTTP " + response.statusCode()
                                        + " and nothing that a registry would say";
                answered = url + " " + why;
            } catch (IOException e) {
                failure = e;
                why = "does not answer: " + (e.getMessage() == null ? e.toString() : e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new RegistryUnavailableException("Interrupted while asking the schema registry at " + url, e);
            }
            long backoff = BACKOFF.toNanos() << Math.min(attempt, 3);
            if (once || deadline - System.nanoTime() < backoff) {
                throw new RegistryUnavailableException(
                        "The schema registry at " + (answered == null ? url + " " + why : answered) + " (asked "
                                + (attempt + 1) + " times).",
                        failure);
            }
            pause(backoff);
        }
    }

    /** The time-out of a request ends with its headers; a body may never end. */
    private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> reply =
                http.sendAsync(request, head -> new BoundedBody(BODY_BYTES_MAX));
        try {
            return reply.get(request.timeout().orElseThrow().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no whole reply in time", e);
        } finally {
            reply.cancel(true);
        }
    }

    /** Empty if it was no registry that spoke, or one that will know better in a moment. */
    private static Optional<Answer> answer(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status != 200 && status != 404 && status != 409 && status != UNPROCESSABLE) {
            return Optional.empty();
        }
        try {
            JsonNode body = JSON.readTree(response.body());
            boolean ofARegistry = status == 200 || body.has("error_code");
            return ofARegistry ? Optional.of(new Answer(status, body)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private HttpRequest request(String method, URI uri, JsonNode body, long deadline) {
        long left = Math.max(Duration.ofMillis(1).toNanos(), deadline - System.nanoTime());
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofNanos(Math.min(left, REQUEST_TIMEOUT.toNanos())))
                .header("Accept", "application/vnd.schemaregistry.v1+json, application/json");
        authorization.ifPresent(value -> request.header("Authorization", value));
        return body == null
                ? request.method(method, HttpRequest.BodyPublishers.noBody()).build()
                : request.header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build();
    }

    private static void pause(long nanos) {
        try {
            Thread.sleep(Duration.ofNanos(nanos).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailableException("Interrupted while waiting for the schema registry", e);
        }
    }

    private static String encoded(String subject) {
        return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
