package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.AccountDay;
import dev.spendledger.streams.domain.Totals;
import java.time.LocalDate;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class RecentAccountsTest {
    private static final LocalDate FIRST = LocalDate.parse("2026-11-01");
    private static final LocalDate NEXT = LocalDate.parse("2026-12-01");
    private static final int MOST = 1_000;

    private final Map<String, NavigableMap<LocalDate, Totals>> store = new ConcurrentHashMap<>();
    private int reads;
    private final RecentAccounts accounts = accounts(MOST);

    private RecentAccounts accounts(int most) {
        return new RecentAccounts(
                (account, first) -> {
                    reads++;
                    return store.getOrDefault(account, new TreeMap<>()).tailMap(first);
                },
                most);
    }

    /** As the fold does. */
    private void fold(String account, String day, long micros) {
        LocalDate date = LocalDate.parse(day);
        Totals after = store.computeIfAbsent(account, any -> new TreeMap<>())
                .merge(date, Totals.ZERO.plus(micros), Totals::and);
        accounts.put(new AccountDay(account, date), after);
    }

    private long spent(String account) {
        return accounts.spent(account, FIRST, NEXT).spentMicros();
    }

    @Test
    void shouldReadAnAccountOnceAndThenFollowWhatIsFolded() {
        // Given
        fold("a", "2026-11-03", 1);
        assertThat(accounts.ifHeld("a", FIRST, NEXT)).isEmpty();
        assertThat(spent("a")).isEqualTo(1);

        // When
        fold("a", "2026-11-03", 10);
        fold("a", "2026-11-30", 100);

        // Then
        assertThat(accounts.ifHeld("a", FIRST, NEXT).orElseThrow().spentMicros())
                .isEqualTo(111);
        assertThat(spent("a")).isEqualTo(111);
        assertThat(reads).isEqualTo(1);
    }

    @Test
    void shouldCountTheDaysOfThePeriodAndNoOthers() {
        // Given
        spent("a");

        // When
        fold("a", "2026-10-31", 1);
        fold("a", "2026-11-01", 10);
        fold("a", "2026-12-01", 100);

        // Then
        assertThat(spent("a")).isEqualTo(10);
        assertThat(accounts.ifHeld("a", FIRST, NEXT.plusDays(1)).orElseThrow().spentMicros())
                .isEqualTo(110);
    }

    @Test
    void shouldReadAnAccountAnewForAnotherPeriod() {
        // Given
        fold("a", "2026-11-03", 1);
        fold("a", "2026-12-03", 10);
        spent("a");

        // When // Then
        assertThat(accounts.ifHeld("a", NEXT, NEXT.plusMonths(1))).isEmpty();
        assertThat(accounts.spent("a", NEXT, NEXT.plusMonths(1)).spentMicros()).isEqualTo(10);
        assertThat(reads).isEqualTo(2);
    }

    @Test
    void shouldKnowThatAnAccountHasSpentNothing() {
        // Given
        spent("a");

        // When // Then
        assertThat(accounts.ifHeld("a", FIRST, NEXT)).contains(Totals.ZERO);
    }

    @Test
    void shouldReadAnAccountAnewThatItWasToldToForget() {
        // Given
        fold("a", "2026-11-03", 1);
        spent("a");

        // When
        accounts.forget("a");

        // Then
        assertThat(accounts.ifHeld("a", FIRST, NEXT)).isEmpty();
        assertThat(spent("a")).isEqualTo(1);
    }

    @Test
    void shouldStayBounded() {
        // Given
        RecentAccounts few = accounts(10);

        // When
        for (int i = 0; i < MOST; i++) {
            few.spent("account-" + i, FIRST, NEXT);
        }

        // Then
        long held = 0;
        for (int i = 0; i < MOST; i++) {
            held += few.ifHeld("account-" + i, FIRST, NEXT).isPresent() ? 1 : 0;
        }
        assertThat(held).isLessThanOrEqualTo(10);
    }
}
