package dev.spendledger.api.write;

import dev.spendledger.api.query.Location;
import dev.spendledger.api.query.TreeLocator;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.Topic;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes priced messages. */
public final class Messages {
    private final TreeLocator locator;
    private final EventWriter writer;

    public Messages(TreeLocator locator, EventWriter writer) {
        this.locator = locator;
        this.writer = writer;
    }

    /** Writes all messages; succeeds once Kafka has acknowledged every one. */
    public Future<Void> write(List<MessagePriced> messages) {
        List<Future<Void>> writes = new ArrayList<>(messages.size());
        for (MessagePriced message : messages) {
            Future<Void> write = write(message);
            writes.add(write);
            if (write.failed()) {
                break; // Kafka takes no more: the others would each wait as long.
            }
        }
        return Future.join(writes).mapEmpty();
    }

    /** Keyed by its root where that is known, a message is at home there at once; otherwise the ledger takes it there. */
    private Future<Void> write(MessagePriced message) {
        Optional<String> hint = Optional.ofNullable(message.getRootChatId());
        return locator.locate(message.getChatId(), TreeLocator.Hints.NONE)
                .map(location -> location instanceof Location.InTree inTree
                        ? inTree.rootChatId()
                        : hint.orElse(message.getChatId()))
                .compose(key -> writer.write(Topic.PRICED_MESSAGES, key, message))
                .mapEmpty();
    }
}
