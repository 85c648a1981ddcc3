package dev.spendledger.api.write;

import dev.spendledger.api.query.Announcements;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.LedgerReader;
import dev.spendledger.api.query.Reading;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.TreeSpend;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;

/** Sets and removes the limits of trees. */
public final class Limits {
    private final LedgerReader reader;
    private final EventWriter writer;
    private final Polling polling;
    private final ChatFinder chats;

    /**
     * @param deadline how long to wait for a chat just created, and then for the limit to be in force
     */
    public Limits(
            Vertx vertx, LedgerReader reader, Announcements announcements, EventWriter writer, Duration deadline) {
        this.reader = reader;
        this.writer = writer;
        this.polling = new Polling(vertx, deadline);
        this.chats = new ChatFinder(reader, announcements, polling);
    }

    /** What became of setting a limit. */
    public sealed interface Outcome {
        /** It is in the log, and as a rule in force. */
        record Set() implements Outcome {}

        /** The chat has a parent: the limit of a tree is its root's. */
        record OnChild(String parentChatId) implements Outcome {}

        /** Nobody has ever heard of the chat. */
        record UnknownChat() implements Outcome {}

        /** What the chat is cannot be read. */
        record Unreadable(DegradedReason reason) implements Outcome {}
    }

    /**
     * @param micros the limit; null = none
     * @param setBy who set it; null = not said
     */
    public Future<Outcome> set(String rootChatId, Long micros, String setBy, Instant setAt) {
        return chats.find(rootChatId).compose(reading -> {
            if (reading instanceof Reading.Unavailable<ChatFact> unavailable) {
                return Future.succeededFuture(new Outcome.Unreadable(unavailable.reason()));
            }
            return ((Reading.Answered<ChatFact>) reading)
                    .value()
                    .map(chat -> chat.isRoot()
                            ? write(rootChatId, micros, setBy, setAt)
                            : Future.<Outcome>succeededFuture(new Outcome.OnChild(chat.parentChatId())))
                    .orElseGet(() -> Future.succeededFuture(new Outcome.UnknownChat()));
        });
    }

    private Future<Outcome> write(String rootChatId, Long micros, String setBy, Instant setAt) {
        ChatLimitSet event = ChatLimitSet.newBuilder()
                .setRootChatId(rootChatId)
                .setSpendLimitMicros(micros)
                .setSetBy(setBy)
                .setSetAt(setAt)
                .build();
        return writer.write(Topic.CHAT_LIMITS, rootChatId, event)
                // The next check should see it. It stands whether or not that can be awaited.
                .compose(acknowledged -> polling.until(
                        reading -> isInForce(reading, acknowledged.offset()), () -> reader.tree(rootChatId)))
                .map(reading -> new Outcome.Set());
    }

    private static boolean isInForce(Reading<TreeSpend> reading, long offset) {
        return reading instanceof Reading.Answered<TreeSpend> answered
                && answered.value()
                        .filter(tree -> tree.limit().offset() >= offset)
                        .isPresent();
    }
}
