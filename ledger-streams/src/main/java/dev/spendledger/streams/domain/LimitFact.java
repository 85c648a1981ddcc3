package dev.spendledger.streams.domain;

/**
 * The limit of a tree was set.
 *
 * @param rootChatId the root of the tree
 * @param limit the limit, and its place in the order of limits
 */
public record LimitFact(String rootChatId, Limit limit) {}
