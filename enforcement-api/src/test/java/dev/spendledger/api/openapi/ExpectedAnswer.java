package dev.spendledger.api.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.spendledger.api.openapi.Example.Names;
import dev.spendledger.api.openapi.OpenApiDocument.At;
import dev.spendledger.api.testing.Http.Reply;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Holds an answer against its example: every field that is not volatile, and that there is no other field. */
final class ExpectedAnswer {
    /** Headers that every answer may have, whatever it is about. */
    private static final Set<String> OF_HTTP_ITSELF =
            Set.of("content-type", "content-length", "connection", "transfer-encoding");
    /** Of every answer, and described once for all. */
    private static final String REQUEST_ID = "x-request-id";

    private final Example example;
    private final Names names;

    ExpectedAnswer(Example example, Names names) {
        this.example = example;
        this.names = names;
    }

    void assertIs(Reply reply) {
        assertThat(reply.status()).as("status, with body %s", reply.body()).isEqualTo(example.status());
        JsonNode expected = names.of(example.value());
        if (example.contentType().isEmpty()) {
            assertThat(reply.body()).isEmpty();
            assertHeaders(reply);
            return;
        }
        assertThat(reply.header("content-type")).startsWith(example.contentType());
        if (example.contentType().equals("application/json")) {
            assertThat(example.document().violations(example.schema(), reply.json()))
                    .as("violations of the schema by %s", reply.body())
                    .isEmpty();
            assertSame("$", expected, reply.json(), example.schema());
        } else {
            assertHasTheLinesOf(expected.textValue(), reply.body());
        }
        assertHeaders(reply);
    }

    // ---- the body ----

    private void assertSame(String path, JsonNode expected, JsonNode actual, At schema) {
        if (example.document().isVolatile(schema)) {
            assertThat(actual.getNodeType()).as("type of the volatile %s", path).isEqualTo(expected.getNodeType());
        } else if (expected.isObject()) {
            assertThat(names(actual)).as("fields of %s in %s", path, actual).isEqualTo(names(expected));
            expected.fields().forEachRemaining(field -> {
                if (!(path.equals("$") && example.moreVolatile().contains(field.getKey()))) {
                    assertSame(
                            path + "." + field.getKey(),
                            field.getValue(),
                            actual.get(field.getKey()),
                            example.document().property(schema, field.getKey()));
                }
            });
        } else if (expected.isArray()) {
            assertThat(actual.size()).as("length of %s in %s", path, actual).isEqualTo(expected.size());
            List<JsonNode> inOrderExpected = inOrder(expected);
            List<JsonNode> inOrderActual = inOrder(actual);
            for (int i = 0; i < expected.size(); i++) {
                assertSame(
                        path + "[" + i + "]",
                        inOrderExpected.get(i),
                        inOrderActual.get(i),
                        example.document().items(schema));
            }
        } else {
            // As text, because a number is the same one however many bits hold it.
            assertThat(actual.toString()).as("%s", path).isEqualTo(expected.toString());
        }
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Violations are in no promised order. */
    private static List<JsonNode> inOrder(JsonNode array) {
        List<JsonNode> elements = new ArrayList<>();
        array.forEach(elements::add);
        if (elements.stream().allMatch(element -> element.has("field"))) {
            elements.sort(Comparator.comparing(element -> element.get("field").textValue()));
        }
        return elements;
    }

    /** Of a text the example shows some lines; what differs from answer to answer is not looked at. */
    private static void assertHasTheLinesOf(String expected, String actual) {
        assertThat(withoutNumbers(actual)).containsAll(withoutNumbers(expected));
    }

    private static List<String> withoutNumbers(String text) {
        return text.lines()
                .map(line -> line.replaceAll(" [0-9.E+-]+$", "")
                        .replaceAll("^id: .*", "id:")
                        .replaceAll("\"at\":\"[^\"]*\"", "\"at\":"))
                .toList();
    }

    // ---- the headers ----

    private void assertHeaders(Reply reply) {
        Map<String, String> expected = example.expectedHeaders();
        Map<String, At> declared = example.headers().children();
        assertThat(reply.header(REQUEST_ID)).isNotBlank();
        assertThat(reply.headers().map().keySet().stream()
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .filter(name -> !OF_HTTP_ITSELF.contains(name) && !name.equals(REQUEST_ID)))
                .as("headers that the document declares")
                .isSubsetOf(declared.keySet().stream()
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .toList());
        assertThat(declared.keySet()).containsAll(expected.keySet());
        declared.forEach((name, reference) -> {
            At header = example.document().resolved(reference);
            String value = reply.header(name);
            boolean isVolatile = example.document().isVolatile(header.child("schema"));
            if (expected.containsKey(name) && !isVolatile) {
                assertThat(value).as("header %s", name).isEqualTo(expected.get(name));
            } else if (expected.containsKey(name)
                    || header.node().path("required").booleanValue()) {
                assertThat(value).as("header %s", name).isNotNull();
                assertThat(asItsTypes(value))
                        .as("header %s: %s", name, value)
                        .anySatisfy(typed -> assertThat(example.document().violations(header.child("schema"), typed))
                                .isEmpty());
            } else {
                assertThat(value)
                        .as("header %s, which the example does not have", name)
                        .isNull();
            }
        });
    }

    /** A header is text; its schema may speak of a number. */
    private static List<JsonNode> asItsTypes(String value) {
        Stream<JsonNode> number =
                value.matches("\\d{1,9}") ? Stream.of(IntNode.valueOf(Integer.parseInt(value))) : Stream.empty();
        return Stream.concat(Stream.of(TextNode.valueOf(value)), number).toList();
    }
}
