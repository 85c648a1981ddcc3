package dev.spendledger.api.query;

import java.util.List;
import java.util.Set;

/**
 * The greatest trees of some partitions.
 *
 * @param trees the greatest first
 * @param partitions those of which all trees were looked at; there may be trees of others as well
 */
public record TopList(List<RankedTree> trees, Set<Integer> partitions) {
    /** Of no partition. */
    public static final TopList EMPTY = new TopList(List.of(), Set.of());
}
