package dev.spendledger.api.write;

import dev.spendledger.api.query.Announcements;
import dev.spendledger.api.query.FreezesView;
import dev.spendledger.api.query.LedgerReader;
import dev.spendledger.api.query.Reading;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.ChatFact;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;

/**
 * Freezes trees, and unfreezes them. Answers once this instance judges by what was written; it stands whether or not that
 * can be awaited.
 */
public final class Freezes {
    private final ChatFinder chats;
    private final FreezesView view;
    private final ViewWriter writer;

    /**
     * @param deadline how long to wait for a chat just created, and then for what was written to be in force
     */
    public Freezes(
            Vertx vertx,
            LedgerReader reader,
            Announcements announcements,
            FreezesView view,
            EventWriter writer,
            Duration deadline) {
        Polling polling = new Polling(vertx, deadline);
        this.chats = new ChatFinder(reader, announcements, polling);
        this.view = view;
        this.writer = new ViewWriter(view, writer, polling);
    }

    /** What became of freezing or unfreezing. */
    public sealed interface Outcome {
        /** It is in the log, and as a rule in force. */
        record Done() implements Outcome {}

        /** The chat has a parent: a tree is frozen by its root. */
        record OnChild(String parentChatId) implements Outcome {}

        /** Nobody has ever heard of the chat. */
        record UnknownChat() implements Outcome {}
    }

    /**
     * Freezes a tree, also if nobody can tell at present whether the chat is a root.
     *
     * @param reason why; null = not said
     * @param setBy who freezes it; null = not said
     */
    public Future<Outcome> freeze(String rootChatId, String reason, String setBy, Instant setAt) {
        return writeIfRoot(
                rootChatId,
                ChatFreezeSet.newBuilder()
                        .setRootChatId(rootChatId)
                        .setReason(reason)
                        .setSetBy(setBy)
                        .setSetAt(setAt)
                        .build());
    }

    /** Also right for a tree that is not frozen. */
    public Future<Outcome> unfreeze(String rootChatId) {
        // What is frozen can be unfrozen, whatever is known of the chat: a producer may have frozen any id.
        return view.freeze(rootChatId).isPresent() ? write(rootChatId, null) : writeIfRoot(rootChatId, null);
    }

    private Future<Outcome> writeIfRoot(String chatId, ChatFreezeSet event) {
        return chats.find(chatId).compose(reading -> {
            if (reading instanceof Reading.Unavailable<ChatFact>) {
                // A kill switch must work now. Should the chat have a parent, nothing is frozen.
                return write(chatId, event);
            }
            return ((Reading.Answered<ChatFact>) reading)
                    .value()
                    .map(chat -> chat.isRoot()
                            ? write(chatId, event)
                            : Future.<Outcome>succeededFuture(new Outcome.OnChild(chat.parentChatId())))
                    .orElseGet(() -> Future.succeededFuture(new Outcome.UnknownChat()));
        });
    }

    private Future<Outcome> write(String chatId, ChatFreezeSet event) {
        return writer.write(Topic.CHAT_FREEZES, chatId, event).map(written -> new Outcome.Done());
    }
}
