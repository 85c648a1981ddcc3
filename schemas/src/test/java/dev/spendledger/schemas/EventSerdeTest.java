package dev.spendledger.schemas;

import static dev.spendledger.schemas.Allocation.catchThrowableWithoutHarm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.events.TreeState;
import dev.spendledger.events.TreeStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.Size;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The wire format, and that no bytes whatever get anything but a record or a SerializationException out of the reader. */
class EventSerdeTest {
    private static final Instant AT = Instant.ofEpochMilli(1);

    private final EventSerde serde = new EventSerde(new BundledRegistry());

    // ---- round trips ----

    @Property(tries = 300)
    void shouldReadWhatItWrote(@ForAll("anyEvent") SpecificRecord event) {
        SpecificRecord read = read(write(event));

        assertThat(read).isEqualTo(event).hasSameClassAs(event);
    }

    @Provide
    Arbitrary<SpecificRecord> anyEvent() {
        return Arbitraries.oneOf(eventSchemas().map(Records::any).toList());
    }

    @Test
    void shouldTakeNullForNullBothWays() {
        // When
        byte[] bytes = serde.serializer().serialize("chats", null);
        SpecificRecord event = serde.deserializer().deserialize("chats", null);

        // Then
        assertThat(bytes).isNull();
        assertThat(event).isNull();
    }

    @Test
    void shouldServeManyThreadsAtOnce() {
        // When
        long right = IntStream.range(0, 20_000)
                .parallel()
                .mapToObj(i -> Records.examples().get(i % Records.examples().size()))
                .filter(event -> read(write(event)).equals(event))
                .count();

        // Then
        assertThat(right).isEqualTo(20_000);
    }

    // ---- the wire format ----

    @Test
    void shouldWriteByteZeroThenTheIdBigEndianThenTheAvroBody() {
        // Given
        EventSerde withId = new EventSerde(registry(0x01020304, ChatLimitSet.getClassSchema()));

        // When
        byte[] bytes = withId.serializer().serialize("chat-limits", new ChatLimitSet("c-1", 64L, null, AT));

        // Then
        assertThat(hex(bytes))
                .isEqualTo(
                        "00" // magic
                                + "01020304" // schema id
                                + "06632d31" // string of 3 bytes, c-1
                                + "028001" // union branch 1, long 64
                                + "00" // union branch 0, null
                                + "02"); // long 1
    }

    @Test
    void shouldReadBytesThatAnotherClientWrote() {
        // Given
        EventSerde withId = new EventSerde(registry(7, AccountGroups.getClassSchema()));
        // The array in two blocks, the first with its size in bytes: Avro allows it and other languages write it.
        byte[] bytes = unhex("00" + "00000007" + "0104" + "02" + "67" + "02" + "02" + "68" + "00" + "02");

        // When
        SpecificRecord event = withId.deserializer().deserialize("account-groups", bytes);

        // Then
        assertThat(event).isEqualTo(new AccountGroups(List.of("g", "h"), AT));
    }

    @Test
    void shouldAskTheRegistryForTheSubjectOfTheTopic() {
        // Given
        List<String> subjects = new ArrayList<>();
        EventSerde asking = new EventSerde(new SchemaRegistry() {
            @Override
            public int idOf(String subject, Schema schema) {
                subjects.add(subject);
                return 1;
            }

            @Override
            public Schema byId(int id) {
                throw new UnknownSchemaException("not asked here");
            }
        });

        // When
        asking.serializer().serialize("test.chat-limits", new ChatLimitSet("c-1", null, null, AT));

        // Then
        assertThat(subjects).containsExactly("test.chat-limits-value");
    }

    // ---- other versions of a schema ----

