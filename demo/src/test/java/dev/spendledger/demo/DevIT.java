package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.demo.LedgerClient.Operation;
import dev.spendledger.demo.LedgerClient.TreeSpend;
import dev.spendledger.demo.LedgerClient.Verdict;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A broker and an instance in a process of its own: what it keeps, and what it says when it cannot start. */
@Timeout(600)
class DevIT {
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(20);
    /** After a crash the session of the dead instance must run out first. */
    private static final Duration READS_WITHIN = Duration.ofSeconds(60);

    private static final String ACCOUNT = "account";
    /** Costs 12,000 micros. */
    private static final AgentPlan.Message MESSAGE = new AgentPlan.Message(Model.GPT_4_1, 2_000, 1_000);

    @TempDir
    Path dir;

    @Test
    @Tag("P10")
    void shouldKeepAllTotalsWhenItIsStoppedAndWhenItIsKilled() throws Exception {
        // Given
        try (LedgerProcess dev = start()) {
            LedgerClient client = client(dev);
            client.createRoot("spent", ACCOUNT, 24_000);
            client.createChild("child", "spent", "spent", ACCOUNT);
            client.createChild("grandchild", "child", "spent", ACCOUNT);
            client.createRoot("within", ACCOUNT, 24_001);
            client.post("message-1", "child", "spent", ACCOUNT, MESSAGE);
            client.post("message-2", "grandchild", "spent", ACCOUNT, MESSAGE);
            client.post("message-3", "within", "within", ACCOUNT, MESSAGE);
            client.post("message-4", "within", "within", ACCOUNT, MESSAGE);
            awaitTotals(client);

            // When
            dev.terminate();

            // Then
            dev.awaitEnd(STOPS_WITHIN);
            assertThat(dev.errors()).isEmpty();
        }
        try (LedgerProcess dev = start()) {
            awaitTotals(client(dev));

            // When
            dev.kill();
            dev.awaitEnd(STOPS_WITHIN);
        }

        // Then
        try (LedgerProcess dev = start()) {
            awaitTotals(client(dev));
        }
    }

    private LedgerProcess start() throws Exception {
        return LedgerProcess.start(dir, "dev", "--port", "0", "--data-dir", "data");
    }

    private static LedgerClient client(LedgerProcess dev) throws Exception {
        return new LedgerClient(dev.awaitUrl(), trouble -> {});
    }

    private static void awaitTotals(LedgerClient client) {
        await().atMost(READS_WITHIN).untilAsserted(() -> {
            assertThat(client.treeSpend("spent")).contains(new TreeSpend(24_000, 3, 2));
            assertThat(client.treeSpend("within")).contains(new TreeSpend(24_000, 1, 2));
            assertThat(client.check("grandchild", "spent", Operation.SPAWN)).isInstanceOf(Verdict.Rejected.class);
            assertThat(client.check("within", "within", Operation.SPAWN)).isEqualTo(new Verdict.Allowed());
        });
    }

    @Test
    void shouldSayWhatIsInUseAndStartNothing() throws Exception {
        // Given
        try (LedgerProcess first = start()) {
            URI url = first.awaitUrl();

            // When
            try (LedgerProcess sameFolder = start();
                    LedgerProcess samePort =
                            LedgerProcess.start(dir, "dev", "--port", "" + url.getPort(), "--data-dir", "other")) {

                // Then
                assertThat(sameFolder.awaitEnd(STOPS_WITHIN)).isEqualTo(1);
                assertThat(sameFolder.errors())
                        .contains("data/kafka is in use by another running broker")
                        .hasLineCount(1);
                assertThat(samePort.awaitEnd(STOPS_WITHIN)).isEqualTo(1);
                assertThat(samePort.errors())
                        .contains("Cannot listen on 127.0.0.1:" + url.getPort(), "--port")
                        .hasLineCount(1);
            }
        }
    }
}
