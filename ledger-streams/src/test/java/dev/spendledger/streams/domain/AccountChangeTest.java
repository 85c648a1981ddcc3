package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a fact changes for the accounts. */
class AccountChangeTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final AccountDay AT = new AccountDay("a-1", LocalDate.of(2026, 11, 23));

    private static Message message(int revision, String account, Instant pricedAt, Long cost) {
        return new Message(
                new Attribution(revision, pricedAt, "c-1", account), new Pricing(revision, cost, null, null, null));
    }

    private static Totals totals(long micros, long priced, long unpriced) {
        return new Totals(BigInteger.valueOf(micros), priced, unpriced);
    }

    @Test
    void shouldAddANewMessageToItsAccountsDay() {
        assertThat(AccountChange.between(null, message(0, "a-1", NOON, 5L)))
                .containsExactly(new AccountChange(AT, totals(5, 1, 0)));
    }

    @Test
    void shouldCountANewMessageWithoutAPrice() {
        assertThat(AccountChange.between(null, message(0, "a-1", NOON, null)))
                .containsExactly(new AccountChange(AT, totals(0, 0, 1)));
    }

    @Test
    void shouldTakeTheDifferenceOfARepricing() {
        assertThat(AccountChange.between(message(0, "a-1", NOON, 5L), message(0, "a-1", NOON, 2L)))
                .containsExactly(new AccountChange(AT, totals(-3, 0, 0)));
        assertThat(AccountChange.between(message(0, "a-1", NOON, null), message(0, "a-1", NOON, 2L)))
                .containsExactly(new AccountChange(AT, totals(2, 1, -1)));
    }

    @Test
    @Tag("P17")
    void shouldMoveAMessageBetweenDaysAndAccounts() {
        // Given
        Message before = message(1, "a-1", NOON, 5L);
        Message after = message(0, "a-2", NOON.minusSeconds(86_400), 7L);

        // When
        List<AccountChange> changes = AccountChange.between(before, after);

        // Then
        assertThat(changes)
                .containsExactly(
                        new AccountChange(AT, totals(-5, -1, 0)),
                        new AccountChange(new AccountDay("a-2", LocalDate.of(2026, 11, 22)), totals(7, 1, 0)));
    }

    @Test
    void shouldChangeNothingForAnAccountWhoseDayStaysAsItIs() {
        assertThat(AccountChange.between(message(0, "a-1", NOON, 5L), message(0, "a-1", NOON.plusSeconds(1), 5L)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T00:00:00Z, 2026-11-23",
        "2026-11-22T23:59:59.999Z, 2026-11-22",
        "2028-02-29T23:59:59.999Z, 2028-02-29",
        "1969-12-31T23:59:59.999Z, 1969-12-31",
    })
    void shouldEndADayJustBeforeMidnight(Instant instant, LocalDate day) {
        assertThat(AccountDay.utcDay(instant)).isEqualTo(day);
    }
}
