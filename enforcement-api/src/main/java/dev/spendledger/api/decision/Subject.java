package dev.spendledger.api.decision;

import java.util.Optional;

/**
 * Whom a decision is about.
 *
 * @param chatId the chat that wants to go on; null = none, an account is asked about alone
 * @param rootChatId the root of its tree; empty = not known
 * @param accountId the account of the request, else the chat's; empty = neither is known
 */
public record Subject(String chatId, Optional<String> rootChatId, Optional<String> accountId) {

    /** An account alone, before there is a chat. */
    public static Subject ofAccount(String accountId) {
        return new Subject(null, Optional.empty(), Optional.of(accountId));
    }
}
