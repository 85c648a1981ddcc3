package dev.spendledger.demo.failover;

import dev.spendledger.demo.failover.Tree.State;
import java.util.List;

/** Trees and answers as tests need them. */
final class Trees {
    private Trees() {}

    static Tree tree(State state, int partition) {
        return new Tree(List.of("root", "child"), 100, state, partition, new Acknowledged());
    }

    static Answer fresh(Tree tree, long askedMs, int status) {
        return new Answer(tree, 1, askedMs, 1_000, status, "owner", "", -1, -1);
    }

    static Answer degraded(Tree tree, long askedMs, int status, String reason) {
        return new Answer(tree, 1, askedMs, 1_000, status, "none", reason, -1, -1);
    }

    static Answer late(Tree tree, long latencyMicros) {
        return new Answer(tree, 1, 0, latencyMicros, 200, "owner", "", -1, -1);
    }

    static Answer showing(Tree tree, long asOfMs, long spentMicros) {
        return new Answer(tree, 1, asOfMs, 1_000, 200, "owner", "", asOfMs, spentMicros);
    }
}
