package dev.spendledger.api.runtime;

import java.time.Instant;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.BiPredicate;
import org.apache.kafka.common.TopicPartition;

/**
 * What the broker has said of where topics end, the last {@value #KEPT} times. A fold under load has never reached the latest
 * ends, but those of a moment before: so that many are kept. Written by one thread, read by any.
 */
final class ToldEnds {
    static final int KEPT = 100;

    private final Deque<Ends> latestFirst = new ConcurrentLinkedDeque<>();

    private record Ends(Instant askedAt, Map<TopicPartition, Long> offsets) {}

    /**
     * The broker has said it.
     *
     * @param askedAt when it was asked
     * @param offsets where the partitions end that it has said it of
     */
    void add(Instant askedAt, Map<TopicPartition, Long> offsets) {
        latestFirst.addFirst(new Ends(askedAt, Map.copyOf(offsets)));
        if (latestFirst.size() > KEPT) {
            latestFirst.removeLast();
        }
    }

    /**
     * When the broker was last asked for ends up to which all of these partitions is folded; empty = longer ago than is known.
     *
     * @param isFoldedUpTo whether all of a partition before an offset is folded
     */
    Optional<Instant> foldedAsOf(List<TopicPartition> partitions, BiPredicate<TopicPartition, Long> isFoldedUpTo) {
        return latestFirst.stream()
                .filter(ends -> partitions.stream().allMatch(partition -> {
                    Long end = ends.offsets().get(partition);
                    return end != null && isFoldedUpTo.test(partition, end);
                }))
                .findFirst()
                .map(Ends::askedAt);
    }
}
