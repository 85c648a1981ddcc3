package dev.spendledger.api.query;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** By what trees are ranked. */
public enum TreeOrder {
    /** By all that they have spent. */
    SPENT {
        @Override
        Comparator<RankedTree> least(Instant now) {
            return BY_SPENT;
        }
    },
    /** By what they spend in a minute, now. */
    RATE {
        @Override
        Comparator<RankedTree> least(Instant now) {
            return Comparator.comparingLong(
                            (RankedTree ranked) -> ranked.tree().pace().at(now).spendMicros())
                    .thenComparing(BY_SPENT);
        }
    };

    /** Of two that have spent the same, the one whose id comes first stands first. */
    private static final Comparator<RankedTree> BY_SPENT = Comparator.comparing(
                    (RankedTree ranked) -> ranked.tree().totals().sumMicros())
            .thenComparing(RankedTree::rootChatId, Comparator.reverseOrder());

    /** The order in which the least comes first. */
    abstract Comparator<RankedTree> least(Instant now);

    /** The greatest of some trees, the greatest first. */
    List<RankedTree> greatest(Collection<RankedTree> trees, int most, Instant now) {
        Greatest greatest = new Greatest(this, most, now);
        trees.forEach(greatest::add);
        return greatest.list();
    }

    /** The name in requests and replies. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
