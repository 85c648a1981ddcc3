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
     * @param topmostChatId where the way up to a root has ended: the chat itself, or one above it
     */
    record Nowhere(Optional<String> accountId, String topmostChatId) implements Location {}

    /**
     * The partition that knows cannot be read.
     *
     * @param topmostChatId where the way up to a root has ended: the chat itself, or one above it
     */
    record Unreadable(DegradedReason reason, String topmostChatId) implements Location {}
}
