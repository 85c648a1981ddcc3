package dev.spendledger.streams.intake;

/**
 * Where in the log a record is. Written {@code topic-partition@offset}.
 *
 * @param topic its topic
 * @param partition its partition
 * @param offset its offset there
 */
public record RecordId(String topic, int partition, long offset) {
    @Override
    public String toString() {
        return topic + "-" + partition + "@" + offset;
    }
}
