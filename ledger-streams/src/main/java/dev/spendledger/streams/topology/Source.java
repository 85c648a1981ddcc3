package dev.spendledger.streams.topology;

import java.time.Instant;
import org.apache.kafka.common.header.Headers;

/**
 * A record of an input topic as it was read, in its own bytes.
 *
 * @param topic where it was read
 * @param partition where in the topic
 * @param offset where in the partition
 * @param appendTime when it was appended to the log
 * @param key its key; may be null
 * @param value its value; may be null
 * @param headers its headers
 */
record Source(
        String topic, int partition, long offset, Instant appendTime, byte[] key, byte[] value, Headers headers) {}
