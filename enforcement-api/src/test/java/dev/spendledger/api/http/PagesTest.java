package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.spendledger.api.http.ApiException.Validation;
import dev.spendledger.api.query.LedgerReader.Member;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.query.SpendQuery.Page;
import dev.spendledger.api.query.SpendView;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Models;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.Totals;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PagesTest {

    @Test
    void shouldListNoChatsUnlessAskedTo() {
        assertThat(Pages.read(query())).isEmpty();
        assertThat(Pages.read(query("breakdown", "false", "page_size", "7"))).isEmpty();
    }

    @Test
    void shouldBeginAtTheFirstChatWithAHundred() {
        assertThat(Pages.read(query("breakdown", "true"))).contains(new Page("", 100));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "999, 999", "1000, 1000", "0001, 1"})
    void shouldTakeAPageSizeFromOneToAThousand(String text, int size) {
        assertThat(Pages.read(query("breakdown", "true", "page_size", text))).contains(new Page("", size));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "1001", "-1", "+1", "1.0", "1e2", " 1", "ten", "00001", "99999999999", "١"})
    void shouldRefuseAnyOtherPageSize(String text) {
        assertThat(violations("breakdown", "true", "page_size", text))
                .containsExactly(new Validation("page_size", "must be an integer from 1 to 1000"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "TRUE", "1", "yes", "true "})
    void shouldRefuseABreakdownThatIsNeitherTrueNorFalse(String text) {
        assertThat(violations("breakdown", text)).containsExactly(new Validation("breakdown", "must be true or false"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tokensOfNoReply")
    void shouldRefuseATokenThatNoReplyHasGiven(String kind, String token) {
        assertThat(violations("breakdown", "true", "page_token", token))
                .extracting(Validation::field)
                .containsExactly("page_token");
    }

    static Stream<Arguments> tokensOfNoReply() {
        return Stream.of(
                Arguments.of("empty", ""),
                Arguments.of("no Base64", "?"),
                Arguments.of("half a byte", "A"),
                Arguments.of("Base64 with the other alphabet", "+/+/"),
                Arguments.of("a control character", token("c\n")),
                Arguments.of("an id that is too long", token("c".repeat(129))));
    }

    /** Whether or not the page is asked for: a parameter that is wrong now would be wrong later. */
    @Test
    void shouldNameEveryWrongParameterAtOnce() {
        assertThat(violations("breakdown", "perhaps", "page_size", "0", "page_token", "?"))
                .extracting(Validation::field)
                .containsExactly("breakdown", "page_size", "page_token");
        assertThat(violations("page_size", "0")).extracting(Validation::field).containsExactly("page_size");
    }

    @Test
    void shouldHaveNoTokenOnTheLastPage() {
        assertThat(Pages.nextToken(view("c-7", false))).isNull();
    }

    @Property
    void shouldGoOnBehindTheLastChatShownWhateverItsId(@ForAll @StringLength(min = 1, max = 128) String chatId) {
        // Given
        Assume.that(Ranges.isId(chatId));

        // When
        String token = Pages.nextToken(view(chatId, true));

        // Then
        assertThat(token).matches("[A-Za-z0-9_-]+");
        assertThat(Pages.read(query("breakdown", "true", "page_token", token))).contains(new Page(chatId, 100));
    }

    private static List<Validation> violations(String... namesAndValues) {
        return catchThrowableOfType(ApiException.class, () -> Pages.read(query(namesAndValues)))
                .validations();
    }

    private static MultiMap query(String... namesAndValues) {
        MultiMap parameters = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            parameters.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return parameters;
    }

    private static String token(String chatId) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(chatId.getBytes(StandardCharsets.UTF_8));
    }

    /** A page of two chats. */
    private static SpendView view(String lastChatId, boolean more) {
        List<Member> chats = List.of(
                new Member("a", ChatSpend.joined(null, FakeReader.ACCOUNT)),
                new Member(lastChatId, ChatSpend.joined("a", FakeReader.ACCOUNT)));
        return new SpendView(
                "a",
                Optional.of("a"),
                Optional.of(FakeReader.ACCOUNT),
                Totals.ZERO,
                Models.NONE,
                Totals.ZERO,
                Optional.empty(),
                false,
                Optional.of(chats),
                more,
                Optional.empty(),
                ServedBy.OWNER,
                FakeReader.FRESH);
    }
}
