package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
    private static final String TOKEN = "0123456789abcdef";

    @Test
    void shouldGiveATokenTheRolesOfAllItsLines() {
        // When
        Tokens tokens = Tokens.parse("""
                # who: what

                check,write   0123456789abcdef
                metrics\t0123456789abcdeg
                 metrics 0123456789abcdef
                """);

        // Then
        assertThat(tokens.rolesOf(TOKEN)).isEqualTo(Set.of(Role.CHECK, Role.WRITE, Role.METRICS));
        assertThat(tokens.rolesOf("0123456789abcdeg")).isEqualTo(Set.of(Role.METRICS));
        assertThat(tokens.rolesOf("0123456789abcde")).isEmpty();
        assertThat(tokens.rolesOf("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "check | line 1 must be roles, with commas, and a token",
                "check 0123456789abcdef more | line 1 must be roles, with commas, and a token",
                "chekc 0123456789abcdef | the roles of line 1 must be among check, write, admin, metrics",
                "check, 0123456789abcdef | the roles of line 1 must be among check, write, admin, metrics",
                "check 0123456789abcde | what stands on line 1 must be 16 to 256 visible ASCII characters",
                "check 0123456789abcdeä | what stands on line 1 must be 16 to 256 visible ASCII characters",
                "# check 0123456789abcdef | there is no token in it",
                "'' | there is no token in it"
            })
    void shouldSayWhichLineIsWrongAndNotWhatStandsThere(String file, String wrong) {
        assertThatThrownBy(() -> Tokens.parse(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(wrong)
                .hasMessageNotContainingAny("0123456789");
    }

    @Test
    void shouldShowTheFirstSecretAndTakeAny() {
        // When
        List<String> secrets = Tokens.parseSecrets("# new\n0123456789abcdef\n\n fedcba9876543210 \n");

        // Then
        assertThat(secrets).containsExactly(TOKEN, "fedcba9876543210");
        assertThat(Tokens.isAmong(secrets, "fedcba9876543210")).isTrue();
        assertThat(Tokens.isAmong(secrets, "fedcba987654321")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing", "too-short", "two words of 16 characters"})
    void shouldRefuseAFileWithoutASecret(String file) {
        assertThatThrownBy(() -> Tokens.parseSecrets(file)).isInstanceOf(IllegalArgumentException.class);
    }
}