    @Test
    void shouldReadARecordOfALaterSchemaWithAFieldThatThisVersionDoesNotKnow() throws Exception {
        // Given
        Schema later = SchemaBuilder.record("dev.spendledger.events.AccountGroups")
                .fields()
                .requiredString("added_later")
                .name("group_ids")
                .type()
                .array()
                .items()
                .stringType()
                .noDefault()
                .requiredLong("set_at")
                .endRecord();
        GenericRecord written = new GenericData.Record(later);
        written.put("added_later", "x");
        written.put("group_ids", List.of("g-1"));
        written.put("set_at", 1L);
        EventSerde reader = new EventSerde(registry(9, later));

        // When
        SpecificRecord event = reader.deserializer().deserialize("account-groups", inWireFormat(9, written));

        // Then
        assertThat(event).isEqualTo(new AccountGroups(List.of("g-1"), AT));
    }

    @Test
    void shouldReadAnEnumSymbolOfALaterSchemaAsUnknown() throws Exception {
        // Given
        Schema later = new Schema.Parser()
                .parse(TreeStatus.getClassSchema().toString().replace("\"EXHAUSTED\"]", "\"EXHAUSTED\",\"FROZEN\"]"));
        GenericRecord written = new GenericData.Record(later);
        written.put("root_chat_id", "c-1");
        written.put("account_id", "a-1");
        written.put("state", new GenericData.EnumSymbol(later.getField("state").schema(), "FROZEN"));
        written.put("spent_micros", 1L);
        written.put("limit_micros", 1L);
        written.put("limit_offset", -1L);
        written.put("at", 1L);
        EventSerde reader = new EventSerde(registry(9, later));

        // When
        SpecificRecord event = reader.deserializer().deserialize("tree-status", inWireFormat(9, written));

        // Then
        assertThat(event).isEqualTo(new TreeStatus("c-1", "a-1", TreeState.UNKNOWN, 1L, 1L, -1L, AT));
    }

