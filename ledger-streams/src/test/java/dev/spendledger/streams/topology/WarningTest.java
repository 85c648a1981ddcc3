package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.events.AlertKind;
import dev.spendledger.events.SpendAlert;
import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.domain.Thresholds;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is said on spend-alerts, and how often. */
class WarningTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration LIMITS_PERIOD = Duration.ofSeconds(1);

    private final Limits limits = new Limits();
    private final MovableClock clock = new MovableClock();

    @RegisterExtension
    private final LedgerDriver ledger =
            new LedgerDriver(new Warnings(new Thresholds(List.of(50, 80, 100)), limits, clock));

    // ---- trees ----

    @Test
    void shouldWarnOfATreeWithAllThatAReaderNeeds() {
        // Given
        ledger.chat("c-1").account("a-7").limit(100).create();

        // When
        ledger.message("m-1", "c-1").account("a-8").cost(50).send();

        // Then
        var alerts = ledger.alerts();
        assertThat(alerts).hasSize(1);
        assertThat(alerts.get(0).key()).isEqualTo("c-1");
        assertThat(alerts.get(0).value())
                .isEqualTo(new SpendAlert(
                        "tree:c-1:-1:50",
                        AlertKind.TREE_THRESHOLD,
                        50,
                        "c-1",
                        "a-7",
                        50L,
                        100L,
                        null,
                        null,
                        null,
                        null,
                        LedgerDriver.START.plusMillis(1)));
        assertThat(alerts.get(0).getRecordTime()).isEqualTo(LedgerDriver.START.plusMillis(1));
    }

    @Test
    @Tag("P20")
    void shouldWarnOfEachThresholdOnceHoweverOftenItIsPassed() {
        // Given
        ledger.chat("c-1").limit(100).create();
        ledger.chat("c-2").parent("c-1").create();
        ledger.message("m-1", "c-1").cost(49).send();
        assertThat(words()).isEmpty();

        // When
        ledger.message("m-2", "c-2").cost(31).send();
        ledger.message("m-2", "c-2").cost(31).send();
        ledger.message("m-2", "c-2").revision(1).cost(0).send();
        ledger.message("m-2", "c-2").revision(2).cost(31).send();
        ledger.message("m-3", "c-2").cost(20).send();
        ledger.message("m-4", "c-2").cost(900).send();

        // Then
        assertThat(words()).containsExactly("c-1 50 80/100", "c-1 80 80/100", "c-1 100 100/100");
    }

    @Test
    @Tag("P20")
    void shouldWarnAnewOfEachLimitThatComesIntoForce() {
        // Given
        ledger.chat("c-1").limit(100).create();
        ledger.message("m-1", "c-1").cost(80).send();
        assertThat(words()).containsExactly("c-1 50 80/100", "c-1 80 80/100");

        // When
        ledger.limit("c-1", 200);
        ledger.message("m-2", "c-1").cost(20).send();
        ledger.limit("c-1", 100);
        ledger.noLimit("c-1");
        ledger.message("m-3", "c-1").cost(20).send();
        ledger.limit("c-1", 1_000);

        // Then
        assertThat(words()).containsExactly("c-1 50 100/200", "c-1 50 100/100", "c-1 80 100/100", "c-1 100 100/100");
    }

    @Test
    @Tag("P20")
    void shouldNotWarnAgainOfALimitThatIsSetToTheSameAgain() {
        // Given
        limits.set("a-1", Period.MONTH, 100, NOON);
        ledger.chat("c-1").account("a-1").limit(100).create();
        ledger.message("m-1", "c-1").account("a-1").pricedAt(NOON).cost(60).send();
        assertThat(words()).containsExactly("c-1 50 60/100", "a-1 50 60/100");

        // When
        ledger.limit("c-1", 100);
        limits.set("a-1", Period.MONTH, 100, NOON.plusSeconds(1));
        ledger.passTime(LIMITS_PERIOD);
        ledger.message("m-2", "c-1").account("a-1").pricedAt(NOON).cost(20).send();

        // Then
        assertThat(words()).containsExactly("c-1 80 80/100", "a-1 80 80/100");
    }

    @Test
    void shouldCountTheRootAmongTheChatsThatJoin() {
        // When
        ledger.chat("c-1").create();
        ledger.chat("c-2").parent("c-1").create();

        // Then
        assertThat(ledger.tree("c-1").pace().chats()).isEqualTo(2);
    }

    @Test
    void shouldGiveAlertsIdsOfTheirOwn() {
        // Given
        ledger.chat("c-1").limit(100).create();

        // When
        ledger.message("m-1", "c-1").cost(100).send();
        ledger.limit("c-1", 101);

        // Then
        assertThat(ledger.alerts())
                .extracting(alert -> alert.value().getAlertId())
                .containsExactly(
                        "tree:c-1:-1:50", "tree:c-1:-1:80", "tree:c-1:-1:100", "tree:c-1:0:50", "tree:c-1:0:80");
    }

    // ---- accounts ----

    @Test
    void shouldWarnOfAnAccountWithAllThatAReaderNeeds() {
        // Given
        limits.set("a-1", Period.MONTH, 100, NOON.minusSeconds(5));
        ledger.chat("c-1").account("a-1").create();

        // When
        ledger.message("m-1", "c-1").account("a-1").pricedAt(NOON).cost(50).send();

        // Then
        var alerts = ledger.alerts();
        assertThat(alerts).hasSize(1);
        assertThat(alerts.get(0).key()).isEqualTo("a-1");
        assertThat(alerts.get(0).value())
                .isEqualTo(new SpendAlert(
                        "account:a-1:month:account:100:" + NOON.minusSeconds(5).toEpochMilli() + ":2026-11-01:50",
                        AlertKind.ACCOUNT_THRESHOLD,
                        50,
                        null,
                        "a-1",
                        50L,
                        100L,
                        "month",
                        Instant.parse("2026-11-01T00:00:00Z"),
                        Instant.parse("2026-12-01T00:00:00Z"),
                        "account",
                        LedgerDriver.START.plusMillis(1)));
    }

    @Test
    @Tag("P20")
    void shouldWarnOfEachThresholdOfAnAccountOnceInAPeriodOverAllItsTreesAndDays() {
        // Given
        limits.set("a-1", Period.MONTH, 100, NOON);
        ledger.chat("c-1").account("a-1").create();
        ledger.chat("c-2").account("a-1").create();

        // When
        ledger.message("m-1", "c-1")
                .account("a-1")
                .pricedAt(day("2026-11-01"))
                .cost(30)
                .send();
        ledger.message("m-2", "c-2")
                .account("a-1")
                .pricedAt(day("2026-11-22"))
                .cost(30)
                .send();
        ledger.message("m-3", "c-2")
                .account("a-1")
                .pricedAt(day("2026-11-23"))
                .cost(10)
                .send();
        ledger.message("m-2", "c-2")
                .account("a-1")
                .pricedAt(day("2026-11-22"))
                .revision(1)
                .cost(0)
                .send();
        ledger.message("m-4", "c-2")
                .account("a-1")
                .pricedAt(day("2026-11-02"))
                .cost(40)
                .send();

        // Then
        assertThat(words()).containsExactly("a-1 50 60/100", "a-1 80 80/100");
    }

    @Test
    @Tag("P20")
    void shouldWarnAnewInTheNextPeriodAndNotOfOnesThatAreOver() {
        // Given
        limits.set("a-1", Period.DAY, 100, NOON);
        ledger.chat("c-1").account("a-1").create();
        ledger.message("m-1", "c-1").account("a-1").pricedAt(NOON).cost(60).send();

        // When
        clock.now = NOON.plus(Duration.ofDays(1));
        ledger.message("m-2", "c-1").account("a-1").pricedAt(NOON).cost(40).send();
        ledger.message("m-3", "c-1").account("a-1").pricedAt(clock.now).cost(50).send();

        // Then
        assertThat(words()).containsExactly("a-1 50 60/100", "a-1 50 50/100");
    }

    @Test
    @Tag("P20")
    void shouldWarnWhereALimitComesDownToASpendThatStandsStill() {
        // Given
        ledger.chat("c-1").account("a-1").create();
        ledger.chat("c-2").account("a-2").create();
        limits.set("a-1", Period.MONTH, 1_000, NOON);
        ledger.message("m-1", "c-1").account("a-1").pricedAt(NOON).cost(90).send();
        ledger.message("m-2", "c-2").account("a-2").pricedAt(NOON).cost(90).send();
        ledger.passTime(LIMITS_PERIOD);
        assertThat(words()).isEmpty();

        // When
        limits.set("a-1", Period.MONTH, 100, NOON.plusSeconds(1));
        ledger.passTime(LIMITS_PERIOD);
        ledger.passTime(LIMITS_PERIOD);

        // Then
        assertThat(words()).containsExactly("a-1 50 90/100", "a-1 80 90/100");
    }

    @Test
    void shouldHoldTheFirstLimitOfEverybodyAgainstTheAccountsThatHaveSpentLately() {
        // Given
        ledger.chat("c-1").account("a-1").create();
        ledger.message("m-1", "c-1").account("a-1").pricedAt(NOON).cost(90).send();

        // When
        limits.byAccount.put("a-1", limit(Period.MONTH, 180, NOON));
        limits.changes = new Warnings.Changes(7, true, List.of());
        ledger.passTime(LIMITS_PERIOD);
        ledger.passTime(LIMITS_PERIOD);

        // Then
        assertThat(words()).containsExactly("a-1 50 90/180");
    }

    /** So that many limits at once do not hold up the fold. */
    @Test
    void shouldLookAtManyAccountsByAndBy() {
        // Given
        List<String> accounts = IntStream.range(0, 250).mapToObj(i -> "a-" + i).toList();
        accounts.forEach(account -> {
            ledger.chat("c-" + account).account(account).create();
            ledger.message("m-" + account, "c-" + account)
                    .account(account)
                    .pricedAt(NOON)
                    .cost(60)
                    .send();
            limits.byAccount.put(account, limit(Period.MONTH, 100, NOON));
        });

        // When
        limits.changes = new Warnings.Changes(7, false, accounts);
        ledger.passTime(Duration.ofMillis(250));
        int first = words().size();
        ledger.passTime(Duration.ofMillis(250));
        ledger.passTime(Duration.ofMillis(250));

        // Then
        assertThat(first).isEqualTo(100);
        assertThat(words()).hasSize(150);
    }

    @Test
    void shouldCountOnWhereADayCannotBeRead() {
        // Given
        limits.set("a-1", Period.MONTH, 100, NOON);
        ledger.chat("c-1").account("a-1").create();
        ledger.putRow(
                LedgerTopology.ACCOUNT_SPEND, StoreKeys.ofDay("a-1", LocalDate.parse("2026-11-03")), new byte[] {1, 2, 3
                });

        // When
        ledger.message("m-1", "c-1").account("a-1").pricedAt(NOON).cost(60).send();
        ledger.passTime(LIMITS_PERIOD);
        ledger.putRow(LedgerTopology.ACCOUNT_SPEND, StoreKeys.ofDay("a-1", LocalDate.parse("2026-11-03")), null);

        // Then
        assertThat(ledger.deadLetters()).isEmpty();
        assertThat(words()).isEmpty();
        assertThat(ledger.accountDay("a-1", LocalDate.parse("2026-11-23")).spentMicros())
                .isEqualTo(60);
    }

    @Test
    void shouldTellItsObserverOfEveryWarning() {
        // Given
        limits.set("a-1", Period.MONTH, 100, NOON);
        ledger.chat("c-1").account("a-1").limit(100).create();

        // When
        ledger.message("m-1", "c-1").account("a-1").pricedAt(NOON).cost(50).send();

        // Then
        assertThat(ledger.observer().alerts).containsExactly("TREE_THRESHOLD 50", "ACCOUNT_THRESHOLD 50");
    }

    @Test
    void shouldNotWarnWhereNoLimitIsSetOrNoneIsReadYet() {
        // Given
        ledger.chat("c-1").account("a-1").create();
        ledger.chat("c-2").account("a-2").create();
        limits.byAccount.put("a-2", new AccountLimit(Period.MONTH, Optional.empty()));

        // When
        ledger.message("m-1", "c-1").account("a-1").pricedAt(NOON).cost(90).send();
        ledger.message("m-2", "c-2").account("a-2").pricedAt(NOON).cost(90).send();

        // Then
        assertThat(words()).isEmpty();
    }

    private static Instant day(String day) {
        return Instant.parse(day + "T01:00:00Z");
    }

    /** The alerts since this was asked last: "c-1 50 60/100". */
    private List<String> words() {
        return ledger.alerts().stream()
                .map(alert -> alert.key() + " " + alert.value().getThresholdPercent() + " "
                        + alert.value().getSpentMicros() + "/" + alert.value().getLimitMicros())
                .toList();
    }

    private static AccountLimit limit(Period period, long micros, Instant setAt) {
        return new AccountLimit(
                period, Optional.of(new AccountLimit.InForce(micros, PeriodLimitKey.Kind.ACCOUNT, null, setAt)));
    }

    private static final class Limits implements Warnings.AccountLimits {
        private final Map<String, AccountLimit> byAccount = new HashMap<>();
        private Warnings.Changes changes = new Warnings.Changes(0, false, List.of());

        void set(String accountId, Period period, long micros, Instant setAt) {
            byAccount.put(accountId, limit(period, micros, setAt));
            changes = new Warnings.Changes(changes.version() + 1, false, List.of(accountId));
        }

        @Override
        public Optional<AccountLimit> of(String accountId) {
            return Optional.ofNullable(byAccount.get(accountId));
        }

        @Override
        public Warnings.Changes changesSince(long version) {
            return version == changes.version() ? new Warnings.Changes(version, false, List.of()) : changes;
        }
    }

    private static final class MovableClock extends Clock {
        private Instant now = NOON;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }
}
