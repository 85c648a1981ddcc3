package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.spendledger.embedded.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients follow a broker to the address that it names: those that came through the proxy must stay behind it. */
@Timeout(120)
class BrokerBehindProxyIT {
    private static final Duration BACK_WITHIN = Duration.ofSeconds(30);
    private static final int TIMEOUT_MS = 2_000;

    @TempDir
    Path dir;

    @Test
    void shouldCutOffTheClientsBehindTheProxyAndNoOthers() throws Exception {
        // Given
        AtomicReference<EmbeddedKafka> broker = new AtomicReference<>();
        int proxyPort = Ports.free();
        try (TcpProxy proxy = TcpProxy.start(proxyPort, () -> broker.get().proxiedPort());
                EmbeddedKafka kafka = EmbeddedKafka.startBehindProxy(dir.resolve("kafka"), 0, proxyPort)) {
            broker.set(kafka);
            try (Admin direct = client(kafka.port());
                    Admin behind = client(proxyPort)) {
                assertThat(nodePort(direct)).isEqualTo(kafka.port());
                assertThat(nodePort(behind)).isEqualTo(proxyPort);

                // When
                proxy.cut();

                // Then
                assertThatThrownBy(() -> nodePort(behind)).isInstanceOf(ExecutionException.class);
                assertThat(nodePort(direct)).isEqualTo(kafka.port());

                // When
                proxy.mend();

                // Then
                await().atMost(BACK_WITHIN)
                        .ignoreExceptions()
                        .untilAsserted(() -> assertThat(nodePort(behind)).isEqualTo(proxyPort));
            }
        }
    }

    private static Admin client(int port) {
        return Admin.create(Map.of(
                "bootstrap.servers",
                "127.0.0.1:" + port,
                "request.timeout.ms",
                TIMEOUT_MS,
                "default.api.timeout.ms",
                TIMEOUT_MS));
    }

    private static int nodePort(Admin client) throws InterruptedException, ExecutionException {
        return client.describeCluster().nodes().get().stream()
                .map(Node::port)
                .findFirst()
                .orElseThrow();
    }
}
