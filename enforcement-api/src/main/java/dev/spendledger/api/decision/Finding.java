package dev.spendledger.api.decision;

import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.ServedBy;
import java.util.Optional;

/**
 * What could be found out, before deciding, about a tree or an account.
 *
 * @param <T> its spend
 */
public sealed interface Finding<T> {

    /** The spend, and how good the reading is. */
    record Found<T>(T spend, ServedBy servedBy, Freshness freshness) implements Finding<T> {}

    /** There is nothing to be judged: it was not asked for, or it has no limit. */
    record Nothing<T>() implements Finding<T> {}

    /** The chat belongs to no tree that anybody knows. */
    record Unknown<T>() implements Finding<T> {}

    /** Nobody could say. */
    record NoAnswer<T>(DegradedReason reason) implements Finding<T> {}

    /** What a reading comes to; a row that is not there is unknown. */
    static <T> Finding<T> of(Reading<T> reading) {
        if (reading instanceof Reading.Unavailable<T> unavailable) {
            return new NoAnswer<>(unavailable.reason());
        }
        Reading.Answered<T> answered = (Reading.Answered<T>) reading;
        return answered.value()
                .<Finding<T>>map(spend -> new Found<>(spend, answered.servedBy(), answered.freshness()))
                .orElseGet(Unknown::new);
    }

    /** The spend, if it was found. */
    default Optional<Found<T>> found() {
        return this instanceof Found<T> found ? Optional.of(found) : Optional.empty();
    }

    /** Why there is no spend to judge by, where there should be. */
    default Optional<DegradedReason> missing() {
        if (this instanceof NoAnswer<T> noAnswer) {
            return Optional.of(noAnswer.reason());
        }
        return this instanceof Unknown<T> ? Optional.of(DegradedReason.UNKNOWN_CHAT) : Optional.empty();
    }
}
