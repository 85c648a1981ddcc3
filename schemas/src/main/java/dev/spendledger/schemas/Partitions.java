package dev.spendledger.schemas;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/** Which partition a key belongs to: murmur2 over the key's bytes, as the Java client's default partitioner has it. */
public final class Partitions {
    private Partitions() {}

    /** The partition, from 0, of a key in a topic of so many partitions. */
    public static int of(byte[] key, int partitions) {
        return Utils.toPositive(Utils.murmur2(key)) % partitions;
    }

    /** As {@link #of(byte[], int)}, for a key that is a UTF-8 string. */
    public static int of(String key, int partitions) {
        return of(key.getBytes(StandardCharsets.UTF_8), partitions);
    }
}
