package dev.spendledger.demo.failover;

import java.util.List;

/**
 * A tree of the drill.
 *
 * @param chatIds its chats, the root first
 * @param limitMicros what it may spend
 * @param state what it is while checks of it are judged
 * @param partition where its root lives
 * @param acknowledged what it has spent
 */
record Tree(List<String> chatIds, long limitMicros, State state, int partition, Acknowledged acknowledged) {

    enum State {
        /** Has reached its limit before the first check. */
        EXHAUSTED,
        /** Never reaches its limit. */
        WITHIN,
        /** Reaches its limit in the middle of a scenario, which asks for it by itself. */
        RESERVED
    }

    String rootId() {
        return chatIds.get(0);
    }
}
