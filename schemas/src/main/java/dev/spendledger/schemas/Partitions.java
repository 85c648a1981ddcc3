package dev.spendledger.schemas;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Utils;

/** Which partition a key belongs to: murmur2 over the key's bytes, as the Java client's default partitioner has it. */
public final class Partitions {
    private Partitions() {}

    /** The partition, from 0, of a key in a topic of so many partitions. */
    public static int of(byte[] key, int partitions) {
        return Utils.toPositive(Utils.murmur2(key)) % partitions;
    }

    /** Some key of a partition, from 0, in a topic of so many partitions; the same at every call. */
    public static String keyOf(int partition, int partitions) {
        return IntStream.iterate(0, number -> number + 1)
                .mapToObj(Integer::toString)
                .filter(key -> of(key, partitions) == partition)
                .findFirst()
                .orElseThrow();
    }

    /** As {@link #of(byte[], int)}, for a key that is a UTF-8 string. */
    public static int of(String key, int partitions) {
        return of(key.getBytes(StandardCharsets.UTF_8), partitions);
    }
}
