package dev.spendledger.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.http.ApiException.Validation;
import dev.spendledger.streams.domain.Ranges;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads the fields of one JSON object, and collects all that is wrong with them. A field that is wrong reads as null, and so
 * does one that is left out: look at the violations before using any.
 */
final class Fields {
    /** Narrower than what {@link OffsetDateTime} parses: it also takes years that are too far away to be milliseconds. */
    private static final Pattern RFC_3339 =
            Pattern.compile("\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?([Zz]|[+-]\\d{2}:\\d{2})");

    private static final String NO_ID = "must be a string of 1 to " + Ranges.MAX_ID_LENGTH + " characters";

    private final JsonNode object;
    private final String path;
    private final List<Validation> violations;
    private final Set<String> known = new HashSet<>();

    /**
     * @param path what stands before the names of the fields in violations: empty, or {@code [3].}
     * @param violations where they are collected
     */
    Fields(JsonNode object, String path, List<Validation> violations) {
        this.object = object;
        this.path = path;
        this.violations = violations;
    }

    /** Reads a body that is one object, and throws all violations found. */
    static <T> T readObject(JsonNode body, Function<Fields, T> read) {
        if (!body.isObject()) {
            throw ApiException.invalid("$", "must be a JSON object");
        }
        List<Validation> violations = new ArrayList<>();
        Fields fields = new Fields(body, "", violations);
        T value = read.apply(fields);
        fields.rejectUnknown();
        if (!violations.isEmpty()) {
            throw ApiException.invalid(violations);
        }
        return value;
    }

    /** What keeps a text from being an id; empty = nothing. */
    static Optional<String> idViolation(String text) {
        return textViolation(text, Ranges.MAX_ID_LENGTH, Ranges::isId);
    }

    private static Optional<String> textViolation(String text, int most, Predicate<String> valid) {
        if (text.isEmpty() || text.length() > most) {
            return Optional.of("must be 1 to " + most + " characters");
        }
        if (valid.test(text)) {
            return Optional.empty();
        }
        return Optional.of(
                text.chars().anyMatch(Character::isISOControl)
                        ? "must not contain control characters"
                        : "must be well-formed text, without U+FFFD or half a surrogate pair");
    }

    String requiredId(String name) {
        return required(name, this::optionalId);
    }

    String optionalId(String name) {
        return optionalText(name, Ranges.MAX_ID_LENGTH, Ranges::isId);
    }

    /** The reason of a freeze. */
    String optionalReason(String name) {
        return optionalText(name, Ranges.MAX_REASON_LENGTH, Ranges::isReason);
    }

    private String optionalText(String name, int most, Predicate<String> valid) {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        if (!node.isTextual()) {
            return violated(name, "must be a string of 1 to " + most + " characters");
        }
        Optional<String> violation = textViolation(node.textValue(), most, valid);
        return violation.isPresent() ? violated(name, violation.get()) : node.textValue();
    }

    Long requiredInteger(String name, long least, long most) {
        return required(name, field -> optionalInteger(field, least, most));
    }

    Long optionalInteger(String name, long least, long most) {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        if (!node.isIntegralNumber()
                || !node.canConvertToLong()
                || node.longValue() < least
                || node.longValue() > most) {
            return violated(name, "must be an integer from " + least + " to " + most);
        }
        return node.longValue();
    }

    /** A limit, or null for none; unlike other fields it must be there, so that nobody removes a limit by a misspelling. */
    Long requiredLimitOrNull(String name) {
        if (!object.has(name)) {
            known.add(name);
            return violated(name, "is required; null removes the limit");
        }
        return optionalInteger(name, 1, Ranges.MAX_MICROS);
    }

    Instant optionalTime(String name) {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        try {
            String text = node.isTextual() && RFC_3339.matcher(node.textValue()).matches() ? node.textValue() : "";
            return OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MILLIS);
        } catch (DateTimeException e) {
            return violated(name, "must be a time as in 2026-11-23T12:00:00.123Z (RFC 3339)");
        }
    }

    <E extends Enum<E>> E requiredCode(String name, E[] values, Function<E, String> code) {
        return required(name, field -> optionalCode(field, values, code));
    }

    /** Ids in an array; an element that is wrong is named by its index. */
    List<String> requiredIds(String name, int most) {
        JsonNode node = node(name);
        if (node == null) {
            return violated(name, "is required");
        }
        if (!node.isArray() || node.size() > most) {
            return violated(name, "must be an array of at most " + most + " ids");
        }
        List<String> ids = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            String element = name + "[" + i + "]";
            if (node.get(i).isTextual()) {
                idViolation(node.get(i).textValue()).ifPresent(violation -> violated(element, violation));
                ids.add(node.get(i).textValue());
            } else {
                violated(element, NO_ID);
            }
        }
        return ids;
    }

    <E extends Enum<E>> E optionalCode(String name, E[] values, Function<E, String> code) {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        return Stream.of(values)
                .filter(value -> code.apply(value).equals(node.textValue()))
                .findFirst()
                .orElseGet(() -> violated(
                        name, "must be one of " + Stream.of(values).map(code).collect(Collectors.joining(", "))));
    }

    /** Says that a field is wrong. Returns null, to stand for its value. */
    <T> T violated(String name, String detail) {
        violations.add(new Validation(path + name, detail));
        return null;
    }

    /** Says of every field that nobody has asked for that it is not known: a misspelling must not go unnoticed. */
    void rejectUnknown() {
        object.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                violated(name, "is not a known field");
            }
        });
    }

    private <T> T required(String name, Function<String, T> read) {
        return node(name) == null ? violated(name, "is required") : read.apply(name);
    }

    /** Null also where the field is null: that is the same as leaving it out. */
    private JsonNode node(String name) {
        known.add(name);
        JsonNode node = object.get(name);
        return node == null || node.isNull() ? null : node;
    }
}
