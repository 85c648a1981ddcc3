package dev.spendledger.streams.topology;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.schemas.UnknownSchemaException;
import dev.spendledger.state.Member;
import dev.spendledger.state.ReleaseMore;
import dev.spendledger.state.RootAnswer;
import dev.spendledger.state.RootQuestion;
import dev.spendledger.state.RoutedEvent;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.FactRules;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.LimitFact;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Rejection;
import dev.spendledger.streams.domain.Resolution.Question;
import dev.spendledger.streams.domain.Root;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;

/** Turns the bytes of an input topic into what they mean, or says why they mean nothing that can be counted. */
final class EventReader {
    private final TopicNames names;
    private final int partitions;
    private final Deserializer<SpecificRecord> events;
    private final Deserializer<Object> routing = LedgerTopology.ROUTING_SERDE.deserializer();

    EventReader(TopicNames names, int partitions, Serde<SpecificRecord> events) {
        this.names = names;
        this.partitions = partitions;
        this.events = events.deserializer();
    }

    /** Whether a record lies in the partition that its key belongs to. */
    boolean inItsPartition(Source source) {
        return source.key() == null || Partitions.of(source.key(), partitions) == source.partition();
    }

    Incoming read(Source source) throws RejectedRecordException {
        String key = key(source);
        return source.topic().equals(names.of(Topic.LEDGER_ROUTING)) ? readRouting(key, source) : readFact(key, source);
    }

    private Incoming readRouting(String key, Source source) throws RejectedRecordException {
        Object body = deserialize(routing, source, Object.class);
        if (body instanceof RoutedEvent event) {
            return readFact(key, StateSerdes.fromRecord(event.getSource()));
        }
        if (body instanceof RootQuestion question) {
            return new Incoming.RootQuestion(key, new Question(question.getOriginChatId(), question.getHops()));
        }
        if (body instanceof RootAnswer answer) {
            return new Incoming.RootAnswer(
                    key,
                    answer.getRootChatId() == null
                            ? new Root.Unrooted(answer.getWhyUnrooted())
                            : new Root.Rooted(answer.getRootChatId(), answer.getDepth()));
        }
        if (body instanceof Member member) {
            return new Incoming.Member(key, member.getChatId(), member.getParentChatId(), member.getAccountId());
        }
        if (body instanceof ReleaseMore) {
            return new Incoming.ReleaseMore(key);
        }
        throw new IllegalStateException("No case for the routing record " + body.getClass());
    }

    /**
     * @param addressee the key under which the fact has arrived here: its own, or that of the routing record that carried it
     */
    private Incoming readFact(String addressee, Source source) throws RejectedRecordException {
        if (source.bytes() > Ranges.MAX_RECORD_BYTES) {
            throw new RejectedRecordException(
                    source,
                    RejectReason.TOO_LARGE,
                    "the record has " + source.bytes() + " bytes and must have at most " + Ranges.MAX_RECORD_BYTES);
        }
        if (source.topic().equals(names.of(Topic.PRICED_MESSAGES))) {
            MessageFact message = toFact(deserialize(events, source, MessagePriced.class));
            rejectIf(source, FactRules.check(message, source.appendTime()));
            return new Incoming.Message(addressee, message, source);
        }
        if (source.topic().equals(names.of(Topic.CHATS))) {
            ChatFact chat = toFact(deserialize(events, source, ChatCreated.class));
            rejectIf(source, FactRules.check(chat));
            requireOwnKey("chat_id", chat.chatId(), source);
            return new Incoming.Chat(chat, source);
        }
        if (source.topic().equals(names.of(Topic.CHAT_LIMITS))) {
            LimitFact limit = toFact(deserialize(events, source, ChatLimitSet.class), source.offset());
            rejectIf(source, FactRules.check(limit));
            requireOwnKey("root_chat_id", limit.rootChatId(), source);
            return new Incoming.LimitSet(limit, source);
        }
        throw new IllegalStateException("No facts are read from the topic " + source.topic());
    }

    private static String key(Source source) throws RejectedRecordException {
        if (source.key() == null) {
            throw new RejectedRecordException(
                    source,
                    RejectReason.NULL_KEY,
                    "the record has no key; it must be the id that the catalogue of topics names");
        }
        return new String(source.key(), StandardCharsets.UTF_8);
    }

    private static <T> T deserialize(Deserializer<? super T> deserializer, Source source, Class<T> type)
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
        String key = key(source);
        // Their bytes, not their texts: keys that are no UTF-8 read alike and lie in different partitions.
        if (!Arrays.equals(source.key(), id.getBytes(StandardCharsets.UTF_8))) {
            throw new RejectedRecordException(
                    source,
                    RejectReason.KEY_MISMATCH,
                    "the record key is \"" + key + "\" and must be the " + field + ", \"" + id + "\"");
        }
        if (!inItsPartition(source)) {
            throw new RejectedRecordException(
                    source,
                    RejectReason.WRONG_PARTITION,
                    "the record is in partition " + source.partition() + " and its key belongs to partition "
                            + Partitions.of(source.key(), partitions) + " of " + partitions
                            + "; set the producer's partitioner to murmur2, as the Java client has it");
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
        return new LimitFact(event.getRootChatId(), new Limit(event.getSpendLimitMicros(), offset));
    }

    private static MessageFact toFact(MessagePriced event) {
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
