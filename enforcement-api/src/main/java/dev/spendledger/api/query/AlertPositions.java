package dev.spendledger.api.query;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How far {@code spend-alerts} was read. As a text it is the {@code id} of an event: whoever has it goes on from there at any
 * instance, as it names nothing that is an instance's own.
 *
 * @param log what tells this log from another of the same name, in the digits and small letters of base 36
 * @param offsets by partition, the offset of the next record; those of partitions beyond the list are 0
 */
public record AlertPositions(String log, List<Long> offsets) {
    private static final int BASE = Character.MAX_RADIX;
    private static final String SEPARATOR = ".";
    /** Thirteen digits are more than any offset has. */
    private static final Pattern FORM = Pattern.compile("[0-9a-z]{1,13}(\\.[0-9a-z]{1,12}){1,1000}");

    public AlertPositions {
        offsets = List.copyOf(offsets);
    }

    /** The beginning of a log. */
    public static AlertPositions startOf(String log, int partitions) {
        return new AlertPositions(log, Collections.nCopies(partitions, 0L));
    }

    /** Reads what {@link #toString} has written; empty = it is something else. */
    public static Optional<AlertPositions> parse(String text) {
        if (!FORM.matcher(text).matches()) {
            return Optional.empty();
        }
        String[] parts = text.split("\\.");
        return Optional.of(new AlertPositions(
                parts[0],
                Stream.of(parts)
                        .skip(1)
                        .map(offset -> Long.parseLong(offset, BASE))
                        .toList()));
    }

    /** The offset of the next record of a partition. */
    public long of(int partition) {
        return partition < offsets.size() ? offsets.get(partition) : 0;
    }

    /** The same once a partition is read up to an offset. */
    public AlertPositions with(int partition, long offset) {
        List<Long> changed = new ArrayList<>(offsets);
        changed.set(partition, offset);
        return new AlertPositions(log, changed);
    }

    /** The same, so many offsets back in each partition, or at its beginning. */
    public AlertPositions back(long count) {
        return new AlertPositions(
                log, offsets.stream().map(offset -> Math.max(0, offset - count)).toList());
    }

    /** Whether all that is before the others is before these as well. */
    public boolean reach(AlertPositions others) {
        return log.equals(others.log) && partitions().allMatch(partition -> of(partition) >= others.of(partition));
    }

    /**
     * Where whoever has read up to other positions has to go on in this log, of which these are the end: never behind what
     * he has not read. Of another log nothing is known to be read.
     */
    public AlertPositions goingOnFrom(AlertPositions others) {
        return log.equals(others.log)
                ? new AlertPositions(
                        log,
                        partitions()
                                .mapToObj(partition -> Math.min(of(partition), others.of(partition)))
                                .toList())
                : startOf(log, offsets.size());
    }

    private IntStream partitions() {
        return IntStream.range(0, offsets.size());
    }

    @Override
    public String toString() {
        return offsets.stream()
                .map(offset -> SEPARATOR + Long.toString(offset, BASE))
                .collect(Collectors.joining("", log, ""));
    }
}
