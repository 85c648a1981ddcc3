package dev.spendledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BundledRegistryTest {
    private final BundledRegistry registry = new BundledRegistry();

    /**
     * A failure means: the schema of an event has changed, and records that were written with the old one can no longer be
     * read. Do not put the new id in the old one's place. Keep the old schema bundled beside the new one, see that the two
     * are compatible, and add a line here. (Documentation and defaults are no part of the id: changing those is safe.)
     */
    @ParameterizedTest
    @CsvSource({
        "CHATS, eec072f3",
        "PRICED_MESSAGES, f2257408",
        "CHAT_LIMITS, baa9813d",
        "ACCOUNT_LIMITS, e07d2e4f",
        "ACCOUNT_GROUPS, f0705341",
        "CHAT_FREEZES, 9d290a7e",
        "TREE_STATUS, ec75c2e5"
    })
    void shouldKeepTheIdOfEverySchemaForEver(Topic topic, String id) {
        // Given
        Schema schema = topic.recordSchema().orElseThrow();

        // When
        int actual = registry.idOf(topic.baseName() + "-value", schema);

        // Then
        assertThat(String.format("%08x", actual)).isEqualTo(id);
    }

    @ParameterizedTest
    @MethodSource("eventSchemas")
    void shouldGiveEverySchemaAnIdThatNoRealRegistryGives(Schema schema) {
        assertThat(registry.idOf("any", schema)).isNegative();
    }

    @ParameterizedTest
    @MethodSource("eventSchemas")
    void shouldFindEverySchemaByItsId(Schema schema) {
        assertThat(registry.byId(registry.idOf("any", schema))).isEqualTo(schema);
    }

    @Test
    void shouldGiveTheSameIdInEveryInstance() {
        Stream<Integer> ids = eventSchemas().map(schema -> new BundledRegistry().idOf("one", schema));

        assertThat(ids)
                .containsExactlyElementsOf(eventSchemas()
                        .map(schema -> registry.idOf("another", schema))
                        .toList())
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2147483647", "-1", "-2147483648"})
    void shouldSayThatAnIdIsNoneOfTheBundledSchemas(int id) {
        // When
        Throwable thrown = catchThrowable(() -> registry.byId(id));

        // Then
        assertThat(thrown)
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("(" + id + ")")
                .hasMessageContaining("bundled");
    }

    @Test
    void shouldRefuseASchemaThatIsNotBundled() {
        // Given
        Schema foreign = SchemaBuilder.record("com.example.Foreign").fields().endRecord();

        // When
        Throwable thrown = catchThrowable(() -> registry.idOf("chats-value", foreign));

        // Then
        assertThat(thrown)
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("com.example.Foreign")
                .hasMessageContaining("chats-value");
    }

    static Stream<Schema> eventSchemas() {
        return Stream.of(Topic.values()).flatMap(topic -> topic.recordSchema().stream());
    }
}
