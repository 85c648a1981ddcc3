package dev.spendledger.api.openapi;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The document {@code openapi.yaml} of the jar, and its examples linked as its header comment says. */
final class OpenApiDocument {
    private static final String IRI = "urn:ledger:openapi";
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "patch", "head", "options", "trace");
    private static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    private final JsonNode root;
    private final JsonSchemaFactory schemas;

    private OpenApiDocument(JsonNode root) {
        this.root = root;
        JsonMetaSchema dialect = JsonMetaSchema.builder(JsonMetaSchema.getV202012())
                .unknownKeywordFactory((keyword, context) -> new NonValidationKeyword(keyword))
                .build();
        this.schemas = JsonSchemaFactory.getInstance(
                VersionFlag.V202012,
                builder -> builder.metaSchema(dialect)
                        .schemaLoaders(loaders -> loaders.schemas(Map.of(IRI, root.toString()))));
    }

    static OpenApiDocument load() {
        try (InputStream in = OpenApiDocument.class.getResourceAsStream("/openapi.yaml")) {
            return new OpenApiDocument(YAML.readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException("The jar's own openapi.yaml cannot be read", e);
        }
    }

    /**
     * A node with the JSON pointer that leads to it: where a schema stands decides what its references mean.
     *
     * @param pointer without the leading {@code #}
     */
    record At(String pointer, JsonNode node) {
        At child(String name) {
            return new At(pointer + "/" + name.replace("~", "~0").replace("/", "~1"), node.path(name));
        }

        boolean exists() {
            return !node.isMissingNode();
        }

        /** Its fields, in the order of the document. */
        Map<String, At> children() {
            Map<String, At> children = new LinkedHashMap<>();
            node.fieldNames().forEachRemaining(name -> children.put(name, child(name)));
            return children;
        }

        /** Its elements. */
        List<At> elements() {
            List<At> elements = new ArrayList<>();
            for (int i = 0; i < node.size(); i++) {
                elements.add(new At(pointer + "/" + i, node.get(i)));
            }
            return elements;
        }
    }

    /** What stands where a JSON pointer leads, references followed. */
    At at(String pointer) {
        return resolved(new At(pointer, root.at(pointer)));
    }

    /** The node itself, or what its {@code $ref} leads to. */
    At resolved(At at) {
        if (!at.node().has("$ref")) {
            return at;
        }
        String target = at.node().get("$ref").textValue().substring(1);
        At found = new At(target, root.at(target));
        if (!found.exists()) {
            throw new AssertionError(at.pointer() + " refers to " + target + ", which is not there");
        }
        return resolved(found);
    }

    /** What a value has that its schema does not allow; formats count. */
    Set<ValidationMessage> violations(At schema, JsonNode value) {
        SchemaValidatorsConfig config =
                SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
        return schemas.getSchema(SchemaLocation.of(IRI + "#" + schema.pointer()), config)
                .validate(value);
    }

    /**
     * An operation.
     *
     * @param method in upper case
     * @param path as in the document, with its parameters in braces
     */
    record Operation(String method, String path, At at) {
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    List<Operation> operations() {
        return at("/paths").children().entrySet().stream()
                .flatMap(path -> path.getValue().children().entrySet().stream()
                        .filter(operation -> METHODS.contains(operation.getKey()))
                        .map(operation -> new Operation(
                                operation.getKey().toUpperCase(Locale.ROOT), path.getKey(), operation.getValue())))
                .toList();
    }

    /** The names of the examples under the parameters and the body of an operation. */
    Set<String> requestExampleNames(Operation operation) {
        Stream<At> ofParameters = parameters(operation).stream().map(parameter -> parameter.child("examples"));
        Stream<At> ofBodies = body(operation).values().stream().map(content -> content.child("examples"));
        return Stream.concat(ofParameters, ofBodies)
                .flatMap(examples -> examples.children().keySet().stream())
                .collect(Collectors.toSet());
    }

    /** The examples of all operations, and those of the paths that are not there. */
    List<Example> examples() {
        Stream<Example> ofOperations = operations().stream().flatMap(this::examples);
        Operation others = new Operation("GET", "any other path", at("/x-other-paths"));
        Stream<Example> ofOtherPaths = at("/x-other-paths").children().keySet().stream()
                .flatMap(status -> examples(others, status, at("/x-other-paths").child(status)));
        return Stream.concat(ofOperations, ofOtherPaths).toList();
    }

    private Stream<Example> examples(Operation operation) {
        return operation.at().child("responses").children().entrySet().stream()
                .flatMap(response -> examples(operation, response.getKey(), response.getValue()));
    }

    private Stream<Example> examples(Operation operation, String status, At responseOrReference) {
        At response = resolved(responseOrReference);
        Stream<Example> withoutBody = response.child("x-examples").children().entrySet().stream()
                .map(example -> new Example(
                        this,
                        operation,
                        Integer.parseInt(status),
                        "",
                        new At("", MissingNode.getInstance()),
                        response.child("headers"),
                        example.getKey(),
                        example.getValue()));
        Stream<Example> withBody = response.child("content").children().entrySet().stream()
                .flatMap(content -> content.getValue().child("examples").children().entrySet().stream()
                        .map(example -> new Example(
                                this,
                                operation,
                                Integer.parseInt(status),
                                content.getKey(),
                                content.getValue().child("schema"),
                                response.child("headers"),
                                example.getKey(),
                                example.getValue())));
        return Stream.concat(withBody, withoutBody);
    }

    List<At> parameters(Operation operation) {
        return operation.at().child("parameters").elements().stream()
                .map(this::resolved)
                .toList();
    }

    /** The body of an operation's requests, by content type. */
    Map<String, At> body(Operation operation) {
        return operation.at().child("requestBody").child("content").children();
    }

    /** The example of an operation's request, if it is a body; it may be there without. */
    Optional<At> bodyExample(Operation operation, String name) {
        return body(operation).values().stream()
                .map(content -> content.child("examples").child(name))
                .filter(At::exists)
                .findFirst();
    }

    // ---- schemas ----

    /**
     * Whether values of a schema differ from answer to answer: marked so here, or where it refers to. The alternatives
     * of a union are not asked: no field is volatile by half.
     */
    boolean isVolatile(At schema) {
        return schema.node().path("x-volatile").booleanValue()
                || referred(schema).anyMatch(this::isVolatile);
    }

    /** The schema of a field; missing if the schema does not name it. Of a union it is the first that names it. */
    At property(At schema, String name) {
        At here = schema.child("properties").child(name);
        return here.exists()
                ? here
                : Stream.concat(referred(schema), schema.child("oneOf").elements().stream())
                        .map(other -> property(other, name))
                        .filter(At::exists)
                        .findFirst()
                        .orElse(new At("", MissingNode.getInstance()));
    }

    /** The schema of the elements; missing if they have none. */
    At items(At schema) {
        At here = schema.child("items");
        return here.exists()
                ? here
                : referred(schema)
                        .map(this::items)
                        .filter(At::exists)
                        .findFirst()
                        .orElse(new At("", MissingNode.getInstance()));
    }

    /** The schemas that a value must keep to as well. */
    private Stream<At> referred(At schema) {
        Stream<At> all = schema.child("allOf").elements().stream();
        return schema.node().has("$ref") ? Stream.concat(all, Stream.of(resolved(schema))) : all;
    }

    /** The values of an {@code enum}, as texts. */
    List<String> enumeration(String pointer) {
        Iterator<JsonNode> values = root.at(pointer + "/enum").elements();
        return StreamSupport.stream(((Iterable<JsonNode>) () -> values).spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** The sentences of a text, each with its full stop. */
    static List<String> sentences(String text) {
        return Arrays.stream(text.split("(?<=\\.) "))
                .map(String::strip)
                .filter(sentence -> !sentence.isEmpty())
                .toList();
    }
}
