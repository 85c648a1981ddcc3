package dev.spendledger.api.audit;

import dev.spendledger.api.audit.LiveState.UnreadableStateException;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.Source;
import dev.spendledger.streams.topology.LedgerTopology;
import dev.spendledger.streams.topology.Parked;
import dev.spendledger.streams.topology.StoreKeys;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** Where one message went: every record of it in the log, and what became of each. */
public final class MessageTrace {
    /** Of a message sent over and over only so many records are followed. */
    private static final int RECORDS_MAX = 1_000;

    private final String messageId;
    private final String chatId;
    private final Deserializer<SpecificRecord> events;
    private final List<Sighting> sightings = new ArrayList<>();

    /**
     * A record of the message.
     *
     * @param costMicros null = unpriced
     */
    public record Sighting(RecordId record, Instant appendTime, int revision, Long costMicros) {}

    /** What became of a record. */
    public sealed interface Fate {
        /**
         * It counts in a tree.
         *
         * @param message what all records of the message come to
         * @param stands whether it is this record that says the price
         */
        record Counted(String rootChatId, Message message, boolean stands) implements Fate {}

        /** It waits for the root of its chat. */
        record Waiting() implements Fate {}

        /** It is a dead letter. */
        record Dead(RejectReason reason) implements Fate {}

        /** The ledger has not folded it yet. */
        record UnderWay() implements Fate {}
    }

    public MessageTrace(String messageId, String chatId, Deserializer<SpecificRecord> events) {
        this.messageId = messageId;
        this.chatId = chatId;
        this.events = events;
    }

    /** Looks whether a record of {@code priced-messages} is one of the message. */
    public void look(Source source) {
        if (sightings.size() < RECORDS_MAX
                && decode(source) instanceof MessagePriced event
                && messageId.equals(event.getMessageId())
                && chatId.equals(event.getChatId())) {
            sightings.add(new Sighting(source.id(), source.appendTime(), event.getRevision(), event.getCostMicros()));
        }
    }

    private SpecificRecord decode(Source source) {
        try {
            return events.deserialize(source.topic(), source.value());
        } catch (SerializationException e) {
            return null; // Whose message it was, nobody can say.
        }
    }

    /** The records seen, in the order of the log. */
    public List<Sighting> sightings() {
        return sightings;
    }

    /** What became of each record seen. */
    public Map<RecordId, Fate> fates(DeadLetterReader letters, LiveState state, int partitions)
            throws UnreadableStateException {
        Map<RecordId, Fate> fates = new HashMap<>();
        letters.read(letter -> {
            fates.put(letter.id().source(), new Fate.Dead(letter.id().reason()));
            return true;
        });
        fates.keySet().retainAll(sightings.stream().map(Sighting::record).toList());
        Optional<String> root = state.find(LedgerTopology.ROOT_BY_CHAT, partition(chatId, partitions), bytes(chatId))
                .flatMap(lineage -> ((Lineage) lineage).rootChatId());
        Optional<Message> counted = Optional.empty();
        if (root.isPresent()) {
            counted = state.find(
                            LedgerTopology.MESSAGE_REVISIONS,
                            partition(root.get(), partitions),
                            StoreKeys.of(root.get(), messageId).get())
                    .map(Message.class::cast);
        }
        for (Sighting sighting : sightings) {
            if (!fates.containsKey(sighting.record)) {
                fates.put(sighting.record, fate(sighting, root, counted, state, partitions));
            }
        }
        return fates;
    }

    private Fate fate(
            Sighting sighting, Optional<String> root, Optional<Message> counted, LiveState state, int partitions)
            throws UnreadableStateException {
        if (counted.isPresent()) {
            Message message = counted.get();
            boolean stands = message.pricing().revision() == sighting.revision
                    && Objects.equals(message.pricing().costMicros(), sighting.costMicros);
            return new Fate.Counted(root.orElseThrow(), message, stands);
        }
        byte[] parked = Parked.Kind.MESSAGE.key(chatId, sighting.record).get();
        return state.find(LedgerTopology.PARKED_EVENTS, partition(chatId, partitions), parked)
                        .isPresent()
                ? new Fate.Waiting()
                : new Fate.UnderWay();
    }

    private static int partition(String id, int partitions) {
        return Partitions.of(bytes(id), partitions);
    }

    private static byte[] bytes(String id) {
        return id.getBytes(StandardCharsets.UTF_8);
    }
}
