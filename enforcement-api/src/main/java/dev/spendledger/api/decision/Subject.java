package dev.spendledger.api.decision;

import java.util.Optional;

/**
 * Whom a decision is about.
 *
 * @param chatId the chat that wants to go on
 * @param rootChatId the root of its tree; empty = not known
 * @param accountId the account of the request, else the chat's; empty = neither is known
 */
public record Subject(String chatId, Optional<String> rootChatId, Optional<String> accountId) {}
