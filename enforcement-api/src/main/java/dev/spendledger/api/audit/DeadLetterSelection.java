package dev.spendledger.api.audit;

import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.RecordId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The dead letters that a filter lets pass, each record once. Reads the topic first for what there is and how often, and
 * then again for the records; so never all of them are held.
 */
public final class DeadLetterSelection {
    /** The most dead letters that one selection has, because their identities are held in memory. */
    public static final int MOST = 1_000_000;

    /** How many bytes of keys and values are held at once to bring them into order. */
    private static final long HELD_BYTES_MAX = 64L << 20;

    private final DeadLetterReader reader;
    private final long heldBytesMax;
    private final Map<DeadLetter.Id, Found> found = new HashMap<>();
    private final Map<RejectReason, Integer> countByReason = new EnumMap<>(RejectReason.class);
    private final long strangers;

    /**
     * What is held of each record.
     *
     * @param times how often it stands in the topic
     */
    private record Found(DeadLetter.Id id, Instant appendTime, int bytes, int times) {
        private static final Comparator<Found> ORDER_OF_THE_LOG = Comparator.comparing(Found::appendTime)
                .thenComparing(found -> found.id.source().topic())
                .thenComparing(found -> found.id.source().partition())
                .thenComparing(found -> found.id.source().offset());

        static Found of(DeadLetter letter) {
            return new Found(letter.id(), letter.appendTime(), length(letter.key()) + length(letter.value()), 1);
        }

        private static int length(byte[] bytes) {
            return bytes == null ? 0 : bytes.length;
        }

        Found onceMore() {
            return new Found(id, appendTime, bytes, times + 1);
        }
    }

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
        this(reader, filter, MOST, HELD_BYTES_MAX);
    }

    DeadLetterSelection(DeadLetterReader reader, Predicate<DeadLetter> filter, int most, long heldBytesMax) {
        this.reader = reader;
        this.heldBytesMax = heldBytesMax;
        this.strangers = reader.read(letter -> {
            if (filter.test(letter)) {
                found.merge(letter.id(), Found.of(letter), (known, again) -> known.onceMore());
            }
            if (found.size() > most) {
                throw new TooManyException(most);
            }
            return true;
        });
        found.keySet().forEach(id -> countByReason.merge(id.reason(), 1, Integer::sum));
    }

    /** How many different records pass, by reason; a reason without one is left out. */
    public Map<RejectReason, Integer> countByReason() {
        return Map.copyOf(countByReason);
    }

    /** How many different records pass. */
    public int count() {
        return found.size();
    }

    /** Which of these records are not among them. */
    public List<RecordId> missing(List<RecordId> records) {
        Set<RecordId> sources =
                found.keySet().stream().map(DeadLetter.Id::source).collect(Collectors.toSet());
        return records.stream().filter(record -> !sources.contains(record)).toList();
    }

    /** How many records of the topic are no dead letters of the ledger. */
    public long strangers() {
        return strangers;
    }

    /**
     * Hands over each record, in the order in which the ledger wrote them to each partition, and how often it stands in the
     * topic.
     *
     * @param limit how many at most; at least 1
     */
    public void forEach(int limit, ObjIntConsumer<DeadLetter> action) {
        int wanted = Math.min(limit, count());
        Set<DeadLetter.Id> handedOver = new HashSet<>();
        if (wanted == 0) {
            return;
        }
        reader.read(letter -> {
            if (found.containsKey(letter.id()) && handedOver.add(letter.id())) {
                action.accept(letter, found.get(letter.id()).times);
            }
            return handedOver.size() < wanted;
        });
    }

    /**
     * Hands over each record in the order in which they were appended to their topics. Which is not that of the dead letters:
     * some have waited, and partitions are read side by side. Reads the topic once for every {@value #HELD_BYTES_MAX} bytes.
     *
     * @param limit how many at most, those appended first; at least 1
     */
    public void forEachInOrderOfTheLog(int limit, Consumer<DeadLetter> action) {
        List<Found> batch = new ArrayList<>();
        long bytes = 0;
        for (Found next : found.values().stream()
                .sorted(Found.ORDER_OF_THE_LOG)
                .limit(limit)
                .toList()) {
            if (!batch.isEmpty() && bytes + next.bytes > heldBytesMax) {
                handOver(batch, action);
                batch.clear();
                bytes = 0;
            }
            batch.add(next);
            bytes += next.bytes;
        }
        handOver(batch, action);
    }

    private void handOver(List<Found> batch, Consumer<DeadLetter> action) {
        if (batch.isEmpty()) {
            return;
        }
        Set<DeadLetter.Id> wanted = batch.stream().map(Found::id).collect(Collectors.toSet());
        Map<DeadLetter.Id, DeadLetter> letters = new HashMap<>();
        reader.read(letter -> {
            if (wanted.contains(letter.id())) {
                letters.putIfAbsent(letter.id(), letter);
            }
            return letters.size() < wanted.size();
        });
        batch.forEach(next -> action.accept(letters.get(next.id)));
    }
}
