package dev.spendledger.api.decision;

import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.streams.domain.Freeze;
import java.util.Optional;

/** What could be found out, before deciding, about a freeze of the chat's tree. */
public sealed interface FreezeFinding {

    /**
     * The tree is frozen.
     *
     * @param rootChatId its root
     * @param doubt why nobody could tell the chat's tree, so that it only seems to belong to this one; empty = it does
     */
    record Frozen(String rootChatId, Freeze freeze, Optional<DegradedReason> doubt) implements FreezeFinding {}

    /** It is not, or there is no tree to be judged. */
    record NotFrozen() implements FreezeFinding {}

    /** This instance has not read yet which trees are. */
    record NotRead() implements FreezeFinding {}
}
