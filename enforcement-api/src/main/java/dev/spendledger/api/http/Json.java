package dev.spendledger.api.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** JSON as the contract has it: snake_case, times with milliseconds, no key twice. */
final class Json {
    /** Twice what a thousand messages have. Two megabytes of unknown fields would take the event loop seconds. */
    private static final long TOKENS_MAX = 50_000;

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxTokenCount(TOKENS_MAX)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .build();

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** To write one takes a third of what the whole answer to a check does, and partitions say the same one many times. */
    private static final Cache<Instant, String> RECENT_TIMES =
            Caffeine.newBuilder().maximumSize(1_000).executor(Runnable::run).build();

    private Json() {}

    /** A time as replies have it: RFC 3339, UTC, with milliseconds. */
    static String time(Instant instant) {
        return RECENT_TIMES.get(instant, TIME::format);
    }

    /** Writes to this, closed by the caller. */
    static JsonGenerator generator(OutputStream out) throws IOException {
        return MAPPER.createGenerator(out);
    }

    static Buffer write(Object value) {
        try {
            return Buffer.buffer(MAPPER.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("A reply cannot be written as JSON", e);
        }
    }

    /**
     * @throws ApiException if it is no JSON
     */
    static JsonNode read(Buffer body) {
        try {
            return MAPPER.readTree(body.getBytes());
        } catch (StreamConstraintsException e) {
            throw ApiException.invalid("$", "is nested too deeply, or has too many or too long parts");
        } catch (JsonProcessingException e) {
            // What follows names a source that Jackson does not show.
            String found = e.getOriginalMessage().split(" \\(start marker at ", 2)[0];
            throw ApiException.invalid("$", "is not valid JSON: " + found);
        } catch (IOException e) {
            throw ApiException.invalid("$", "is not valid JSON: it must be UTF-8");
        }
    }
}
