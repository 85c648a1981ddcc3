package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.testing.FakeAlerts;
import dev.spendledger.events.SpendAlert;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RecentAlertsTest {
    private static final int MOST = 5;

    private final FakeAlerts told = new FakeAlerts(MOST);
    private final RecentAlerts alerts = told.recent();

    @Test
    void shouldKnowNothingBeforeItHasBegun() {
        assertThat(alerts.present()).isEmpty();
        assertThat(alerts.firstBehind(AlertPositions.startOf("log", 2))).isEmpty();
    }

    @Test
    void shouldHoldTheLastAndSayThatThoseBeforeAreGone() {
        // Given
        told.begin();

        // When
        for (int i = 1; i <= 7; i++) {
            told.tell(0, "root-" + i, "a-1", 50);
        }

        // Then
        assertThat(alerts.from(1, 10)).isEmpty();
        assertThat(roots(alerts.from(2, 10))).containsExactly("root-3", "root-4", "root-5", "root-6", "root-7");
        assertThat(roots(alerts.from(2, 2))).containsExactly("root-3", "root-4");
        assertThat(alerts.from(7, 10)).contains(List.of());
        assertThat(alerts.present().map(RecentAlerts.Present::next)).contains(7L);
    }

    @Test
    void shouldTellWhenThereIsMoreAndNotWhenTheLogOnlyGoesOn() {
        // Given
        AtomicInteger heard = new AtomicInteger();
        alerts.onMore(heard::incrementAndGet);

        // When
        told.begin();
        told.tell(0, "root-1", "a-1", 50);
        told.pass(0);

        // Then
        assertThat(heard).hasValue(2);
        assertThat(alerts.present()).contains(new RecentAlerts.Present(1, new AlertPositions("log", List.of(2L, 0L))));
    }

    @Test
    void shouldFindTheLastFewThatAreWanted() {
        // Given
        told.begin();
        for (int i = 1; i <= 7; i++) {
            told.tell(i % 2, "root-" + i, i % 3 == 0 ? "a-2" : "a-1", 50);
        }

        // When
        Predicate<SpendAlert> wanted = alert -> alert.getAccountId().equals("a-1");

        // Then
        assertThat(alerts.presentBefore(0, wanted)).isEqualTo(alerts.present());
        assertThat(alerts.presentBefore(1, wanted)).contains(present(6, 3, 3));
        assertThat(alerts.presentBefore(2, wanted)).contains(present(4, 2, 2));
        assertThat(alerts.presentBefore(100, wanted)).contains(present(3, 1, 2)); // Those before are gone.
        assertThat(alerts.presentBefore(2, alert -> false)).isEqualTo(alerts.present());
    }

    private static RecentAlerts.Present present(long next, long zero, long one) {
        return new RecentAlerts.Present(next, new AlertPositions("log", List.of(zero, one)));
    }

    /** Whatever was read of it elsewhere: either the memory has all of the rest, or it says that it has not. */
    @Property
    void shouldHaveAllThatIsBehindPositionsOrSayThatItHasNot(
            @ForAll Random random, @ForAll @IntRange(max = 12) int count) {
        // Given
        FakeAlerts log = new FakeAlerts(MOST).begin();
        List<Alert> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            log.tell(random.nextInt(2), "root-" + i, "a-1", 50);
            all.add(log.recent().from(i, 1).orElseThrow().get(0));
        }
        AlertPositions end = log.recent().present().orElseThrow().readTo();
        AlertPositions from = new AlertPositions(
                "log",
                LongStream.of(end.of(0), end.of(1))
                        .mapToObj(offset -> (long) random.nextInt((int) offset + 1))
                        .toList());

        // When
        var first = log.recent().firstBehind(from);

        // Then
        Set<Alert> wanted = all.stream().filter(alert -> !alert.isBefore(from)).collect(Collectors.toSet());
        Set<Alert> held = new HashSet<>(all.subList(Math.max(0, count - MOST), count));
        assertThat(first.isPresent()).isEqualTo(held.containsAll(wanted));
        if (first.isPresent()) {
            assertThat(log.recent().from(first.getAsLong(), 100).orElseThrow()).containsAll(wanted);
        }
    }

    private static List<String> roots(Optional<List<Alert>> found) {
        return found.orElseThrow().stream()
                .map(alert -> alert.what().getRootChatId())
                .toList();
    }
}
