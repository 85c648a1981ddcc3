package dev.spendledger.streams.domain;

/**
 * What is known, for ever, of a chat's root. A function of the parents alone: a chat has a root if its parent chain reaches
 * one within {@link Ranges#MAX_DEPTH} parents, and has none otherwise (the chain runs in a circle, or is longer).
 */
public sealed interface Root {

    /**
     * The parent chain reaches a root.
     *
     * @param rootChatId the root
     * @param depth how many parents lie between the chat and its root; 0 = it is the root
     */
    record Rooted(String rootChatId, int depth) implements Root {}

    /**
     * The parent chain reaches no root.
     *
     * @param why what was found, for people to read: which of a circle's chats meets it first is a matter of order
     */
    record Unrooted(String why) implements Root {}
}
