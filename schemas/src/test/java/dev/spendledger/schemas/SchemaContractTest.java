package dev.spendledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The schemas are a contract with programs that no one here wrote and that are not deployed together with the ledger: each
 * side must read what the other writes, whichever is newer.
 */
class SchemaContractTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path RELEASED = Path.of("src/main/resources/dev/spendledger/schemas/released");

    static Stream<Arguments> released() {
        return ReleasedSchemas.RELEASES.stream()
                .flatMap(release -> Stream.of(Topic.values())
                        .flatMap(topic -> topic.recordSchema().stream())
                        .flatMap(current -> ReleasedSchemas.of(release, current.getName()).stream()
                                .map(released ->
                                        Arguments.argumentSet(release + " " + current.getName(), released, current))));
    }

    @ParameterizedTest
    @MethodSource("released")
    void shouldReadWhatAnyReleaseWroteAndBeReadByIt(Schema released, Schema current) {
        assertThat(breaches(released, current)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("released")
    void shouldKeepRecordsOfAnyReleaseReadableWithoutARegistry(Schema released, Schema current) {
        // Given
        int id = 0x80000000 | (int) SchemaNormalization.parsingFingerprint64(released);

        // When
        Schema known = new BundledRegistry().byId(id);

        // Then
        assertThat(SchemaNormalization.parsingFingerprint64(known))
                .isEqualTo(SchemaNormalization.parsingFingerprint64(released));
    }

    static List<String> releases() {
        return ReleasedSchemas.RELEASES;
    }

    /** An event cannot be taken out of the contract, nor moved to another name. */
    @ParameterizedTest
    @MethodSource("releases")
    void shouldStillHaveEveryEventOfARelease(String release) throws IOException {
        // Given
        List<String> current = Stream.of(Topic.values())
                .flatMap(topic -> topic.recordSchema().stream())
                .map(Schema::getName)
                .toList();

        // When
        List<String> kept;
        try (Stream<Path> files = Files.list(RELEASED.resolve(release))) {
            kept = files.map(file -> file.getFileName().toString().replace(".avsc", ""))
                    .toList();
        }

        // Then
        assertThat(kept).isNotEmpty();
        assertThat(current).containsAll(kept);
    }

    // ---- that it finds what it must find ----

    private static Arguments change(String what, Consumer<ObjectNode> change) {
        return Arguments.argumentSet(what, change);
    }

    static Stream<Arguments> breaches() {
        return Stream.of(
                change("a field is gone", schema -> fields(schema).remove(0)),
                change("a field has another type", schema -> field(schema, 0).put("type", "long")),
                change("a field has another name", schema -> field(schema, 0).put("name", "id")),
                change(
                        "a field with a default is gone",
                        schema -> fields(schema).remove(4)),
                change(
                        "a field with a default has another name",
                        schema -> field(schema, 4).put("name", "rev")),
                change("a field has another default", schema -> field(schema, 4).put("default", 1)),
                change(
                        "a field that was optional is required",
                        schema -> field(schema, 2).put("type", "string").remove("default")),
                change(
                        "a field more without a default",
                        schema -> fields(schema).addObject().put("name", "n").put("type", "int")),
                change("the record has another name", schema -> schema.put("name", "Other")),
                change("the record is in another namespace", schema -> schema.put("namespace", "elsewhere")));
    }

    @ParameterizedTest
    @MethodSource("breaches")
    void shouldFindAChangeThatBreaksTheContract(Consumer<ObjectNode> change) throws IOException {
        // Given
        Schema released = ReleasedSchemas.of("0.1.0", "MessagePriced").orElseThrow();
        ObjectNode changed = (ObjectNode) JSON.readTree(released.toString());
        change.accept(changed);

        // When
        List<String> breaches = breaches(released, new Schema.Parser().parse(changed.toString()));

        // Then
        assertThat(breaches).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("released")
    void shouldTakeAFieldMoreWithADefault(Schema released, Schema current) throws IOException {
        // Given
        ObjectNode changed = (ObjectNode) JSON.readTree(current.toString());
        ObjectNode added =
                fields(changed).addObject().put("name", "added_later").putNull("default");
        added.putArray("type").add("null").add("string");

        // When
        List<String> breaches = breaches(released, new Schema.Parser().parse(changed.toString()));

        // Then
        assertThat(breaches).isEmpty();
    }

    private static ArrayNode fields(ObjectNode schema) {
        return schema.withArray("fields");
    }

    private static ObjectNode field(ObjectNode schema, int index) {
        return (ObjectNode) fields(schema).get(index);
    }

    /** What one of the two could not read of the other, in words. */
    private static List<String> breaches(Schema released, Schema current) {
        return Stream.of(
                        breachesOfReader("the release cannot read what is written now", released, current),
                        breachesOfReader("what is written by the release cannot be read now", current, released),
                        released.getFields().stream().flatMap(field -> breachesOfField(field, current)))
                .flatMap(breaches -> breaches)
                .toList();
    }

    /** What Avro puts up with: it would read the default in place of what stands in the record. */
    private static Stream<String> breachesOfField(Schema.Field released, Schema current) {
        Schema.Field now = current.getField(released.name());
        if (now == null) {
            return Stream.of("the field " + released.name() + " is gone, or has another name");
        }
        return Objects.equals(now.defaultVal(), released.defaultVal())
                ? Stream.empty()
                : Stream.of("the field " + released.name() + " has another default");
    }

    private static Stream<String> breachesOfReader(String what, Schema reader, Schema writer) {
        // Avro matches records of the same unqualified name; the ledger looks for the class by the full one.
        Stream<String> names = reader.getFullName().equals(writer.getFullName())
                ? Stream.empty()
                : Stream.of(what + ": " + reader.getFullName() + " is not " + writer.getFullName());
        return Stream.concat(
                names,
                SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                        .getResult()
                        .getIncompatibilities()
                        .stream()
                        .map((Incompatibility found) -> what + ": " + found.getType() + " at " + found.getLocation()
                                + ", " + found.getMessage()));
    }
}
