package dev.spendledger.api.audit;

import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.RecordId;
import java.time.Instant;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which dead letters are meant. Each part that is empty or null lets all pass.
 *
 * @param reasons one of these
 * @param topics the source is one of these topics, by their whole names
 * @param records the source is exactly one of these
 * @param since appended to its topic at this time or later
 * @param until appended to its topic before this time
 * @param chatId the key, or the chat or root of the event, where it can be read
 */
public record DeadLetterFilter(
        Set<RejectReason> reasons,
        Set<String> topics,
        Set<RecordId> records,
        Instant since,
        Instant until,
        String chatId)
        implements Predicate<DeadLetter> {

    /** Lets all pass. */
    public static final DeadLetterFilter ALL = new DeadLetterFilter(Set.of(), Set.of(), Set.of(), null, null, null);

    @Override
    public boolean test(DeadLetter letter) {
        RecordId source = letter.id().source();
        return (reasons.isEmpty() || reasons.contains(letter.id().reason()))
                && (topics.isEmpty() || topics.contains(source.topic()))
                && (records.isEmpty() || records.contains(source))
                && (since == null || !letter.appendTime().isBefore(since))
                && (until == null || letter.appendTime().isBefore(until))
                && (chatId == null || letter.chatIds().anyMatch(chatId::equals));
    }
}
