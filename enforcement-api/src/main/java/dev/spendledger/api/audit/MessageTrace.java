package dev.spendledger.api.audit;

import dev.spendledger.api.audit.FoldProgress.BehindException;
import dev.spendledger.api.audit.LiveState.UnreadableStateException;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.Pricing;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.Source;
import dev.spendledger.streams.topology.LedgerTopology;
import dev.spendledger.streams.topology.Parked;
import dev.spendledger.streams.topology.StoreKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** Where one message went: every record of it in the log, and what became of each. */
public final class MessageTrace {
    /** Of a message sent over and over only so many records are followed, the first ones. */
    public static final int RECORDS_MAX = 1_000;

    private final String messageId;
    private final String chatId;
    private final Deserializer<SpecificRecord> events;
    private final List<Sighting> sightings = new ArrayList<>();
    private long seen;

    /** A record of the message. */
    public record Sighting(RecordId record, Instant appendTime, MessageFact fact) {}

    /**
     * What the records that are counted come to.
     *
     * @param rootChatId the tree that it counts in
     */
    public record Counted(String rootChatId, Message message) {}

    /** What became of a record. */
    public sealed interface Fate {
        /**
         * It is part of what the message comes to.
         *
         * @param stands whether it is this record that says the price
         */
        record InTree(Counted counted, boolean stands) implements Fate {}

        /** It says the same as a record before it, and the two count once. */
        record Repeat(RecordId first) implements Fate {}

        /** It waits for the root of its chat. */
        record Waiting() implements Fate {}

        /** It is a dead letter. */
        record Dead(RejectReason reason) implements Fate {}

        /** The ledger has not folded it yet. */
        record UnderWay() implements Fate {}

        /** The ledger has folded past it, and it is nowhere. */
        record Lost() implements Fate {}
    }

    /**
     * What of a ledger a trace needs.
     *
     * @param partitions how many partitions its topics have
     * @param deadLetters its dead letters up to the present end
     */
    public record Ledger(
            int partitions, Supplier<DeadLetterReader> deadLetters, LiveState state, FoldProgress progress) {}

    public MessageTrace(String messageId, String chatId, Deserializer<SpecificRecord> events) {
        this.messageId = messageId;
        this.chatId = chatId;
        this.events = events;
    }

    /** Looks whether a record of {@code priced-messages} is one of the message. */
    public void look(Source source) {
        if (decode(source) instanceof MessagePriced event
                && messageId.equals(event.getMessageId())
                && chatId.equals(event.getChatId())) {
            seen++;
            if (sightings.size() < RECORDS_MAX) {
                sightings.add(new Sighting(source.id(), source.appendTime(), FactReader.toFact(event)));
            }
        }
    }

    private SpecificRecord decode(Source source) {
        try {
            return events.deserialize(source.topic(), source.value());
        } catch (SerializationException e) {
            return null; // Whose message it was, nobody can say.
        }
    }

    /** The records that are followed, in the order of the log. */
    public List<Sighting> sightings() {
        return sightings;
    }

    /** How many records there are, also those that are not followed. */
    public long seen() {
        return seen;
    }

    /** What the message comes to in the tree of its chat; empty if it counts in none. */
    public Optional<Counted> counted(Ledger ledger) throws UnreadableStateException {
        Optional<String> root = ledger.state
                .find(LedgerTopology.ROOT_BY_CHAT, partition(chatId, ledger), bytes(chatId))
                .filter(Lineage.class::isInstance)
                .flatMap(lineage -> ((Lineage) lineage).rootChatId());
        if (root.isEmpty()) {
            return Optional.empty();
        }
        return ledger.state
                .find(
                        LedgerTopology.MESSAGE_REVISIONS,
                        partition(root.get(), ledger),
                        StoreKeys.of(root.get(), messageId).get())
                .filter(Message.class::isInstance)
                .map(message -> new Counted(root.get(), (Message) message));
    }

    /**
     * What became of each record that is followed. One that is found nowhere may be on its way: then this waits until the
     * ledger has folded all there is, and looks again.
     *
     * @param ends how far the log was read
     * @param atMost how long to wait
     */
    public Map<RecordId, Fate> fates(Ledger ledger, Map<TopicPartition, Long> ends, Duration atMost)
            throws UnreadableStateException {
        Map<RecordId, Fate> fates = fates(ledger, new Fate.UnderWay());
        if (!fates.containsValue(new Fate.UnderWay())) {
            return fates;
        }
        try {
            ledger.progress.awaitFolded(ends, Ranges.MAX_DEPTH, atMost);
        } catch (BehindException e) {
            return fates;
        }
        return fates(ledger, new Fate.Lost());
    }

    /** @param nowhere what a record is that is found nowhere */
    private Map<RecordId, Fate> fates(Ledger ledger, Fate nowhere) throws UnreadableStateException {
        Map<RecordId, Fate> fates = new LinkedHashMap<>(dead(ledger));
        Optional<Counted> counted = counted(ledger);
        Map<Pricing, RecordId> firstOf = new HashMap<>();
        for (Sighting sighting : sightings) {
            if (fates.containsKey(sighting.record)) {
                continue;
            }
            if (counted.isPresent() && has(counted.get().message, sighting.fact)) {
                Pricing pricing = sighting.fact.pricing();
                RecordId first = firstOf.putIfAbsent(pricing, sighting.record);
                fates.put(
                        sighting.record,
                        first == null
                                ? new Fate.InTree(
                                        counted.get(),
                                        counted.get().message.pricing().equals(pricing))
                                : new Fate.Repeat(first));
            } else {
                fates.put(sighting.record, isParked(sighting, ledger) ? new Fate.Waiting() : nowhere);
            }
        }
        return fates;
    }

    private Map<RecordId, Fate> dead(Ledger ledger) {
        Set<RecordId> records = sightings.stream().map(Sighting::record).collect(Collectors.toSet());
        Map<RecordId, Fate> dead = new HashMap<>();
        ledger.deadLetters.get().read(letter -> {
            if (records.contains(letter.id().source())) {
                dead.put(letter.id().source(), new Fate.Dead(letter.id().reason()));
            }
            return true;
        });
        return dead;
    }

    /** A row that a record would still change has not seen it, though it may have seen others of the message. */
    private static boolean has(Message message, MessageFact fact) {
        return message.with(fact).equals(message);
    }

    private boolean isParked(Sighting sighting, Ledger ledger) throws UnreadableStateException {
        byte[] key = Parked.Kind.MESSAGE.key(chatId, sighting.record).get();
        return ledger.state
                .find(LedgerTopology.PARKED_EVENTS, partition(chatId, ledger), key)
                .isPresent();
    }

    private static int partition(String id, Ledger ledger) {
        return Partitions.of(bytes(id), ledger.partitions);
    }

    private static byte[] bytes(String id) {
        return id.getBytes(StandardCharsets.UTF_8);
    }
}
