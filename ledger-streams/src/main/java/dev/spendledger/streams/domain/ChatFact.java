package dev.spendledger.streams.domain;

import java.time.Instant;
import java.util.Objects;

/**
 * A chat was created.
 *
 * @param chatId the chat
 * @param parentChatId the chat that spawned it; null = it is a root
 * @param accountId the account it belongs to
 * @param limitMicros the limit its tree was created with; null = none; only on a root
 * @param createdAt when, by the producer's clock; decides nothing
 */
public record ChatFact(String chatId, String parentChatId, String accountId, Long limitMicros, Instant createdAt) {

    public boolean isRoot() {
        return parentChatId == null;
    }

    /** Whether another fact says the same of the chat. The time does not matter: a repeat is made later. */
    public boolean saysTheSameAs(ChatFact other) {
        return chatId.equals(other.chatId)
                && Objects.equals(parentChatId, other.parentChatId)
                && accountId.equals(other.accountId)
                && Objects.equals(limitMicros, other.limitMicros);
    }
}
