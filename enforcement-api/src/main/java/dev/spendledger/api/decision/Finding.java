package dev.spendledger.api.decision;

import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.streams.domain.TreeSpend;

/** What could be found out about the tree of a chat before deciding. */
public sealed interface Finding {

    /** The tree's spend, and how good the reading is. */
    record OfTree(TreeSpend tree, ServedBy servedBy, Freshness freshness) implements Finding {}

    /** The chat belongs to no tree that anybody knows. */
    record NoTree() implements Finding {}

    /** Nobody could say. */
    record NoAnswer(DegradedReason reason) implements Finding {}
}
