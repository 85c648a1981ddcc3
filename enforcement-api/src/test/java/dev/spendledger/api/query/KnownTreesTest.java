package dev.spendledger.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.testing.FakeKnownTrees;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownTreesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final FakeKnownTrees told = new FakeKnownTrees();
    private final KnownTrees view = told.view();

    @Test
    @Tag("P18")
    void shouldKnowATreeFromItsStatusUntilItIsWithinItsLimit() {
        // When
        told.status("c-1", 12, 10, -1);

        // Then
        assertThat(view.exhausted("c-1")).contains(new KnownTrees.Known(tree(12, 10L, -1, 0), FakeKnownTrees.AT));
        assertThat(view.exhausted("c-2")).isEmpty();

        // And
        told.within("c-1");
        assertThat(view.exhausted("c-1")).isEmpty();
    }

    /** Whichever is read first: they come from two topics. */
    @ParameterizedTest(name = "a limit of {0} at {1} on 12 of 10 with the limit at 5: known = {2}")
    @CsvSource({"13, 6, false", "12, 6, true", "10, 6, true", ", 6, false", "13, 5, true", "13, 4, true", ", 4, true"})
    void shouldForgetATreeOnceALaterLimitIsAboveItsSpend(Long micros, long offset, boolean known) {
        // When
        told.status("c-1", 12, 10, 5).limit("c-1", micros, offset);
        told.limit("c-2", micros, offset).status("c-2", 12, 10, 5);
        view.onFresh("c-3", tree(12, 10L, 5, 2), NOW);
        told.limit("c-3", micros, offset);

        // Then
        assertThat(view.exhausted("c-1").isPresent()).isEqualTo(known);
        assertThat(view.exhausted("c-2").isPresent()).isEqualTo(known);
        assertThat(view.exhausted("c-3").isPresent()).isEqualTo(known);
    }

    @Test
    void shouldRememberWhatAFreshOwnerSaysUntilItSaysOtherwise() {
        // When
        view.onFresh("c-1", tree(12, 10L, -1, 3), NOW);
        Optional<KnownTrees.Known> exhausted = view.exhausted("c-1");
        view.onFresh("c-1", tree(9, 10L, -1, 3), NOW);

        // Then
        assertThat(exhausted).contains(new KnownTrees.Known(tree(12, 10L, -1, 3), NOW));
        assertThat(view.seen("c-1")).contains(new KnownTrees.Known(tree(9, 10L, -1, 3), NOW));
        assertThat(view.exhausted("c-1")).isEmpty();
    }

    @Test
    @Tag("P11")
    void shouldPassOverWhatItCannotRead() {
        // When
        told.status("c-1", 12, 10, -1)
                .bytes(Topic.TREE_STATUS, "c-1", 1, "no event".getBytes(StandardCharsets.UTF_8))
                .bytes(Topic.CHAT_LIMITS, "c-1", 1, "no event".getBytes(StandardCharsets.UTF_8))
                .bytes(Topic.CHAT_LIMITS, "c-1", 2, null)
                .limit("c-1", 0L, 3);

        // Then
        assertThat(view.exhausted("c-1")).isPresent();
    }

    @Test
    void shouldNotForgetAnExhaustedTreeForAnOlderWord() {
        // When
        view.onFresh("c-1", tree(12, 10L, -1, 3), NOW);
        view.onFresh("c-1", tree(9, 10L, -1, 3), NOW.minusMillis(100));

        // Then
        assertThat(view.exhausted("c-1")).isPresent();
    }

    private static TreeSpend tree(long spent, Long limit, long limitOffset, long chats) {
        return new TreeSpend("a-1", new Totals(BigInteger.valueOf(spent), 0, 0), new Limit(limit, limitOffset), chats);
    }
}
