package dev.spendledger.api.query;

import dev.spendledger.streams.topology.LedgerTopology;
import io.vertx.core.Future;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The greatest trees of the whole ledger: what this instance owns, and one call to each other that owns something, side by
 * side. However many ask, it is found out once a second.
 */
public final class TopTrees {
    private static final Duration KEPT = Duration.ofSeconds(1);

    private final Function<TreeOrder, Future<TopList>> own;
    private final Placement placement;
    private final Peers peers;
    private final int partitions;
    private final Clock clock;
    private final Map<TreeOrder, Found> found = new EnumMap<>(TreeOrder.class);

    private record Found(Instant askedAt, Future<Top> top) {}

    /**
     * @param trees the greatest first
     * @param incomplete whether some partition could not be read, or not all of it
     */
    public record Top(List<RankedTree> trees, boolean incomplete) {
        private Top first(int most) {
            return new Top(trees.subList(0, Math.min(most, trees.size())), incomplete);
        }
    }

    /**
     * @param own what this instance owns
     * @param partitions how many there are in all
     */
    public TopTrees(
            Function<TreeOrder, Future<TopList>> own, Placement placement, Peers peers, int partitions, Clock clock) {
        this.own = own;
        this.placement = placement;
        this.peers = peers;
        this.partitions = partitions;
        this.clock = clock;
    }

    /**
     * The greatest trees. The future fails for bugs only, and takes no longer than a call of another instance may.
     *
     * @param most how many, 1 to {@value OwnTopTrees#MOST}
     */
    public Future<Top> top(TreeOrder order, int most) {
        return find(order).map(top -> top.first(most));
    }

    /** Those of them that this instance owns. */
    public Future<TopList> own(TreeOrder order) {
        return own.apply(order);
    }

    private synchronized Future<Top> find(TreeOrder order) {
        Instant now = clock.instant();
        return found.compute(
                        order,
                        (same, known) ->
                                known != null && known.askedAt.plus(KEPT).isAfter(now) && !known.top.failed()
                                        ? known
                                        : new Found(now, ask(order)))
                .top;
    }

    private Future<Top> ask(TreeOrder order) {
        List<Future<TopList>> asking = new ArrayList<>();
        asking.add(own.apply(order));
        owners().forEach(owner -> asking.add(peers.topTrees(owner, order)));
        return Future.all(asking)
                .map(all -> merge(order, asking.stream().map(Future::result).toList()));
    }

    /** The other instances that own something. */
    private List<URI> owners() {
        return IntStream.range(0, partitions)
                .mapToObj(partition ->
                        placement.of(LedgerTopology.SPEND_BY_ROOT, partition).owner())
                .flatMap(Optional::stream)
                .filter(owner -> !owner.equals(placement.self()))
                .distinct()
                .toList();
    }

    private Top merge(TreeOrder order, List<TopList> lists) {
        // Once each, also where a partition is being handed on and two have it.
        Map<String, RankedTree> trees = new LinkedHashMap<>();
        lists.forEach(list -> list.trees().forEach(tree -> trees.putIfAbsent(tree.rootChatId(), tree)));
        boolean incomplete = lists.stream()
                        .flatMap(list -> list.partitions().stream())
                        .distinct()
                        .count()
                < partitions;
        return new Top(order.greatest(trees.values(), OwnTopTrees.MOST, clock.instant()), incomplete);
    }
}
