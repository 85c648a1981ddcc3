package dev.spendledger.api.query;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The greatest of the trees that were added. Holds no more than it shows, however many they are. */
final class Greatest {
    private final int most;
    private final Comparator<RankedTree> order;
    /** The least first. */
    private final PriorityQueue<RankedTree> trees;

    /** @param most how many of them are held, at least 1 */
    Greatest(TreeOrder order, int most, Instant now) {
        this.most = most;
        this.order = order.least(now);
        this.trees = new PriorityQueue<>(this.order);
    }

    void add(RankedTree tree) {
        if (trees.size() < most) {
            trees.add(tree);
        } else if (order.compare(tree, trees.element()) > 0) {
            trees.remove();
            trees.add(tree);
        }
    }

    /** The greatest first. */
    List<RankedTree> list() {
        return trees.stream().sorted(order.reversed()).toList();
    }
}
