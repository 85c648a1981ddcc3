package dev.spendledger.api.audit;

import dev.spendledger.streams.domain.RejectReason;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;

/**
 * The dead letters that a filter lets pass, each record once. Reads the topic twice: first what there is and how often, then
 * the records; so only their identities are held.
 */
public final class DeadLetterSelection {
    /** The most dead letters that one selection has, because their identities are held in memory. */
    public static final int MOST = 1_000_000;

    private final DeadLetterReader reader;
    private final Predicate<DeadLetter> filter;
    private final Map<DeadLetter.Id, Integer> times = new HashMap<>();
    private final Map<RejectReason, Integer> countByReason = new EnumMap<>(RejectReason.class);
    private final long strangers;

    /** More dead letters pass the filter than one selection can have. */
    public static final class TooManyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManyException(int most) {
            super("More than " + most + " dead letters are meant; choose fewer of them, for instance with --since and"
                    + " --until.");
        }
    }

    /**
     * @throws TooManyException if more than {@link #MOST} dead letters pass
     */
    public DeadLetterSelection(DeadLetterReader reader, Predicate<DeadLetter> filter) {
        this(reader, filter, MOST);
    }

    DeadLetterSelection(DeadLetterReader reader, Predicate<DeadLetter> filter, int most) {
        this.reader = reader;
        this.filter = filter;
        this.strangers = reader.read(letter -> {
            if (filter.test(letter)) {
                times.merge(letter.id(), 1, Integer::sum);
            }
            if (times.size() > most) {
                throw new TooManyException(most);
            }
            return true;
        });
        times.keySet().forEach(id -> countByReason.merge(id.reason(), 1, Integer::sum));
    }

    /** How many different records pass, by reason; a reason without one is left out. */
    public Map<RejectReason, Integer> countByReason() {
        return Map.copyOf(countByReason);
    }

    /** How many different records pass. */
    public int count() {
        return countByReason.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** How many records of the topic are no dead letters of the ledger. */
    public long strangers() {
        return strangers;
    }

    /**
     * Hands over each record, in the order in which the ledger wrote them to each partition, and how often it stands in the
     * topic. To be called once.
     *
     * @param limit how many at most; at least 1
     */
    public void forEach(int limit, ObjIntConsumer<DeadLetter> action) {
        int[] left = {Math.min(limit, count())};
        if (left[0] == 0) {
            return;
        }
        reader.read(letter -> {
            // Taken out when it is handed over, so that a repeat finds it no more.
            Integer found = filter.test(letter) ? times.remove(letter.id()) : null;
            if (found != null) {
                action.accept(letter, found);
                left[0]--;
            }
            return left[0] > 0;
        });
    }
}
