package dev.spendledger.api.query;

import java.util.Locale;

/** Why an answer is not the fresh owner's. A closed list: it is a metric's label and part of the HTTP contract. */
public enum DegradedReason {
    /** Nobody has ever heard of the chat, or it has no root. */
    UNKNOWN_CHAT,
    /** The owner of the partition has lost touch with the broker. */
    STALE_OWNER,
    /** The owner is behind its input. */
    CATCHING_UP,
    /** The owner of the partition cannot be reached. */
    OWNER_UNREACHABLE,
    /** The partition is on its way to another owner. */
    REBALANCING,
    /** The instance has just started and holds no partition yet. */
    STARTING,
    /** No answer came in time. */
    DEADLINE,
    /** The state store failed. */
    STORE_ERROR;

    /** The name in replies and metrics. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
