package dev.spendledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.JsonProperties;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.Schema.Field;
import org.apache.avro.Schema.Type;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every schema keeps to, those of the stores included; found by their files, so that a new one is not forgotten. */
class SchemaRulesTest {
    private static final Path AVRO = Path.of("src", "main", "avro");

    @Test
    void shouldFindTheSchemas() {
        assertThat(namedSchemas().map(Schema::getName)).contains("ChatCreated", "TreeState", "Routing", "SourceHeader");
    }

    @ParameterizedTest
    @MethodSource("namedSchemas")
    void shouldSayWhatItIs(Schema schema) {
        assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
    }

    @ParameterizedTest
    @MethodSource("fields")
    void shouldSayWhatTheFieldMeans(String name, Field field) {
        assertThat(field.doc()).as(name).isNotBlank();
    }

    /** Null first and null as the default: the field can be left out by a producer, and added to a schema later. */
    @ParameterizedTest
    @MethodSource("fields")
    void shouldHaveDefaultNullWhereTheFieldIsOptional(String name, Field field) {
        if (field.schema().isNullable()) {
            assertThat(field.schema().getTypes().get(0).getType()).as(name).isEqualTo(Type.NULL);
            assertThat(field.defaultVal()).as(name).isEqualTo(JsonProperties.NULL_VALUE);
        }
    }

    @ParameterizedTest
    @MethodSource("fields")
    void shouldHaveTimesInMilliseconds(String name, Field field) {
        boolean namedLikeATime = field.name().equals("at")
                || field.name().endsWith("_at")
                || field.name().endsWith("_time");
        Schema schema = field.schema().isUnion() ? field.schema().getTypes().get(1) : field.schema();
        if (schema.getType() == Type.LONG) {
            assertThat(LogicalTypes.timestampMillis().equals(schema.getLogicalType()))
                    .as(name)
                    .isEqualTo(namedLikeATime);
        } else {
            assertThat(namedLikeATime).as(name).isFalse();
        }
    }

    /** So that a reader of this version meets a later symbol without failing. */
    @ParameterizedTest
    @MethodSource("namedSchemas")
    void shouldHaveUnknownAsTheDefaultOfAnEnum(Schema schema) {
        if (schema.getType() == Type.ENUM) {
            assertThat(schema.getEnumSymbols()).first().isEqualTo("UNKNOWN");
            assertThat(schema.getEnumDefault()).isEqualTo("UNKNOWN");
        }
    }

    static Stream<Schema> namedSchemas() {
        Map<String, Schema> found = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(AVRO)) {
            files.filter(file -> file.toString().endsWith(".avsc")).sorted().forEach(file -> {
                String name = file.getFileName().toString().replace(".avsc", "");
                String space = "dev.spendledger." + file.getParent().getFileName();
                collect(generated(space + "." + name), found);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found.values().stream();
    }

    static Stream<Arguments> fields() {
        List<Arguments> fields = new ArrayList<>();
        namedSchemas()
                .filter(schema -> schema.getType() == Type.RECORD)
                .forEach(schema -> schema.getFields()
                        .forEach(field -> fields.add(Arguments.of(schema.getName() + "." + field.name(), field))));
        return fields.stream();
    }

    private static Schema generated(String className) {
        try {
            return SpecificData.get().getSchema(Class.forName(className));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void collect(Schema schema, Map<String, Schema> found) {
        switch (schema.getType()) {
            case RECORD -> {
                if (found.putIfAbsent(schema.getFullName(), schema) == null) {
                    schema.getFields().forEach(field -> collect(field.schema(), found));
                }
            }
            case ENUM -> found.putIfAbsent(schema.getFullName(), schema);
            case ARRAY -> collect(schema.getElementType(), found);
            case UNION -> schema.getTypes().forEach(type -> collect(type, found));
            default -> {
                // The rest has no name and no parts.
            }
        }
    }
}
