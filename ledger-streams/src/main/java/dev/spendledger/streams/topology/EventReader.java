package dev.spendledger.streams.topology;

import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.state.Canary;
import dev.spendledger.state.Member;
import dev.spendledger.state.ReleaseMore;
import dev.spendledger.state.RootAnswer;
import dev.spendledger.state.RootQuestion;
import dev.spendledger.state.RoutedEvent;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.LimitFact;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.Resolution.Question;
import dev.spendledger.streams.domain.Root;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** Reads the records of all four input topics: facts, and the ledger's word to itself. */
final class EventReader {
    private static final Deserializer<Object> ROUTING = LedgerTopology.ROUTING_SERDE.deserializer();

    private final String routingTopic;
    private final FactReader facts;

    EventReader(TopicNames names, FactReader facts) {
        this.routingTopic = names.of(Topic.LEDGER_ROUTING);
        this.facts = facts;
    }

    boolean inItsPartition(Source source) {
        return facts.inItsPartition(source);
    }

    Incoming read(Source source) throws RejectedRecordException {
        if (source.topic().equals(routingTopic)) {
            FactReader.requireKey(source);
            return readRouting(key(source), source);
        }
        return facts.read(source, new AsIncoming(key(source), false));
    }

    /** Null for a record without one, which is then rejected. */
    private static String key(Source source) {
        return source.key() == null ? null : new String(source.key(), StandardCharsets.UTF_8);
    }

    /** Of a record of the routing topic that carries an event, that event's own record; any other as it is. */
    static Source unwrapped(Source source) {
        try {
            Object body = source.value() == null ? null : ROUTING.deserialize(source.topic(), source.value());
            return body instanceof RoutedEvent event ? StateSerdes.fromRecord(event.getSource()) : source;
        } catch (SerializationException e) {
            return source; // No routing record at all.
        }
    }

    private Incoming readRouting(String key, Source source) throws RejectedRecordException {
        Object body = FactReader.decode(ROUTING, source, Object.class);
        if (body instanceof RoutedEvent event) {
            return facts.read(StateSerdes.fromRecord(event.getSource()), new AsIncoming(key, true));
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
        if (body instanceof Canary canary) {
            return new Incoming.Canary(canary.getSentAt());
        }
        throw new IllegalStateException("No case for the routing record " + body.getClass());
    }

    /**
     * @param addressee the key under which the fact has arrived here: its own, or that of the routing record that carried it
     * @param routed whether a routing record carried it
     */
    private record AsIncoming(String addressee, boolean routed) implements FactReader.Receiver<Incoming> {
        @Override
        public Incoming onChat(ChatFact chat, Source source) {
            return new Incoming.Chat(chat, source);
        }

        @Override
        public Incoming onLimit(LimitFact limit, Source source) {
            return new Incoming.LimitSet(limit, source);
        }

        @Override
        public Incoming onMessage(MessageFact message, Source source) {
            return new Incoming.Message(addressee, routed, message, source);
        }
    }
}
