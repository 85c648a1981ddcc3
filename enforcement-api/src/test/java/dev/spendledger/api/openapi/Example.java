package dev.spendledger.api.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.spendledger.api.openapi.OpenApiDocument.At;
import dev.spendledger.api.openapi.OpenApiDocument.Operation;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An example of an answer, with the request that it answers.
 *
 * @param contentType empty = the answer has no body
 * @param headers the headers that the answer declares
 * @param at the example in the document
 */
record Example(
        OpenApiDocument document,
        Operation operation,
        int status,
        String contentType,
        At schema,
        At headers,
        String name,
        At at) {

    /** An id as the examples have them. */
    private static final Pattern ID = Pattern.compile("(?<![A-Za-z0-9])[acgm]-\\d+(?![A-Za-z0-9])");

    /** What keeps the ids of one example apart from those of another: a prefix, which does not change their order. */
    record Names(String prefix) {
        String of(String text) {
            return ID.matcher(text).replaceAll(prefix + "$0");
        }

        JsonNode of(JsonNode value) {
            if (value.isTextual()) {
                return TextNode.valueOf(of(value.textValue()));
            }
            if (value.isArray()) {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                value.forEach(element -> array.add(of(element)));
                return array;
            }
            if (value.isObject()) {
                ObjectNode object = JsonNodeFactory.instance.objectNode();
                value.fields().forEachRemaining(field -> object.set(field.getKey(), of(field.getValue())));
                return object;
            }
            return value;
        }
    }

    /**
     * What is to be sent.
     *
     * @param path with its query, percent-encoded
     * @param authorization the header of that name; empty = none
     * @param contentType empty = none
     * @param body empty = none
     */
    record Request(
            String method,
            String path,
            Optional<String> authorization,
            Optional<String> contentType,
            Optional<String> body) {}

    List<String> given() {
        return OpenApiDocument.sentences(at.node().path("x-given").asText(""));
    }

    JsonNode value() {
        return at.node().path("value");
    }

    /** The headers that the answer has in this example. */
    Map<String, String> expectedHeaders() {
        Map<String, String> expected = new HashMap<>();
        at.node()
                .path("x-headers")
                .fields()
                .forEachRemaining(header ->
                        expected.put(header.getKey(), header.getValue().asText()));
        return expected;
    }

    /** The fields that are volatile in this example, beside those of the schema. */
    Set<String> moreVolatile() {
        Set<String> names = new HashSet<>();
        at.node().path("x-volatile").forEach(name -> names.add(name.textValue()));
        return names;
    }

    /**
     * The request.
     *
     * @param tokenOf finds the {@code next_page_token} that the example of a name is answered with
     */
    Request request(Names names, UnaryOperator<String> tokenOf) {
        Optional<At> body = document.bodyExample(operation, name);
        return new Request(
                at.node().path("x-method").asText(operation.method()),
                path(names, tokenOf),
                Optional.ofNullable(at.node().path("x-authorization").textValue()),
                body.map(example -> example.node().path("x-content-type").asText("application/json")),
                body.map(example -> example.node().path("x-raw").booleanValue()
                        ? names.of(example.node().get("value").textValue())
                        : names.of(example.node().get("value")).toString()));
    }

    private String path(Names names, UnaryOperator<String> tokenOf) {
        if (at.node().has("x-path")) {
            return at.node().get("x-path").textValue();
        }
        String path = operation.path();
        for (At parameter : parametersIn("path")) {
            path = path.replace("{" + parameter.node().get("name").textValue() + "}", value(parameter, names, tokenOf));
        }
        String query = parametersIn("query").stream()
                .map(parameter -> parameter.node().get("name").textValue() + "=" + value(parameter, names, tokenOf))
                .collect(Collectors.joining("&"));
        return query.isEmpty() ? path : path + "?" + query;
    }

    /** The parameters that have a value in this example. */
    List<At> parametersIn(String place) {
        return document.parameters(operation).stream()
                .filter(parameter -> parameter.node().path("in").asText().equals(place))
                .filter(parameter -> parameter.child("examples").child(name).exists())
                .toList();
    }

    private String value(At parameter, Names names, UnaryOperator<String> tokenOf) {
        JsonNode example = parameter.child("examples").child(name).node();
        String value = example.has("x-token-of")
                ? tokenOf.apply(example.get("x-token-of").textValue())
                : names.of(example.get("value").asText());
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public String toString() {
        return operation + " → " + status + " " + name;
    }
}
