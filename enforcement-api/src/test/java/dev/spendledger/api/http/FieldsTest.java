package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.spendledger.api.decision.Operation;
import dev.spendledger.api.http.ApiException.Validation;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of field: what it takes, what it refuses, and that all that is wrong is said at once. */
class FieldsTest {

    // ---- ids ----

    @ParameterizedTest(name = "{0}")
    @MethodSource("ids")
    void shouldTakeAnId(String kind, String json, String id) {
        assertThatObject(read(json, fields -> fields.requiredId("f"))).isEqualTo(id);
    }

    static Stream<Arguments> ids() {
        return Stream.of(
                Arguments.of("one character", "{\"f\": \"c\"}", "c"),
                Arguments.of("128 characters", "{\"f\": \"" + "c".repeat(128) + "\"}", "c".repeat(128)),
                Arguments.of("a space", "{\"f\": \" \"}", " "),
                Arguments.of("letters of any script", "{\"f\": \"会話/ü\"}", "会話/ü"),
                Arguments.of("written with escapes", "{\"f\": \"\\u4f1a\\ud83d\\ude00\"}", "会😀"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("noIds")
    void shouldRefuseWhatIsNoId(String kind, String json, String detail) {
        assertThat(violations(json, fields -> fields.requiredId("f"))).containsExactly(new Validation("f", detail));
    }

    static Stream<Arguments> noIds() {
        String length = "must be 1 to 128 characters";
        String noString = "must be a string of 1 to 128 characters";
        String control = "must not contain control characters";
        String malformed = "must be well-formed text, without U+FFFD or half a surrogate pair";
        return Stream.of(
                Arguments.of("missing", "{}", "is required"),
                Arguments.of("null", "{\"f\": null}", "is required"),
                Arguments.of("empty", "{\"f\": \"\"}", length),
                Arguments.of("129 characters", "{\"f\": \"" + "c".repeat(129) + "\"}", length),
                Arguments.of("a number", "{\"f\": 7}", noString),
                Arguments.of("true", "{\"f\": true}", noString),
                Arguments.of("an array", "{\"f\": [\"c\"]}", noString),
                Arguments.of("an object", "{\"f\": {\"f\": \"c\"}}", noString),
                Arguments.of("a null character", "{\"f\": \"c\\u0000\"}", control),
                Arguments.of("a line feed", "{\"f\": \"c\\n\"}", control),
                Arguments.of("delete", "{\"f\": \"c\\u007f\"}", control),
                Arguments.of("a C1 control", "{\"f\": \"c\\u0085\"}", control),
                Arguments.of("half a surrogate pair", "{\"f\": \"c\\ud83d\"}", malformed),
                Arguments.of("the replacement character", "{\"f\": \"c\\ufffd\"}", malformed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"f\": null}"})
    void shouldReadAnOptionalIdAsNullWhetherMissingOrNull(String json) {
        assertThatObject(read(json, fields -> fields.optionalId("f"))).isNull();
    }

    // ---- integers ----

    @ParameterizedTest
    @CsvSource({"-3, -3", "0, 0", "-0, 0", "7, 7"})
    void shouldTakeAnIntegerUpToBothItsLimits(String number, long value) {
        assertThatObject(read("{\"f\": " + number + "}", fields -> fields.optionalInteger("f", -3, 7)))
                .isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-4",
                "8",
                "1.0",
                "0.5",
                "1e0",
                "1E2",
                "1e999999999",
                "\"5\"",
                "\"\"",
                "true",
                "[]",
                "{}",
                "9223372036854775807",
                "9223372036854775808",
                "-9223372036854775809",
                "18446744073709551617",
                "99999999999999999999999999999999999999999999"
            })
    void shouldRefuseWhatIsNoIntegerOfItsRange(String number) {
        assertThat(violations("{\"f\": " + number + "}", fields -> fields.optionalInteger("f", -3, 7)))
                .containsExactly(new Validation("f", "must be an integer from -3 to 7"));
    }

    @Test
    void shouldTellALimitLeftOutFromOneThatIsNull() {
        assertThatObject(read("{\"f\": null}", fields -> fields.requiredLimitOrNull("f")))
                .isNull();
        assertThatObject(read("{\"f\": 9007199254740991}", fields -> fields.requiredLimitOrNull("f")))
                .isEqualTo(9007199254740991L);
        assertThat(violations("{}", fields -> fields.requiredLimitOrNull("f")))
                .containsExactly(new Validation("f", "is required; null removes the limit"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "9007199254740992", "0.5", "1.0", "\"5\"", "false"})
    void shouldRefuseALimitOutOfItsRange(String number) {
        assertThat(violations("{\"f\": " + number + "}", fields -> fields.requiredLimitOrNull("f")))
                .containsExactly(new Validation("f", "must be an integer from 1 to 9007199254740991"));
    }

    // ---- times ----

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T12:00:00Z, 2026-11-23T12:00:00Z",
        "2026-11-23T12:00:00.123Z, 2026-11-23T12:00:00.123Z",
        "2026-11-23T12:00:00.123999Z, 2026-11-23T12:00:00.123Z",
        "2026-11-23T12:00:00+01:00, 2026-11-23T11:00:00Z",
        "2026-11-23T12:00:00-00:00, 2026-11-23T12:00:00Z",
        "2026-11-23t12:00:00z, 2026-11-23T12:00:00Z",
        "0000-01-01T00:00:00Z, 0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z, 9999-12-31T23:59:59.999Z"
    })
    void shouldTakeATimeToTheMillisecond(String text, Instant time) {
        assertThatObject(read("{\"f\": \"" + text + "\"}", fields -> fields.optionalTime("f")))
                .isEqualTo(time);
    }

    /** Years of more or fewer than four digits are no RFC 3339, and the far ones no milliseconds either. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"",
                "\"now\"",
                "\"2026-11-23\"",
                "\"2026-11-23 12:00:00Z\"",
                "\"2026-11-23T12:00:00\"",
                "\"2026-11-23T12:00Z\"",
                "\"2026-02-30T12:00:00Z\"",
                "\"2026-11-23T25:00:00Z\"",
                "\"2026-11-23T12:00:00.123Z[Europe/Paris]\"",
                "\"-0001-01-01T00:00:00Z\"",
                "\"+12026-11-23T12:00:00Z\"",
                "\"-999999999-01-01T00:00:00Z\"",
                "\"+999999999-12-31T23:59:59Z\"",
                "1795435200000",
                "true",
                "{}"
            })
    void shouldRefuseWhatIsNoTime(String value) {
        assertThat(violations("{\"f\": " + value + "}", fields -> fields.optionalTime("f")))
                .containsExactly(new Validation("f", "must be a time as in 2026-11-23T12:00:00.123Z (RFC 3339)"));
    }

    // ---- codes ----

    @Test
    void shouldTakeEachCode() {
        for (Operation operation : Operation.values()) {
            assertThatObject(read("{\"f\": \"" + operation.code() + "\"}", FieldsTest::operation))
                    .isEqualTo(operation);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"send\"", "\"SPAWN\"", "\" spawn\"", "\"\"", "1", "[\"spawn\"]"})
    void shouldRefuseAnyOtherCodeAndNameThoseThereAre(String value) {
        assertThat(violations("{\"f\": " + value + "}", FieldsTest::operation))
                .containsExactly(new Validation(
                        "f", "must be one of send_message, edit_message, promote_queued, model_step, spawn"));
    }

    private static Operation operation(Fields fields) {
        return fields.optionalCode("f", Operation.values(), Operation::code);
    }

    // ---- the whole object ----

    @Test
    void shouldSayEverythingThatIsWrongAtOnce() {
        // When
        List<Validation> violations = violations(
                "{\"id\": \"\", \"number\": 8, \"time\": 1, \"code\": 1, \"other\": 1, \"another\": null}",
                fields -> Arrays.asList(
                        fields.requiredId("id"),
                        fields.requiredId("missing"),
                        fields.optionalInteger("number", 0, 7),
                        fields.optionalTime("time"),
                        fields.optionalCode("code", Operation.values(), Operation::code)));

        // Then
        assertThat(violations)
                .extracting(Validation::field)
                .containsExactlyInAnyOrder("id", "missing", "number", "time", "code", "other", "another");
    }

    /** A field that is wrong is known all the same. */
    @Test
    void shouldNotCallAFieldUnknownThatIsWrong() {
        assertThat(violations("{\"f\": 1}", fields -> fields.requiredId("f"))).hasSize(1);
        assertThat(violations("{\"f\": \"x\"}", fields -> fields.requiredLimitOrNull("f")))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[{}]", "\"f\"", "1", "true", "null"})
    void shouldRefuseWhatIsNoObject(String json) {
        assertThat(violations(json, fields -> "unread")).containsExactly(new Validation("$", "must be a JSON object"));
    }

    private static <T> T read(String json, Function<Fields, T> read) {
        return Fields.readObject(Json.read(Buffer.buffer(json)), read);
    }

    private static List<Validation> violations(String json, Function<Fields, ?> read) {
        return catchThrowableOfType(ApiException.class, () -> read(json, read)).validations();
    }
}
