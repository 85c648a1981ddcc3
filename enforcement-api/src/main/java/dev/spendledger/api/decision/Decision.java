package dev.spendledger.api.decision;

import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.streams.domain.Freeze;
import dev.spendledger.streams.domain.Thresholds;
import java.util.List;
import java.util.Optional;

/** The answer to a check. */
public sealed interface Decision {

    Subject subject();

    /** Why it does not rest on a fresh reading; empty = it does. */
    Optional<DegradedReason> degraded();

    /**
     * Go on.
     *
     * @param scopes the limits that were held against the spend
     * @param servedBy who gave the reading
     * @param freshness how good the readings are, all together; empty = none was needed, or none could be had
     * @param failOpen whether it is allowed for want of an answer
     */
    record Allowed(
            Subject subject,
            List<Scope> scopes,
            ServedBy servedBy,
            Optional<Freshness> freshness,
            Optional<DegradedReason> degraded,
            boolean failOpen)
            implements Decision {

        /** The greatest threshold that any of the limits has passed; {@link Thresholds#NONE_PASSED} = none. */
        public int passedPercent() {
            int greatest = Thresholds.NONE_PASSED;
            for (Scope scope : scopes) {
                greatest = Math.max(greatest, scope.passedPercent());
            }
            return greatest;
        }
    }

    /**
     * Stop: a limit is reached.
     *
     * @param scope the limit that is
     * @param servedBy who gave the reading
     */
    record Rejected(Subject subject, Scope scope, ServedBy servedBy, Optional<DegradedReason> degraded)
            implements Decision {}

    /**
     * Stop: the tree is frozen, whatever is spent.
     *
     * @param subject with the root of the frozen tree
     * @param degraded why nobody could tell the chat's tree, so that the one it seems to belong to was judged
     */
    record Frozen(Subject subject, Freeze freeze, Optional<DegradedReason> degraded) implements Decision {}

    /** No answer, where the deployment wants none without a reading. */
    record Undecided(Subject subject, DegradedReason reason) implements Decision {
        @Override
        public Optional<DegradedReason> degraded() {
            return Optional.of(reason);
        }
    }
}
