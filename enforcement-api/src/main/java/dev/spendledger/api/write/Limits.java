package dev.spendledger.api.write;

import dev.spendledger.api.query.Announcements;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.LedgerReader;
import dev.spendledger.api.query.Reading;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.TreeSpend;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Sets and removes the limits of trees. */
public final class Limits {
    private static final long POLL_MS = 5;

    private final Vertx vertx;
    private final LedgerReader reader;
    private final Announcements announcements;
    private final EventWriter writer;
    private final Duration deadline;

    /**
     * @param deadline how long to wait for a chat just created, and then for the limit to be in force
     */
    public Limits(
            Vertx vertx, LedgerReader reader, Announcements announcements, EventWriter writer, Duration deadline) {
        this.vertx = vertx;
        this.reader = reader;
        this.announcements = announcements;
        this.writer = writer;
        this.deadline = deadline;
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
        return poll(
                        () -> reader.lineage(rootChatId),
                        reading -> chat(rootChatId, reading).isPresent())
                .compose(reading -> {
                    Optional<ChatFact> chat = chat(rootChatId, reading);
                    if (chat.isPresent()) {
                        return chat.get().isRoot()
                                ? write(rootChatId, micros, setBy, setAt)
                                : Future.succeededFuture(
                                        new Outcome.OnChild(chat.get().parentChatId()));
                    }
                    return Future.succeededFuture(
                            reading instanceof Reading.Unavailable<Lineage> unavailable
                                    ? new Outcome.Unreadable(unavailable.reason())
                                    : new Outcome.UnknownChat());
                });
    }

    private Optional<ChatFact> chat(String chatId, Reading<Lineage> reading) {
        return reading instanceof Reading.Answered<Lineage> answered
                ? answered.value().map(Lineage::created).or(() -> announcements.find(chatId))
                : Optional.empty();
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
                .compose(acknowledged ->
                        poll(() -> reader.tree(rootChatId), reading -> isInForce(reading, acknowledged.offset())))
                .map(reading -> new Outcome.Set());
    }

    private static boolean isInForce(Reading<TreeSpend> reading, long offset) {
        return reading instanceof Reading.Answered<TreeSpend> answered
                && answered.value()
                        .filter(tree -> tree.limit().offset() >= offset)
                        .isPresent();
    }

    /** Reads again and again until the reading is as wanted or the deadline is over; the last reading either way. */
    private <T> Future<Reading<T>> poll(Supplier<Future<Reading<T>>> read, Predicate<Reading<T>> wanted) {
        return poll(read, wanted, System.nanoTime() + deadline.toNanos());
    }

    private <T> Future<Reading<T>> poll(
            Supplier<Future<Reading<T>>> read, Predicate<Reading<T>> wanted, long endNanos) {
        return read.get()
                .compose(reading -> wanted.test(reading) || System.nanoTime() - endNanos >= 0
                        ? Future.succeededFuture(reading)
                        : vertx.timer(POLL_MS, TimeUnit.MILLISECONDS)
                                .compose(waited -> vertx.executeBlocking(() -> poll(read, wanted, endNanos), false))
                                .compose(again -> again));
    }
}
