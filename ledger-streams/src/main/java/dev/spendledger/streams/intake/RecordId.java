package dev.spendledger.streams.intake;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a record stands in the log; written {@code TOPIC-PARTITION@OFFSET}, as in {@code chats-3@42}.
 *
 * @param topic the topic's whole name, with the deployment's prefix
 * @param partition from 0
 * @param offset from 0
 */
public record RecordId(String topic, int partition, long offset) {
    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9._-]{1,249})-(\\d{1,9})@(\\d{1,18})");

    /** Reads what {@link #toString} writes; empty if a text is none. */
    public static Optional<RecordId> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? Optional.of(new RecordId(
                        matcher.group(1), Integer.parseInt(matcher.group(2)), Long.parseLong(matcher.group(3))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return topic + "-" + partition + "@" + offset;
    }
}
