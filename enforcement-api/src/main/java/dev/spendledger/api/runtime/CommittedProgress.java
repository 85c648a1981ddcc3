package dev.spendledger.api.runtime;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;

/**
 * How far a partition has come of which all is committed. What is folded can be read at once, but a copy gets it with the
 * commit, which may take seconds on a busy machine, and never gets what is given up. Not thread-safe but for reading.
 */
final class CommittedProgress {
    /** While commits stand still, what comes later is not committed either. */
    private static final int CLAIMS_MOST = 200;

    private final Deque<Claim> claims = new ArrayDeque<>();
    private volatile Instant asOf;

    private record Claim(Instant asOf, Map<TopicPartition, Long> folded) {}

    /**
     * All up to a time is folded.
     *
     * @param folded the offset of the last record of each topic
     * @param areCommitted whether the changes by all records up to such offsets are committed
     */
    void onFolded(
            Instant foldedAsOf, Map<TopicPartition, Long> folded, Predicate<Map<TopicPartition, Long>> areCommitted) {
        if (claims.size() < CLAIMS_MOST) {
            claims.add(new Claim(foldedAsOf, folded));
        }
        while (!claims.isEmpty() && areCommitted.test(claims.peek().folded())) {
            asOf = claims.poll().asOf();
        }
    }

    /** The partition has gone, or its state is being restored. */
    void forget() {
        claims.clear();
        asOf = null;
    }

    /** The time up to which all is committed; empty = it is not known. */
    Optional<Instant> asOf() {
        return Optional.ofNullable(asOf);
    }
}
