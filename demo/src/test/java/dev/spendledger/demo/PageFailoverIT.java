package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a reader of the page sees of the death of the instance that the page is from. */
@Timeout(600)
class PageFailoverIT {
    private static final Duration MOVES_WITHIN = Duration.ofSeconds(30);
    /** Costs 12,000 micros. */
    private static final AgentPlan.Message MESSAGE = new AgentPlan.Message(Model.GPT_4_1, 2_000, 1_000);

    @TempDir
    Path dir;

    @TempDir
    Path profile;

    @Test
    void shouldGoOnAtAnotherInstanceOnceItsOwnIsGone() throws Exception {
        try (Browser browser = Browser.start(profile);
                Cluster cluster = Cluster.start(Map.of(), OptionalInt.of(0), 2, dir, end -> {})) {
            // Given
            URI first = cluster.url(1);
            URI second = cluster.url(2);
            LedgerClient client = new LedgerClient(second, trouble -> {});
            client.createRoot("moving", "account", 60_000);
            client.post("moving-1", "moving", "moving", "account", MESSAGE);
            browser.open(first.resolve("/#/tree/moving"));
            browser.awaitText(".facts", "$0.012");
            browser.awaitText("#connection", "Live");

            // When
            cluster.process(1).orElseThrow().destroyForcibly();

            // Then
            await().atMost(MOVES_WITHIN)
                    .untilAsserted(() -> assertThat(browser.address()).isEqualTo(second.resolve("/#/tree/moving")));
            browser.awaitText("h1", "moving");

            // When the tree goes on
            client.post("moving-2", "moving", "moving", "account", MESSAGE);

            // Then
            browser.awaitText(".facts", "$0.024");
        }
    }
}
