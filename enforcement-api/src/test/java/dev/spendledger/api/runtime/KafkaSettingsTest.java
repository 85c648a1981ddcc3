package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.topology.LedgerObserver;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

class KafkaSettingsTest {

    /**
     * What Kafka Streams gives up it puts right by emptying the stores of a task that runs on: after a broker that hung for two
     * minutes an owner was seen to fold into an empty store, and to commit that.
     */
    @Test
    void shouldNotGiveUpATransactionWhileTheBrokerIsAway() throws Exception {
        // Given
        LedgerConfig config = LedgerConfig.of(Map.of("LEDGER_BOOTSTRAP_SERVERS", "127.0.0.1:9092"), Map.of(), Map.of());

        // When
        Map<String, Object> producer = new StreamsConfig(
                        KafkaSettings.streams(config, URI.create("http://127.0.0.1:8080"), LedgerObserver.NONE))
                .getProducerConfigs("any");

        // Then
        for (String waits : List.of("max.block.ms", "delivery.timeout.ms")) {
            assertThat(Long.parseLong(producer.get(waits).toString()))
                    .as(waits)
                    .isGreaterThan(Duration.ofDays(7).toMillis());
        }
    }
}
