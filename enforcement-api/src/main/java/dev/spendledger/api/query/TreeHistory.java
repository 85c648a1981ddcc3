package dev.spendledger.api.query;

import dev.spendledger.api.query.LedgerReader.Counted;
import dev.spendledger.streams.domain.Timeline;
import dev.spendledger.streams.domain.TreeSpend;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.stream.Stream;

/**
 * How a chat and its tree have come to what they have spent.
 *
 * @param spend what that is
 * @param messages what the messages of the tree say; empty = it has more than {@link TreeHistories#MESSAGES_MOST}
 */
public record TreeHistory(SpendView spend, Optional<Messages> messages) {

    /**
     * @param points the spend of the tree in the course of time
     * @param latest the messages that were priced last, the latest first
     * @param exhaustedAt when the spend has reached the limit that the tree is held to, or that limit was set, if it was
     *     below the spend then; empty = the tree is within its limit
     */
    public record Messages(List<Timeline.Point> points, List<Counted> latest, Optional<Instant> exhaustedAt) {
        static final Messages NONE = new Messages(List.of(), List.of(), Optional.empty());
    }

    /** Takes the messages of a tree one after the other. Holds of each no more than is shown. */
    static final class Gathering {
        private static final int POINTS_MOST = 300;
        private static final int LATEST_MOST = 10;
        private static final Comparator<Counted> BY_TIME = Comparator.comparing(
                        (Counted counted) -> counted.message().attribution().pricedAt())
                .thenComparing(Counted::messageId);

        private final List<Timeline.Cost> costs = new ArrayList<>();
        /** The earliest first. */
        private final PriorityQueue<Counted> latest = new PriorityQueue<>(BY_TIME);

        private int count;

        void add(Counted counted) {
            count++;
            Long micros = counted.message().pricing().costMicros();
            if (micros != null) {
                costs.add(new Timeline.Cost(counted.message().attribution().pricedAt(), micros));
            }
            latest.add(counted);
            if (latest.size() > LATEST_MOST) {
                latest.remove();
            }
        }

        int count() {
            return count;
        }

        /** @param tree the spend of the tree; empty = it is not known */
        Messages messages(Optional<TreeSpend> tree) {
            List<Timeline.Point> points = Timeline.of(costs);
            return new Messages(
                    Timeline.thinned(points, POINTS_MOST),
                    latest.stream().sorted(BY_TIME.reversed()).toList(),
                    tree.filter(TreeSpend::exhausted).flatMap(exhausted -> exhaustedAt(exhausted, points)));
        }

        private static Optional<Instant> exhaustedAt(TreeSpend tree, List<Timeline.Point> points) {
            return Timeline.reached(points, tree.effectiveLimitMicros().orElseThrow())
                    .map(reached -> Stream.of(
                                    Optional.of(reached),
                                    Optional.ofNullable(tree.limit().setAt()))
                            .flatMap(Optional::stream)
                            .max(Comparator.naturalOrder())
                            .orElseThrow());
        }
    }
}