    @Test
    void shouldRejectARecordWhoseSchemaLacksAFieldThatIsNeeded() throws Exception {
        // Given
        Schema other = SchemaBuilder.record("dev.spendledger.events.AccountGroups")
                .fields()
                .requiredLong("set_at")
                .endRecord();
        GenericRecord written = new GenericData.Record(other);
        written.put("set_at", 1L);
        EventSerde reader = new EventSerde(registry(9, other));

        // When
        Throwable thrown =
                catchThrowable(() -> reader.deserializer().deserialize("account-groups", inWireFormat(9, written)));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class).hasMessageContaining("AccountGroups");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"string\"",
                "[\"null\",\"string\"]",
                "{\"type\":\"record\",\"name\":\"com.example.Foreign\",\"fields\":[]}",
                "{\"type\":\"map\",\"values\":\"long\"}"
            })
    void shouldRejectARecordWhoseSchemaIsNoEvent(String schema) {
        // Given
        EventSerde reader = new EventSerde(registry(9, new Schema.Parser().parse(schema)));

        // When
        Throwable thrown = catchThrowable(() -> reader.deserializer().deserialize("chats", unhex("0000000009")));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class);
    }

    // ---- rubbish ----

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "empty, ''",
        "one byte, 00",
        "no id, 000102",
        "half an id, 00010203",
        "wrong magic, 0180000001",
        "text that is JSON, 7b22636861745f6964223a22632d31227d"
    })
    void shouldRejectBytesThatAreNotInTheWireFormat(String kind, String bytes) {
        // When
        Throwable thrown = catchThrowable(() -> read(unhex(bytes)));

        // Then
        assertThat(thrown)
                .isInstanceOf(SerializationException.class)
                .isNotInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("wire format");
    }

    @ParameterizedTest
    @CsvSource({"0000000000", "0000000001", "007fffffff", "00ffffffff", "0080000000"})
    void shouldSayThatItDoesNotKnowTheSchema(String bytes) {
        // When
        Throwable thrown = catchThrowable(() -> read(unhex(bytes)));

        // Then
        assertThat(thrown).isInstanceOf(UnknownSchemaException.class).hasMessageContaining("0x" + bytes.substring(2));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldRejectARecordCutOffAtAnyLength(SpecificRecord event) {
        byte[] whole = write(event);
        for (int length = 5; length < whole.length; length++) {
            byte[] cutOff = Arrays.copyOf(whole, length);

            assertThatThrownBy(() -> read(cutOff))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(SerializationException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldRejectARecordWithBytesLeftOver(SpecificRecord event) {
        // Given
        byte[] whole = write(event);
        byte[] longer = Arrays.copyOf(whole, whole.length + 1);

        // When
        Throwable thrown = catchThrowable(() -> read(longer));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class).hasMessageContaining("left over");
    }

    /** A long that Avro reads as a length: as a string's, it promises more than there is. */
    @ParameterizedTest
    @CsvSource({"1000000", "2147483639", "2147483647", "2147483648", "1099511627776", "9223372036854775807", "-1"})
    void shouldRejectAStringThatPromisesMoreThanThereIsWithoutMakingRoomForIt(long length) {
        // Given
        byte[] bytes = body(ChatCreated.getClassSchema(), length);

        // When
        Throwable thrown = catchThrowableWithoutHarm(() -> read(bytes));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class);
    }

    /** As above, for the number of items of an array; a negative one is followed by the block's size. */
    @ParameterizedTest
    @CsvSource({
        "1000000",
        "2147483639",
        "2147483647",
        "2147483648",
        "1099511627776",
        "9223372036854775807",
        "-1",
        "-2147483640",
        "-9223372036854775808"
    })
    void shouldRejectAnArrayThatPromisesMoreThanThereIsWithoutMakingRoomForIt(long items) {
        // Given
        byte[] bytes = body(AccountGroups.getClassSchema(), items, 1L);

        // When
        Throwable thrown = catchThrowableWithoutHarm(() -> read(bytes));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class);
    }

    @ParameterizedTest
    @CsvSource({"2", "-1", "2147483647", "2147483648", "-9223372036854775808"})
    void shouldRejectAUnionBranchThatDoesNotExist(long branch) {
        // Given
        byte[] bytes = concat(body(ChatCreated.getClassSchema(), 0), longs(branch));

        // When
        Throwable thrown = catchThrowable(() -> read(bytes));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class);
    }

    @ParameterizedTest
    @CsvSource({"2", "-1", "2147483647"})
    void shouldRejectAnEnumSymbolThatDoesNotExist(long symbol) {
        // Given
        byte[] bytes = body(TreeStatus.getClassSchema(), 0, 0, symbol, 0, 0, 0, 0);

        // When
        Throwable thrown = catchThrowable(() -> read(bytes));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class);
    }

    @Test
    void shouldRejectANumberThatDoesNotFit() {
        // Given
        // message_id, chat_id, root_chat_id, account_id, then a revision that needs more than 32 bits.
        byte[] revision = body(MessagePriced.getClassSchema(), 0, 0, 0, 0, 1L << 40);
        byte[] elevenByteLong = concat(body(ChatLimitSet.getClassSchema(), 0, 0, 0), unhex("ffffffffffffffffffff01"));

        // When
        Throwable tooBig = catchThrowable(() -> read(revision));
        Throwable tooLong = catchThrowable(() -> read(elevenByteLong));

        // Then
        assertThat(tooBig).isInstanceOf(SerializationException.class);
        assertThat(tooLong).isInstanceOf(SerializationException.class);
    }

    @Property(tries = 1_000)
    @Tag("P11")
    void shouldOnlyEverReadOrRejectWhateverTheBodyIs(
            @ForAll("eventSchema") Schema schema, @ForAll @Size(max = 40) byte[] body) {
        assertReadsOrRejects(concat(header(schema), body));
    }

    @Property(tries = 500)
    @Tag("P11")
    void shouldOnlyEverReadOrRejectWhateverTheBytesAre(@ForAll @Size(max = 40) byte[] bytes) {
        assertReadsOrRejects(bytes);
    }

    @Property(tries = 1_000)
    @Tag("P11")
    void shouldOnlyEverReadOrRejectARecordWithOneByteChanged(@ForAll("oneByteChanged") byte[] bytes) {
        assertReadsOrRejects(bytes);
    }

    @Property(tries = 200)
    void shouldOnlyEverReadOrRejectTheBodyOfOneEventUnderTheIdOfAnother(
            @ForAll("eventSchema") Schema schema, @ForAll("anyEvent") SpecificRecord event) {
        byte[] bytes = write(event);
        System.arraycopy(header(schema), 0, bytes, 0, 5);

        assertReadsOrRejects(bytes);
    }

    @Provide
    Arbitrary<Schema> eventSchema() {
        return Arbitraries.of(eventSchemas().toList());
    }

    @Provide
    Arbitrary<byte[]> oneByteChanged() {
        return Combinators.combine(
                        Arbitraries.of(Records.examples()),
                        Arbitraries.integers().between(5, 10_000),
                        Arbitraries.bytes())
                .as((event, position, replacement) -> {
                    byte[] bytes = write(event);
                    bytes[5 + position % (bytes.length - 5)] = replacement;
                    return bytes;
                });
    }

    private void assertReadsOrRejects(byte[] bytes) {
        Throwable thrown = catchThrowableWithoutHarm(() -> read(bytes));
        if (thrown != null) {
            assertThat(thrown).as(hex(bytes)).isInstanceOf(SerializationException.class);
        }
    }

    // ---- writing what is not right ----

    @Test
    void shouldRefuseToWriteARecordThatLacksAFieldThatIsNeeded() {
        // When
        Throwable thrown = catchThrowable(() -> write(new ChatLimitSet(null, 1L, null, AT)));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class).hasMessageContaining("ChatLimitSet");
    }

    @Test
    void shouldRefuseToWriteATimeThatTheWireCannotCarry() {
        // When
        Throwable thrown = catchThrowable(() -> write(new ChatLimitSet("c-1", 1L, null, Instant.MAX)));

        // Then
        assertThat(thrown).isInstanceOf(SerializationException.class);
    }

    // ---- configuration ----

    @Test
    void shouldTakeTheBundledRegistryFromItsConfiguration() {
        // Given
        EventSerde configured = new EventSerde();
        SpecificRecord event = Records.examples().get(0);

        // When
        configured.configure(Map.of(EventSerde.REGISTRY_URL, BundledRegistry.URL), false);

        // Then
        assertThat(configured.serializer().serialize("chats", event)).isEqualTo(write(event));
    }

    @Test
    void shouldNameTheSettingWhenTheRegistryIsNoneItKnows() {
        // When
        Throwable thrown = catchThrowable(
                () -> new EventSerde().configure(Map.of(EventSerde.REGISTRY_URL, "localhost:8081"), false));

        // Then
        assertThat(thrown)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("schema.registry.url")
                .hasMessageContaining("bundled:");
    }

    @Test
    void shouldNameTheSettingWhenNoRegistryIsGiven() {
        assertThatCode(() -> new EventSerde().configure(Map.of(), false))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("schema.registry.url");
    }

    // ---- helpers ----

    private static Stream<Schema> eventSchemas() {
        return Stream.of(Topic.values()).flatMap(topic -> topic.recordSchema().stream());
    }

    static List<SpecificRecord> examples() {
        return Records.examples();
    }

    private byte[] write(SpecificRecord event) {
        return serde.serializer().serialize("any-topic", event);
    }

    private SpecificRecord read(byte[] bytes) {
        return serde.deserializer().deserialize("any-topic", bytes);
    }

    private static byte[] header(Schema schema) {
        int id = new BundledRegistry().idOf("any", schema);
        return ByteBuffer.allocate(5).put((byte) 0).putInt(id).array();
    }

    /** A record that begins with these numbers, each in Avro's variable length. */
    private static byte[] body(Schema schema, long... numbers) {
        return concat(header(schema), longs(numbers));
    }

    private static byte[] longs(long... numbers) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        try {
            for (long number : numbers) {
                encoder.writeLong(number);
            }
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] inWireFormat(int id, GenericRecord record) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    private static SchemaRegistry registry(int id, Schema schema) {
        return new SchemaRegistry() {
            @Override
            public int idOf(String subject, Schema asked) {
                return id;
            }

            @Override
            public Schema byId(int asked) {
                if (asked != id) {
                    throw new UnknownSchemaException("no such id");
                }
                return schema;
            }
        };
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] unhex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
