package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccountLimitTest {

    /** The account is a-1, and in the groups g-1, g-2 and g-3. */
    @ParameterizedTest(name = "account {0}, groups {1} {2}, default {3} {4}: {5} from {6} by {7}")
    @CsvSource(textBlock = """
                    #account g-1  g-2  default period  limit source   period
                     ,       ,    ,    ,       ,       ,     ,        MONTH
                     ,       ,    ,    100,    MONTH,  100,  DEFAULT, MONTH
                     ,       ,    ,    100,    WEEK,   100,  DEFAULT, WEEK
                     ,       50,  ,    ,       ,       50,   GROUP,   MONTH
                     ,       50,  ,    100,    DAY,    50,   GROUP,   DAY
                     ,       500, ,    100,    DAY,    500,  GROUP,   DAY
                     ,       50,  40,  100,    DAY,    40,   GROUP,   DAY
                     ,       40,  50,  ,       ,       40,   GROUP,   MONTH
                     ,       40,  40,  ,       ,       40,   GROUP,   MONTH
                     7,      ,    ,    ,       ,       7,    ACCOUNT, MONTH
                     700,    40,  50,  100,    WEEK,   700,  ACCOUNT, WEEK
                     7,      40,  ,    100,    DAY,    7,    ACCOUNT, DAY
                    """)
    void shouldTakeTheAccountsOwnLimitElseTheSmallestOfItsGroupsElseTheDefault(
            Long account,
            Long group1,
            Long group2,
            Long byDefault,
            Period defaultPeriod,
            Long limit,
            PeriodLimitKey.Kind source,
            Period period) {
        // Given
        Map<String, PeriodLimit> limits = new HashMap<>();
        limits.put("account:a-1", limit(account, null));
        limits.put("group:g-1", limit(group1, null));
        limits.put("group:g-2", limit(group2, null));
        limits.put("default", limit(byDefault, defaultPeriod));
        limits.put("account:a-2", limit(1L, null));
        limits.put("group:g-4", limit(1L, null));
        limits.put("group:a-1", limit(1L, null));
        limits.put("account:g-1", limit(1L, null));

        // When
        AccountLimit found = AccountLimit.of(
                "a-1", List.of("g-1", "g-2", "g-3"), key -> Optional.ofNullable(limits.get(key.toString())));

        // Then
        assertThat(found)
                .isEqualTo(new AccountLimit(
                        period,
                        Optional.ofNullable(limit)
                                .map(micros -> new AccountLimit.InForce(micros, source, "ops", Instant.EPOCH))));
    }

    private static PeriodLimit limit(Long micros, Period period) {
        return micros == null ? null : new PeriodLimit(micros, period, "ops", Instant.EPOCH);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"default", "account:a-1", "group:g-1", "account:default", "group:a:b", "account::", "group: "})
    void shouldReadTheKeysThatItWrites(String text) {
        assertThat(PeriodLimitKey.parse(text).map(PeriodLimitKey::toString)).contains(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a-1",
                "Default",
                "default ",
                "default:",
                "account",
                "account:",
                "group:",
                "accounts:a-1",
                ":a",
                "group:a\nb",
                "group:\uFFFD"
            })
    void shouldReadNoOtherKeys(String text) {
        assertThat(PeriodLimitKey.parse(text)).isEmpty();
    }
}
