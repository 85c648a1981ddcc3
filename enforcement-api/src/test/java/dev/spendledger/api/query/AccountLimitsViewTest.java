package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.testing.FakeLimits;
import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.RegistryUnavailableException;
import dev.spendledger.schemas.SchemaRegistry;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.domain.PeriodLimitKey.Kind;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.intake.LatestFactReader;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.Source;
import dev.spendledger.streams.topology.Warnings.Changes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AccountLimitsViewTest {
    private static final Instant SET_AT = FakeLimits.SET_AT;

    private final FakeLimits limits = new FakeLimits();
    private final AccountLimitsView view = limits.view();

    @Test
    void shouldHoldAnAccountToNothingWhileNothingIsSet() {
        assertThat(view.limitOf("a-1")).isEqualTo(new AccountLimit(Period.MONTH, Optional.empty()));
    }

    @Test
    void shouldFallBackStepByStepAsLimitsAreTakenAway() {
        // Given
        limits.byDefault(5, dev.spendledger.events.Period.DAY)
                .ofGroup("g-1", 7)
                .groups("a-1", "g-1")
                .ofAccount("a-1", 9);

        // When
        AccountLimit own = view.limitOf("a-1");
        limits.apply(Topic.ACCOUNT_LIMITS, "account:a-1", (byte[]) null);
        AccountLimit ofGroup = view.limitOf("a-1");
        limits.apply(Topic.ACCOUNT_GROUPS, "a-1", (byte[]) null);
        AccountLimit byDefault = view.limitOf("a-1");
        limits.apply(Topic.ACCOUNT_LIMITS, "default", (byte[]) null);
        AccountLimit none = view.limitOf("a-1");

        // Then
        assertThat(List.of(own, ofGroup, byDefault, none))
                .containsExactly(
                        limit(Period.DAY, 9, Kind.ACCOUNT),
                        limit(Period.DAY, 7, Kind.GROUP),
                        limit(Period.DAY, 5, Kind.DEFAULT),
                        new AccountLimit(Period.MONTH, Optional.empty()));
    }

    @Test
    void shouldTellWhoIsConcernedByWhatHasChangedSince() {
        // Given
        limits.ofAccount("a-1", 9);
        Changes first = view.changesSince(0);

        // When
        limits.ofAccount("a-1", 7).groups("a-2", "g-1");
        Changes second = view.changesSince(first.version());
        Changes none = view.changesSince(second.version());
        limits.ofGroup("g-1", 5).ofAccount("a-3", 1);
        Changes third = view.changesSince(second.version());

        // Then
        assertThat(first.all()).isTrue();
        assertThat(second.all()).isFalse();
        assertThat(second.accountIds()).containsExactlyInAnyOrder("a-1", "a-2");
        assertThat(none).isEqualTo(new Changes(second.version(), false, Set.of()));
        assertThat(third.all()).isTrue();
    }

    @Test
    void shouldTellWhoIsFarBehindThatAnybodyMayBeConcerned() {
        // Given
        Changes before = view.changesSince(0);

        // When
        for (int i = 0; i < 10_001; i++) {
            limits.ofAccount("a-" + i, 1);
        }

        // Then
        assertThat(view.changesSince(before.version()).all()).isTrue();
        assertThat(view.changesSince(before.version() + 1).accountIds()).hasSize(10_000);
    }

    @Test
    void shouldSayNothingOfWhatAnAccountIsHeldToBeforeAllIsRead() {
        // Given
        FakeLimits loading = new FakeLimits(false).ofAccount("a-1", 9);

        // When
        Optional<AccountLimit> before = loading.view().of("a-1");
        Changes none = loading.view().changesSince(0);
        loading.view().onLoaded();

        // Then
        assertThat(before).isEmpty();
        assertThat(none).isEqualTo(new Changes(0, false, List.of()));
        assertThat(loading.view().of("a-1")).contains(limit(Period.MONTH, 9, Kind.ACCOUNT));
        assertThat(loading.view().changesSince(0).all()).isTrue();
    }

    static Stream<Arguments> bad() {
        EventSerde serde = new EventSerde(new BundledRegistry());
        return Stream.of(
                Arguments.of("no event", new byte[] {1, 2, 3}),
                Arguments.of("an unknown schema", new byte[] {0, 0, 0, 0, 42, 1}),
                Arguments.of("far too large", new byte[Ranges.MAX_RECORD_BYTES]),
                Arguments.of(
                        "out of range",
                        serde.serializer().serialize("any", new AccountLimitSet(0L, null, null, SET_AT))),
                Arguments.of(
                        "another event",
                        serde.serializer().serialize("any", new AccountGroups(List.of("g-1"), SET_AT))));
    }

    /** Compaction leaves nothing else of the key, so an instance that starts later sees nothing else. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void shouldTakeABadLastRecordOfAKeyForNone(String what, byte[] bad) {
        // Given
        limits.byDefault(5, dev.spendledger.events.Period.DAY).ofAccount("a-1", 9);

        // When
        limits.apply(Topic.ACCOUNT_LIMITS, "account:a-1", bad);

        // Then
        assertThat(view.limitOf("a-1")).isEqualTo(limit(Period.DAY, 5, Kind.DEFAULT));
    }

    @Test
    void shouldPassOverARecordThatIsNoLastOneOfAnyKey() {
        // Given
        limits.ofAccount("a-1", 9);

        // When
        limits.apply(Topic.ACCOUNT_LIMITS, "a-1", (byte[]) null);
        limits.apply(Topic.ACCOUNT_LIMITS, null, new byte[] {1});
        limits.apply(Topic.ACCOUNT_LIMITS, "account:", new byte[] {1});

        // Then
        assertThat(view.limitOf("a-1")).isEqualTo(limit(Period.MONTH, 9, Kind.ACCOUNT));
    }

    /** What cannot be told yet holds nothing up, and counts once it can be told: on every instance alike. */
    @Test
    void shouldTryAgainWhatALostSchemaRegistryKeptFromBeingRead() {
        // Given
        LosableRegistry registry = new LosableRegistry();
        EventSerde serde = new EventSerde(registry);
        AccountLimitsView lost = new AccountLimitsView(new LatestFactReader(new TopicNames(""), 1, serde));
        byte[] first = serde.serializer().serialize("any", new AccountLimitSet(9L, null, null, SET_AT));
        byte[] second = serde.serializer().serialize("any", new AccountLimitSet(7L, null, null, SET_AT));
        registry.lost = true;
        lost.apply(record("account:a-1", first));
        lost.apply(record("account:a-2", second));
        lost.apply(record("account:a-2", null));

        // When
        AccountLimit meanwhile = lost.limitOf("a-1");
        registry.lost = false;
        lost.retryUnread();

        // Then
        assertThat(meanwhile.inForce()).isEmpty();
        assertThat(lost.limitOf("a-1")).isEqualTo(limit(Period.MONTH, 9, Kind.ACCOUNT));
        assertThat(lost.limit(PeriodLimitKey.ofAccount("a-2")))
                .as("removed since")
                .isEmpty();
    }

    @Test
    void shouldTellWhatItHasRead() {
        // When
        view.onReadTo("account-limits", 3, 8);

        // Then
        assertThat(Stream.of(
                                new RecordId("account-limits", 3, 7),
                                new RecordId("account-limits", 3, 8),
                                new RecordId("account-limits", 2, 0),
                                new RecordId("account-groups", 3, 0))
                        .map(view::hasRead))
                .containsExactly(true, false, false, false);
    }

    private static AccountLimit limit(Period period, long micros, Kind source) {
        return new AccountLimit(period, Optional.of(new AccountLimit.InForce(micros, source, null, SET_AT)));
    }

    private static Source record(String key, byte[] value) {
        return new Source(
                "account-limits", 0, 0, SET_AT, key.getBytes(StandardCharsets.UTF_8), value, new RecordHeaders());
    }

    private static final class LosableRegistry implements SchemaRegistry {
        private final SchemaRegistry bundled = new BundledRegistry();
        private boolean lost;

        @Override
        public int idOf(String subject, Schema schema) {
            return bundled.idOf(subject, schema);
        }

        @Override
        public Schema byId(int id) {
            if (lost) {
                throw new RegistryUnavailableException("The schema registry does not answer.", null);
            }
            return bundled.byId(id);
        }
    }
}
