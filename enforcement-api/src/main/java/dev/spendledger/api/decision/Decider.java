package dev.spendledger.api.decision;

import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.ServedBy;
import java.util.List;
import java.util.Optional;

/** The decision itself: from what was found to the answer, and nothing else. */
public final class Decider {
    private Decider() {}

    /** What a check without an answer does. */
    public enum LookupErrorPolicy {
        /** Allow, and say that it was for want of an answer. */
        OPEN,
        /** Leave it undecided. */
        CLOSED
    }

    public static Decision decide(Subject subject, Finding finding, LookupErrorPolicy policy) {
        if (finding instanceof Finding.OfTree found) {
            return decideTree(subject, found);
        }
        if (finding instanceof Finding.NoAnswer noAnswer) {
            return policy == LookupErrorPolicy.OPEN
                    ? allowedForWantOfAnAnswer(subject, noAnswer.reason())
                    : new Decision.Undecided(subject, noAnswer.reason());
        }
        // Not a failed look-up: there is nothing to hold against a chat that nobody has heard of.
        return allowedForWantOfAnAnswer(subject, DegradedReason.UNKNOWN_CHAT);
    }

    private static Decision decideTree(Subject subject, Finding.OfTree found) {
        Optional<Scope> scope = Scope.of(found.tree());
        Optional<DegradedReason> doubt = found.freshness().doubt();
        return found.tree().exhausted()
                ? new Decision.Rejected(subject, scope.orElseThrow(), found.servedBy(), doubt)
                : new Decision.Allowed(
                        subject, scope.stream().toList(), found.servedBy(), Optional.of(found.freshness()), doubt);
    }

    private static Decision allowedForWantOfAnAnswer(Subject subject, DegradedReason reason) {
        return new Decision.Allowed(subject, List.of(), ServedBy.NONE, Optional.empty(), Optional.of(reason));
    }
}
