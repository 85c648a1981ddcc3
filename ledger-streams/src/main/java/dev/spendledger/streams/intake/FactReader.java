package dev.spendledger.streams.intake;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.RegistryUnavailableException;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.schemas.UnknownSchemaException;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.FactRules;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.LimitFact;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;

/** Reads the facts of the three topics of facts. Thread-safe if its serde is. */
public final class FactReader {
    /** Named where the trouble is seen: another murmur2 than Java's, as kafkajs once had, is easily taken for it. */
    private static final String PARTITIONERS = "createPartitioner: Partitioners.DefaultPartitioner of kafkajs 2, "
            + "partitioner=murmur2_random of librdkafka; for others see docs/events.md";

    private final TopicNames names;
    private final int partitions;
    private final Deserializer<SpecificRecord> events;

    /**
     * @param names the names of the topics
     * @param partitions how many partitions the co-partitioned topics have
     * @param events the serde of the event records
     */
    public FactReader(TopicNames names, int partitions, Serde<SpecificRecord> events) {
        this.names = names;
        this.partitions = partitions;
        this.events = events.deserializer();
    }

    /**
     * Takes the fact that a record states. One method for each kind, so that none can be forgotten.
     *
     * @param <R> what becomes of it
     */
    public interface Receiver<R> {
        R onChat(ChatFact chat, Source source);

        R onLimit(LimitFact limit, Source source);

        R onMessage(MessageFact message, Source source);
    }

    /** Whether a record lies in the partition that its key belongs to; one without a key belongs anywhere. */
    public boolean inItsPartition(Source source) {
        return inItsPartition(source, partitions);
    }

    /**
     * Hands the fact of a record to its receiver.
     *
     * @throws RejectedRecordException if the record states none, by itself and whatever else is known
     * @throws RegistryUnavailableException if only the schema registry can tell what it states, and does not answer
     */
    public <R> R read(Source source, Receiver<R> receiver) throws RejectedRecordException {
        // Before all else: of a record that is too large no copy is kept, and its reason says so.
        requireSize(source);
        requireKey(source);
        if (source.topic().equals(names.of(Topic.PRICED_MESSAGES))) {
            MessageFact message = toFact(decode(events, source, MessagePriced.class));
            rejectIf(source, FactRules.check(message, source.appendTime()));
            return receiver.onMessage(message, source);
        }
        if (source.topic().equals(names.of(Topic.CHATS))) {
            ChatFact chat = toFact(decode(events, source, ChatCreated.class));
            rejectIf(source, FactRules.check(chat));
            requireOwnKey("chat_id", chat.chatId(), source);
            return receiver.onChat(chat, source);
        }
        if (source.topic().equals(names.of(Topic.CHAT_LIMITS))) {
            LimitFact limit = toFact(decode(events, source, ChatLimitSet.class), source.offset());
            rejectIf(source, FactRules.check(limit));
            requireOwnKey("root_chat_id", limit.rootChatId(), source);
            return receiver.onLimit(limit, source);
        }
        throw new IllegalStateException("No facts are read from the topic " + source.topic());
    }

    /** The record must have a key, whatever it is. */
    public static void requireKey(Source source) throws RejectedRecordException {
        if (source.key() == null) {
            throw new RejectedRecordException(
                    source,
                    RejectReason.NULL_KEY,
                    "the record has no key; it must be the id that the catalogue of topics names");
        }
    }

    static void requireSize(Source source) throws RejectedRecordException {
        if (source.bytes() > Ranges.MAX_RECORD_BYTES) {
            throw new RejectedRecordException(
                    source,
                    RejectReason.TOO_LARGE,
                    "the record has " + source.bytes() + " bytes and must have at most " + Ranges.MAX_RECORD_BYTES);
        }
    }

    /**
     * The value of a record.
     *
     * @param type what it must be
     */
    public static <T> T decode(Deserializer<? super T> deserializer, Source source, Class<T> type)
            throws RejectedRecordException {
        if (source.value() == null) {
            throw new RejectedRecordException(
                    source, RejectReason.NULL_VALUE, "the record has no value, and facts are never taken back");
        }
        Object value;
        try {
            value = deserializer.deserialize(source.topic(), source.value());
        } catch (UnknownSchemaException e) {
            throw new RejectedRecordException(source, RejectReason.UNKNOWN_SCHEMA, e.getMessage());
        } catch (SerializationException e) {
            throw new RejectedRecordException(source, RejectReason.UNREADABLE, e.getMessage());
        }
        if (!type.isInstance(value)) {
            throw new RejectedRecordException(
                    source,
                    RejectReason.UNREADABLE,
                    "the value is a " + value.getClass().getSimpleName() + " and must be a " + type.getSimpleName());
        }
        return type.cast(value);
    }

    private static void rejectIf(Source source, Optional<Rejection> rejection) throws RejectedRecordException {
        if (rejection.isPresent()) {
            throw new RejectedRecordException(source, rejection.get());
        }
    }

    /** The order of these records matters, and the log keeps it only among records of one key in one partition. */
    private void requireOwnKey(String field, String id, Source source) throws RejectedRecordException {
        // Their bytes, not their texts: keys that are no UTF-8 read alike and lie in different partitions.
        if (!Arrays.equals(source.key(), id.getBytes(StandardCharsets.UTF_8))) {
            throw new RejectedRecordException(
                    source,
                    RejectReason.KEY_MISMATCH,
                    "the record key is \"" + new String(source.key(), StandardCharsets.UTF_8) + "\" and must be the "
                            + field + ", \"" + id + "\"");
        }
        requireItsPartition(source, partitions);
    }

    private static boolean inItsPartition(Source source, int partitions) {
        return source.key() == null || Partitions.of(source.key(), partitions) == source.partition();
    }

    static void requireItsPartition(Source source, int partitions) throws RejectedRecordException {
        if (!inItsPartition(source, partitions)) {
            throw new RejectedRecordException(
                    source,
                    RejectReason.WRONG_PARTITION,
                    "the record is in partition " + source.partition() + " and its key belongs to partition "
                            + Partitions.of(source.key(), partitions) + " of " + partitions
                            + "; set the producer's partitioner to murmur2 as the Java client has it: " + PARTITIONERS);
        }
    }

    private static ChatFact toFact(ChatCreated event) {
        return new ChatFact(
                event.getChatId(),
                event.getParentChatId(),
                event.getAccountId(),
                event.getSpendLimitMicros(),
                event.getCreatedAt());
    }

    private static LimitFact toFact(ChatLimitSet event, long offset) {
        return new LimitFact(
                event.getRootChatId(),
                new Limit(event.getSpendLimitMicros(), offset, event.getSetBy(), event.getSetAt()));
    }

    /** What an event says, whether or not it keeps to the rules of a fact. */
    public static MessageFact toFact(MessagePriced event) {
        return MessageFact.of(
                event.getMessageId(),
                event.getChatId(),
                event.getAccountId(),
                event.getRevision(),
                event.getPricedAt(),
                event.getCostMicros(),
                event.getModel(),
                event.getInputTokens(),
                event.getOutputTokens());
    }
}
