package dev.spendledger.api.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.streams.intake.RecordId;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;

/** How dead letters are shown: a line for people, or a line of JSON in ASCII. */
public final class DeadLetterFormat {
    /** What a key or a detail may take of a line for people; JSON has all of it. */
    private static final int SHOWN_CHARACTERS_MAX = 300;

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private DeadLetterFormat() {}

    /**
     * One line for people: reason, source, append time, key, what it is, detail.
     *
     * @param times how often it stands in the topic
     */
    public static String line(DeadLetter letter, int times) {
        return letter.id().reason().code()
                + " " + letter.id().source()
                + " " + letter.appendTime()
                + " " + key(letter)
                + letter.event()
                        .flatMap(DeadLetterFormat::summary)
                        .map(text -> " (" + printable(text) + ")")
                        .orElse("")
                + ": " + printable(letter.detail())
                + letter.replayedFrom()
                        .map(from -> "; replayed from " + printable(from))
                        .orElse("")
                + (times == 1 ? "" : "; stands there " + times + " times");
    }

    /**
     * One line of JSON; see docs/events.md.
     *
     * @param times how often it stands in the topic
     */
    public static String json(DeadLetter letter, int times) {
        RecordId source = letter.id().source();
        ObjectNode json = MAPPER.createObjectNode()
                .put("reason", letter.id().reason().code())
                .put("detail", letter.detail())
                .put("topic", source.topic())
                .put("partition", source.partition())
                .put("offset", source.offset())
                .put("append_time", letter.appendTime().toString())
                .put("times", times)
                .put("replayed_from", letter.replayedFrom().orElse(null))
                .put("key", letter.key())
                .put("value", letter.value());
        ArrayNode headers = json.putArray("headers");
        for (Header header : letter.headers()) {
            headers.addObject().put("name", header.key()).put("value", header.value());
        }
        json.putNull("event_type").putNull("event");
        letter.event()
                .ifPresent(event ->
                        json.put("event_type", event.getSchema().getName()).set("event", tree(event)));
        return write(json);
    }

    /** Where a dead letter was sent to, as a line for people or of JSON. */
    public static String replayed(DeadLetter letter, RecordMetadata to, boolean json) {
        String position = new RecordId(to.topic(), to.partition(), to.offset()).toString();
        return moved(letter, "replayed_to", position, json);
    }

    /** Where a dead letter would be sent to, as a line for people or of JSON. */
    public static String wouldReplay(DeadLetter letter, ProducerRecord<?, ?> record, boolean json) {
        // Without a key the producer takes any partition.
        String partition =
                record.partition() == null ? "any" : record.partition().toString();
        return moved(letter, "would_replay_to", record.topic() + "-" + partition, json);
    }

    private static String moved(DeadLetter letter, String word, String to, boolean json) {
        String source = letter.id().source().toString();
        String reason = letter.id().reason().code();
        return json
                ? write(MAPPER.createObjectNode()
                        .put("source", source)
                        .put("reason", reason)
                        .put(word, to))
                : reason + " " + source + " " + word.replace('_', ' ') + " " + to;
    }

    private static String key(DeadLetter letter) {
        return letter.key() == null
                ? "without a key"
                : "key \"" + printable(new String(letter.key(), StandardCharsets.UTF_8)) + "\"";
    }

    private static Optional<String> summary(SpecificRecord event) {
        if (event instanceof ChatCreated chat) {
            return Optional.of("chat " + chat.getChatId());
        }
        if (event instanceof MessagePriced message) {
            return Optional.of("message " + message.getMessageId() + " of chat " + message.getChatId());
        }
        return event instanceof ChatLimitSet limit
                ? Optional.of("limit of chat " + limit.getRootChatId())
                : Optional.of(event.getSchema().getName());
    }

    /** On one line, and nothing that a terminal would obey: these are bytes of anybody. */
    private static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(SHOWN_CHARACTERS_MAX).forEach(character -> {
            if (isPrintable(character)) {
                shown.appendCodePoint(character);
            } else {
                shown.append(String.format("\\u%04x", character));
            }
        });
        return text.codePointCount(0, text.length()) > SHOWN_CHARACTERS_MAX ? shown + "..." : shown.toString();
    }

    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** Avro writes a record as plain JSON, its fields by their names and times as RFC 3339. */
    private static ObjectNode tree(SpecificRecord event) {
        try {
            return (ObjectNode) MAPPER.readTree(event.toString());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("Avro has written a record as what is no JSON", e);
        }
    }

    private static String write(ObjectNode json) {
        try {
            return MAPPER.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("A dead letter cannot be written as JSON", e);
        }
    }
}
