package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RangesTest {

    @ParameterizedTest(name = "{0}")
    @MethodSource("texts")
    void shouldTellAnIdFromOtherTexts(String kind, String text, boolean isId) {
        assertThat(Ranges.isId(text)).isEqualTo(isId);
    }

    static Stream<Arguments> texts() {
        return Stream.of(
                Arguments.of("empty", "", false),
                Arguments.of("one character", "c", true),
                Arguments.of("128 characters", "c".repeat(128), true),
                Arguments.of("129 characters", "c".repeat(129), false),
                Arguments.of("128 UTF-16 units in 64 characters", "😀".repeat(64), true),
                Arguments.of("130 UTF-16 units in 65 characters", "😀".repeat(65), false),
                Arguments.of("letters of any script", "chat-üñ-会話", true),
                Arguments.of("spaces and punctuation", " a b/c?d&e=f%20:\"'", true),
                Arguments.of("a space alone", " ", true),
                Arguments.of("null character", "c\u0000", false),
                Arguments.of("tab", "\tc", false),
                Arguments.of("line feed", "c\n", false),
                Arguments.of("last of the C0 controls", "c\u001f", false),
                Arguments.of("delete", "c\u007f", false),
                Arguments.of("first of the C1 controls", "\u0080c", false),
                Arguments.of("last of the C1 controls", "c\u009f", false),
                Arguments.of("first character beyond them", "c\u00a0", true),
                Arguments.of("replacement character", "c\ufffd", false),
                Arguments.of("high surrogate alone", "c\ud83d", false),
                Arguments.of("low surrogate alone", "\ude00c", false),
                Arguments.of("high surrogate before a letter", "\ud83dc", false),
                Arguments.of("low surrogate behind a letter", "c\ude00", false),
                Arguments.of("surrogates the wrong way round", "\ude00\ud83d", false),
                Arguments.of("high surrogate before a pair", "\ud83d\ud83d\ude00", false),
                Arguments.of("control character behind a pair", "\ud83d\ude00\n", false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("reasons")
    void shouldTellAReasonFromOtherTexts(String kind, String text, boolean isReason) {
        assertThat(Ranges.isReason(text)).isEqualTo(isReason);
    }

    static Stream<Arguments> reasons() {
        return Stream.of(
                Arguments.of("empty", "", false),
                Arguments.of("a sentence", "Runs in circles: 4,000 chats in 5 minutes.", true),
                Arguments.of("1,000 characters", "c".repeat(1_000), true),
                Arguments.of("1,001 characters", "c".repeat(1_001), false),
                Arguments.of("two lines", "a\nb", false),
                Arguments.of("half a surrogate pair", "c\ud83d", false));
    }

    /** Two ids that meet in one key would be one chat. */
    @Property
    void shouldOnlyTakeTextsThatComeBackFromTheirUtf8Bytes(@ForAll String text) {
        if (Ranges.isId(text)) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(text);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-9223372036854775808, false",
        "-1, false",
        "0, false",
        "1, true",
        "9007199254740991, true",
        "9007199254740992, false",
        "9223372036854775807, false"
    })
    void shouldTakeALimitFromOneToTwoToThe53MinusOne(long micros, boolean isLimit) {
        assertThat(Ranges.isLimit(micros)).isEqualTo(isLimit);
    }

    @ParameterizedTest
    @CsvSource({
        "-9223372036854775808, false",
        "-1, false",
        "0, true",
        "1000000000000, true",
        "1000000000001, false",
        "9223372036854775807, false"
    })
    void shouldTakeACostFromZeroToTenToThe12(long micros, boolean isCost) {
        assertThat(Ranges.isCost(micros)).isEqualTo(isCost);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, false",
        "0, true",
        "9007199254740991, true",
        "9007199254740992, false",
        "9223372036854775807, false"
    })
    void shouldTakeTokensFromZeroToTwoToThe53MinusOne(long tokens, boolean isTokens) {
        assertThat(Ranges.isTokens(tokens)).isEqualTo(isTokens);
    }
}
