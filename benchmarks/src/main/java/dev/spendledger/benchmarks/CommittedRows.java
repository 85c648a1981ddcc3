package dev.spendledger.benchmarks;

import dev.spendledger.streams.topology.LedgerStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Counts what the ledger with the usual application id has written to stores, by their changelogs, every write a record there.
 * Only what is committed is seen.
 */
final class CommittedRows implements AutoCloseable {
    private static final String APPLICATION_ID = "spend-ledger";
    private static final Duration POLL = Duration.ofMillis(10);
    /** What the broker sends at a time is to be counted at a time. */
    private static final int RECORDS_MOST = 100_000;

    private final KafkaConsumer<byte[], byte[]> reader;
    private final Map<String, Long> counts = new HashMap<>();

    /**
     * @param partitions how many each changelog has
     */
    CommittedRows(String bootstrapServers, int partitions, List<LedgerStore<?, ?>> stores) {
        reader = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        RECORDS_MOST),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> places = new ArrayList<>();
        for (LedgerStore<?, ?> store : stores) {
            String changelog = store.changelog(APPLICATION_ID);
            counts.put(changelog, 0L);
            for (int partition = 0; partition < partitions; partition++) {
                places.add(new TopicPartition(changelog, partition));
            }
        }
        reader.assign(places);
        reader.seekToBeginning(places);
    }

    /** How many have been written to that store which has the fewest, from the beginning, as far as they have come in by now. */
    long least() {
        reader.poll(POLL).forEach(write -> counts.merge(write.topic(), 1L, Long::sum));
        return counts.values().stream().mapToLong(count -> count).min().orElseThrow();
    }

    @Override
    public void close() {
        reader.close();
    }
}
