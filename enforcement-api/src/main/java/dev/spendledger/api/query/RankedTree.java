package dev.spendledger.api.query;

import dev.spendledger.streams.domain.TreeSpend;

/** A tree that was looked at as one of many. */
public record RankedTree(String rootChatId, TreeSpend tree) {}
