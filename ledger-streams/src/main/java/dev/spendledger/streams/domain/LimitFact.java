package dev.spendledger.streams.domain;

import java.time.Instant;

/**
 * The limit of a tree was set.
 *
 * @param rootChatId the root of the tree
 * @param limit the limit, and its place in the order of limits
 * @param setAt when, by the producer's clock; decides nothing
 */
public record LimitFact(String rootChatId, Limit limit, Instant setAt) {}
