package dev.spendledger.api.write;

import dev.spendledger.api.query.Announcements;
import dev.spendledger.api.query.LedgerReader;
import dev.spendledger.api.query.Reading;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.Lineage;
import io.vertx.core.Future;

/** Finds out what a chat is, and waits for one that was just created, or that cannot be read for the moment. */
final class ChatFinder {
    private final LedgerReader reader;
    private final Announcements announcements;
    private final Polling polling;

    ChatFinder(LedgerReader reader, Announcements announcements, Polling polling) {
        this.reader = reader;
        this.announcements = announcements;
        this.polling = polling;
    }

    /** The chat as it was created; a reading without a value = nobody has ever heard of it. */
    Future<Reading<ChatFact>> find(String chatId) {
        return polling.until(ChatFinder::isFound, () -> reader.lineage(chatId).map(reading -> chat(chatId, reading)));
    }

    private Reading<ChatFact> chat(String chatId, Reading<Lineage> reading) {
        if (reading instanceof Reading.Unavailable<Lineage> unavailable) {
            return new Reading.Unavailable<>(unavailable.reason());
        }
        Reading.Answered<Lineage> answered = (Reading.Answered<Lineage>) reading;
        return new Reading.Answered<>(
                answered.value().map(Lineage::created).or(() -> announcements.find(chatId)),
                answered.servedBy(),
                answered.freshness());
    }

    private static boolean isFound(Reading<ChatFact> reading) {
        return reading instanceof Reading.Answered<ChatFact> answered
                && answered.value().isPresent();
    }
}
