package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code ./ledger serve} has on its class path. */
class ShippedJarsIT {
    private static final Path PRODUCTION = Path.of("..", "enforcement-api", "target", "lib");
    private static final Path DEMO = Path.of("target", "lib");
    private static final String CLIENTS = "kafka-(clients|streams)-[0-9.]+\\.jar";

    @Test
    void shouldHoldKafkaClientsAndNoBroker() throws IOException {
        assertThat(kafkaJars(PRODUCTION)).hasSize(2).allMatch(jar -> jar.matches(CLIENTS));
    }

    /** Else the test above would find nothing, whatever it looks for. */
    @Test
    void shouldHoldTheBrokerWhereItBelongs() throws IOException {
        assertThat(kafkaJars(DEMO))
                .anyMatch(jar -> jar.startsWith("kafka_2.13-"))
                .anyMatch(jar -> jar.startsWith("kafka-server-"))
                .anyMatch(jar -> jar.startsWith("embedded-kafka-"));
    }

    private static List<String> kafkaJars(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(jar -> jar.contains("kafka"))
                    .toList();
        }
    }
}
