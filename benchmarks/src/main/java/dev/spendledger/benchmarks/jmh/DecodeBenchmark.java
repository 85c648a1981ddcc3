package dev.spendledger.benchmarks.jmh;

import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.LimitFact;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import dev.spendledger.streams.topology.LedgerTopology;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** From bytes: events as they stand in the log, and rows as they stand in the stores. */
@State(Scope.Thread)
public class DecodeBenchmark {
    private final Deserializer<SpecificRecord> events = Samples.events().deserializer();
    private final FactReader facts = new FactReader(Samples.NAMES, Samples.PARTITIONS, Samples.events());
    private byte[] messagePriced = Samples.bytes(Samples.MESSAGES, Samples.messagePriced(0));
    private byte[] chatCreated = Samples.bytes(Samples.CHATS, Samples.chatCreated());
    private Source messageRecord = Samples.messageRecord();
    private byte[] treeRow = LedgerTopology.SPEND_BY_ROOT.toBytes(Samples.treeWithin());
    private byte[] chatRow = LedgerTopology.SPEND_BY_CHAT.toBytes(Samples.chatSpend());
    private byte[] messageRow = LedgerTopology.MESSAGE_REVISIONS.toBytes(Samples.message());

    @Benchmark
    public SpecificRecord messagePriced() {
        return events.deserialize(Samples.MESSAGES, messagePriced);
    }

    @Benchmark
    public SpecificRecord chatCreated() {
        return events.deserialize(Samples.CHATS, chatCreated);
    }

    /** A record to the fact that it states: decoded, and held to all rules. */
    @Benchmark
    public MessageFact messageFact() throws RejectedRecordException {
        return facts.read(messageRecord, MessageOnly.RECEIVER);
    }

    @Benchmark
    public TreeSpend treeRow() {
        return LedgerTopology.SPEND_BY_ROOT.valueOf(treeRow);
    }

    @Benchmark
    public ChatSpend chatRow() {
        return LedgerTopology.SPEND_BY_CHAT.valueOf(chatRow);
    }

    @Benchmark
    public Message messageRow() {
        return LedgerTopology.MESSAGE_REVISIONS.valueOf(messageRow);
    }

    private enum MessageOnly implements FactReader.Receiver<MessageFact> {
        RECEIVER;

        @Override
        public MessageFact onChat(ChatFact chat, Source source) {
            throw new IllegalStateException("The record is a message");
        }

        @Override
        public MessageFact onLimit(LimitFact limit, Source source) {
            throw new IllegalStateException("The record is a message");
        }

        @Override
        public MessageFact onMessage(MessageFact message, Source source) {
            return message;
        }
    }
}
