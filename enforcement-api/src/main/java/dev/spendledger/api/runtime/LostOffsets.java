package dev.spendledger.api.runtime;

import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.topology.LedgerTopology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Finds a ledger that has lost its place in {@code account-deltas}: Kafka forgets the offsets of a group that is away for
 * long. A change of an account is added to its row in one transaction with the offset, so a partition that has rows and no
 * offset was read before, and whoever began anew would add what is still there once more. All else that the fold reads may be
 * read again: it changes nothing.
 */
final class LostOffsets {
    private static final Duration POLL = Duration.ofMillis(100);
    /** A partition whose broker goes away is waited for by the consumer without end. */
    private static final Duration READ_WITHIN = Duration.ofSeconds(60);

    private final Admin admin;
    private final LedgerConfig config;
    private final String applicationId;
    private final String deltas;
    private final String rows;

    LostOffsets(Admin admin, LedgerConfig config) {
        this.admin = admin;
        this.config = config;
        this.applicationId = config.text(Setting.APPLICATION_ID);
        this.deltas = config.topicNames().of(Topic.ACCOUNT_DELTAS);
        this.rows = LedgerTopology.ACCOUNT_SPEND.changelog(applicationId);
    }

    /**
     * To be asked only where the topics are as they should be.
     *
     * @return a sentence or two, with what to do; empty = all is well
     * @throws KafkaException if Kafka cannot be asked
     */
    List<String> findings() {
        Set<Integer> lost = withoutOffset(existing(), false);
        lost.removeIf(partition -> !hasRecord(new TopicPartition(rows, partition)));
        // Asked again, behind the rows: another instance may just be committing its first.
        lost = withoutOffset(lost, true);
        return lost.isEmpty()
                ? List.of()
                : List.of("The consumer group " + applicationId + " has lost its offsets in " + deltas + " (partitions "
                        + lost.stream().map(String::valueOf).collect(Collectors.joining(", ")) + "), but " + rows
                        + " has what it read there: what is still in the topic would be added to its accounts once more."
                        + " Build the ledger anew beside this one, with another LEDGER_APPLICATION_ID and"
                        + " LEDGER_OUTPUT_TOPIC_PREFIX: \"Rebuild beside the live ledger\" in docs/operations.md.");
    }

    /** The partitions that may have rows. */
    private Set<Integer> existing() {
        return LedgerIdentity.get(admin.listTopics().names()).contains(rows)
                ? IntStream.range(0, config.number(Setting.PARTITIONS)).boxed().collect(Collectors.toSet())
                : Set.of();
    }

    /** @param settled whether to leave out a partition whose offset is part of a transaction that has not ended */
    private Set<Integer> withoutOffset(Set<Integer> partitions, boolean settled) {
        if (partitions.isEmpty()) {
            return new TreeSet<>();
        }
        Map<TopicPartition, OffsetAndMetadata> committed = LedgerIdentity.get(admin.listConsumerGroupOffsets(
                        Map.of(
                                applicationId,
                                new ListConsumerGroupOffsetsSpec()
                                        .topicPartitions(partitions.stream()
                                                .map(partition -> new TopicPartition(deltas, partition))
                                                .toList())),
                        new ListConsumerGroupOffsetsOptions().requireStable(settled))
                .partitionsToOffsetAndMetadata(applicationId));
        // One that was left out is not in the answer, one without an offset is, and has none.
        return committed.entrySet().stream()
                .filter(offset -> offset.getValue() == null)
                .map(offset -> offset.getKey().partition())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether a partition has a committed record; what transactions leave is none. */
    private boolean hasRecord(TopicPartition partition) {
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                KafkaSettings.onlooker(config), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(Set.of(partition));
            long end = consumer.endOffsets(Set.of(partition)).get(partition);
            long startNanos = System.nanoTime();
            while (consumer.position(partition) < end) {
                if (!consumer.poll(POLL).isEmpty()) {
                    return true;
                }
                if (System.nanoTime() - startNanos > READ_WITHIN.toNanos()) {
                    throw new TimeoutException(partition + " cannot be read");
                }
            }
            return false;
        }
    }
}
