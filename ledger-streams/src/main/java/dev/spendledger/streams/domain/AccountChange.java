package dev.spendledger.streams.domain;

import java.util.List;
import java.util.stream.Stream;

/**
 * How one fact changes what an account has spent on a day.
 *
 * @param at the account and the day
 * @param change what is to be added; parts of it may be negative
 */
public record AccountChange(AccountDay at, Totals change) {

    /**
     * What a message that has changed changes for its account, or for two: a smaller attribution that comes late may move it
     * to another account or day. Equal messages change nothing.
     *
     * @param before what the message came to until now; null = it is new
     * @param after what it comes to now
     */
    public static List<AccountChange> between(Message before, Message after) {
        AccountChange added = new AccountChange(AccountDay.of(after.attribution()), Totals.of(after));
        if (before == null) {
            return List.of(added);
        }
        AccountChange removed = new AccountChange(
                AccountDay.of(before.attribution()), Totals.of(before).negated());
        Stream<AccountChange> changes = removed.at.equals(added.at)
                ? Stream.of(new AccountChange(added.at, removed.change.and(added.change)))
                : Stream.of(removed, added);
        return changes.filter(change -> !change.change.equals(Totals.ZERO)).toList();
    }
}
