package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.streams.domain.Thresholds;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One tree as event streams show it. */
class LiveTreesTest {
    private final FakeReader reader = new FakeReader().root("c-1", 100L).spent("c-1", "c-1", 85L);
    private final Vertx vertx = Vertx.vertx();
    private final LiveSource one = new LiveTrees(
                    vertx,
                    null,
                    reader,
                    root -> Optional.empty(),
                    "USD",
                    new Thresholds(List.of(80)),
                    Clock.systemUTC())
            .sources().stream().filter(LiveSource::isOfOneTree).findFirst().orElseThrow();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    /** It is asked for several times a second, and the threads are those of the checks. */
    @Test
    void shouldTakeNoThreadForATreeInMemory() {
        // When
        Future<Optional<Object>> look = one.look(Optional.of("c-1"));

        // Then
        assertThat(look.isComplete()).isTrue();
        assertThat(reader.reads()).isEmpty();
        assertThat(shown(look)).contains("\"root_chat_id\":\"c-1\"", "\"spent_micros\":85", "\"threshold_percent\":80");
    }

    @Test
    void shouldAskForATreeThatIsNotInMemory() {
        // Given
        String inMemory = shown(one.look(Optional.of("c-1")));
        reader.servedBy(ServedBy.PEER);

        // When
        String asked = shown(one.look(Optional.of("c-1")));

        // Then
        assertThat(asked).isEqualTo(inMemory);
        assertThat(reader.reads()).containsExactly("tree c-1");
    }

    /** By any other word than that of a fresh owner it would seem to shrink now and then. */
    @Test
    void shouldShowNothingOfATreeThatOnlyACopyKnows() {
        // Given
        reader.doubt(DegradedReason.STALE_OWNER);

        // When
        Optional<Object> found = one.look(Optional.of("c-1")).await();

        // Then
        assertThat(found).isEmpty();
    }

    private static String shown(Future<Optional<Object>> look) {
        return Json.write(look.await().orElseThrow()).toString();
    }
}
