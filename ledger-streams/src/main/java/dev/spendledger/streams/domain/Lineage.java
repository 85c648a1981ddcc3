package dev.spendledger.streams.domain;

import java.util.Optional;

/**
 * What is known of a chat: nothing but that something waits for it, that it was created, or also what its root is.
 *
 * @param created what its first {@link ChatFact} said; null = not created yet
 * @param root its root; null = not known yet
 * @param parked the messages that wait here for the root to be known, each record counted, repeats included
 */
public record Lineage(ChatFact created, Root root, Totals parked) {
    /** A chat that nobody has created yet. */
    public static final Lineage HEARD_OF = new Lineage(null, null, Totals.ZERO);

    /** The lineage once the chat is created: a root chat is its own root. */
    public Lineage withCreated(ChatFact chat) {
        return new Lineage(chat, chat.isRoot() ? new Root.Rooted(chat.chatId(), 0) : null, parked);
    }

    public Lineage withRoot(Root newRoot) {
        return new Lineage(created, newRoot, parked);
    }

    public Lineage withParked(Totals newParked) {
        return new Lineage(created, root, newParked);
    }

    /** What of it the facts determine: all but the words for why there is no root, which depend on the order of arrival. */
    public Lineage determined() {
        return root instanceof Root.Unrooted ? withRoot(new Root.Unrooted("")) : this;
    }

    public boolean isCreated() {
        return created != null;
    }

    /** The root chat's id; empty while it is not known, and for ever if there is none. */
    public Optional<String> rootChatId() {
        return root instanceof Root.Rooted rooted ? Optional.of(rooted.rootChatId()) : Optional.empty();
    }
}
