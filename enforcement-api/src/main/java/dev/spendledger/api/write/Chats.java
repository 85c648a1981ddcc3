package dev.spendledger.api.write;

import dev.spendledger.api.query.Announcements;
import dev.spendledger.api.query.LedgerReader;
import dev.spendledger.api.query.Location;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.TreeLocator;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.Lineage;
import io.vertx.core.Future;
import java.util.Optional;

/** Creates chats. */
public final class Chats {
    private final LedgerReader reader;
    private final TreeLocator locator;
    private final Announcements announcements;
    private final EventWriter writer;

    public Chats(LedgerReader reader, TreeLocator locator, Announcements announcements, EventWriter writer) {
        this.reader = reader;
        this.locator = locator;
        this.announcements = announcements;
        this.writer = writer;
    }

    /** What became of creating a chat. */
    public sealed interface Outcome {
        /**
         * It is in the log.
         *
         * @param chat as it stands
         * @param rootChatId its root; empty = not known yet
         */
        record Created(ChatFact chat, Optional<String> rootChatId) implements Outcome {}

        /** Another chat of this id stands already. */
        record Conflict(ChatFact standing) implements Outcome {}

        /** The root that the caller names is not its parent's. */
        record WrongRoot(String parentChatId, String rootChatId) implements Outcome {}
    }

    /**
     * Writes the chat, unless it stands already.
     *
     * @param rootHint the root that the caller names
     */
    public Future<Outcome> create(ChatFact chat, Optional<String> rootHint) {
        return reader.lineage(chat.chatId()).compose(reading -> {
            Optional<Lineage> known = known(reading);
            if (known.isPresent()) {
                ChatFact standing = known.get().created();
                return Future.succeededFuture(
                        standing.saysTheSameAs(chat)
                                ? new Outcome.Created(standing, known.get().rootChatId())
                                : new Outcome.Conflict(standing));
            }
            return root(chat)
                    .compose(root -> root.isPresent() && rootHint.isPresent() && !root.equals(rootHint)
                            ? Future.succeededFuture(new Outcome.WrongRoot(chat.parentChatId(), root.get()))
                            : write(chat, root, rootHint));
        });
    }

    private static Optional<Lineage> known(Reading<Lineage> reading) {
        return reading instanceof Reading.Answered<Lineage> answered
                ? answered.value().filter(Lineage::isCreated)
                // Unreadable now: the log takes the chat, and the first record of a chat in it stands.
                : Optional.empty();
    }

    private Future<Optional<String>> root(ChatFact chat) {
        if (chat.isRoot()) {
            return Future.succeededFuture(Optional.of(chat.chatId()));
        }
        return locator.locate(chat.parentChatId(), TreeLocator.Hints.NONE)
                .map(parent ->
                        parent instanceof Location.InTree inTree ? Optional.of(inTree.rootChatId()) : Optional.empty());
    }

    private Future<Outcome> write(ChatFact chat, Optional<String> root, Optional<String> rootHint) {
        Optional<ChatFact> announced = announcements.announce(chat);
        if (announced.isPresent() && !announced.get().saysTheSameAs(chat)) {
            return Future.succeededFuture(new Outcome.Conflict(announced.get()));
        }
        ChatCreated event = ChatCreated.newBuilder()
                .setChatId(chat.chatId())
                .setParentChatId(chat.parentChatId())
                .setRootChatId(root.or(() -> rootHint).orElse(null))
                .setAccountId(chat.accountId())
                .setSpendLimitMicros(chat.limitMicros())
                .setCreatedAt(chat.createdAt())
                .build();
        return writer.write(Topic.CHATS, chat.chatId(), event)
                .onFailure(failure -> announcements.withdraw(chat))
                .map(acknowledged -> new Outcome.Created(chat, root));
    }
}
