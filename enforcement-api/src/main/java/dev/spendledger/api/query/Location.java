package dev.spendledger.api.query;

import java.util.Optional;

/** Where a chat belongs. */
public sealed interface Location {

    /**
     * In a tree.
     *
     * @param rootChatId the tree's root
     * @param accountId the chat's account; empty = only the chat's ancestors are known
     */
    record InTree(String rootChatId, Optional<String> accountId) implements Location {}

    /**
     * In no tree that anybody knows.
     *
     * @param accountId the chat's account, if the chat at least is known
     */
    record Nowhere(Optional<String> accountId) implements Location {}

    /** The partition that knows cannot be read. */
    record Unreadable(DegradedReason reason) implements Location {}
}
