package dev.spendledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionsTest {

    @Property
    void shouldAgreeWithKafkasOwnPartitioner(
            @ForAll @Size(max = 200) byte[] key, @ForAll @IntRange(min = 1, max = 1_000) int partitions) {
        assertThat(Partitions.of(key, partitions)).isEqualTo(BuiltInPartitioner.partitionForKey(key, partitions));
    }

    @Property(tries = 200)
    void shouldTakeATextByItsUtf8Bytes(@ForAll String key, @ForAll @IntRange(min = 1, max = 64) int partitions) {
        assertThat(Partitions.of(key, partitions))
                .isEqualTo(BuiltInPartitioner.partitionForKey(key.getBytes(StandardCharsets.UTF_8), partitions));
    }

    @Property(tries = 200)
    void shouldHaveAKeyOfEachPartition(@ForAll @IntRange(min = 1, max = 500) int partitions) {
        assertThat(IntStream.range(0, partitions))
                .allSatisfy(partition -> assertThat(Partitions.of(Partitions.keyOf(partition, partitions), partitions))
                        .isEqualTo(partition));
    }

    /** Written down, because a change would leave every stored lineage and total in a partition that nobody asks. */
    @ParameterizedTest
    @CsvSource({"c-1, 12, 11", "c-2, 12, 10", "chat-ü, 12, 1", "'', 12, 9", "c-1, 1, 0"})
    void shouldPutAKeyIntoTheSamePartitionForEver(String key, int partitions, int partition) {
        assertThat(Partitions.of(key, partitions)).isEqualTo(partition);
    }
}
