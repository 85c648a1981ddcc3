package dev.spendledger.benchmarks.jmh;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerTopology;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** To bytes: events as they stand in the log, and rows as they stand in the stores. */
@State(Scope.Thread)
public class EncodeBenchmark {
    private final Serializer<SpecificRecord> events = Samples.events().serializer();
    private MessagePriced messagePriced = Samples.messagePriced(0);
    private ChatCreated chatCreated = Samples.chatCreated();
    private TreeSpend tree = Samples.treeWithin();
    private ChatSpend chat = Samples.chatSpend();
    private Message message = Samples.message();

    @Benchmark
    public byte[] messagePriced() {
        return events.serialize(Samples.MESSAGES, messagePriced);
    }

    @Benchmark
    public byte[] chatCreated() {
        return events.serialize(Samples.CHATS, chatCreated);
    }

    @Benchmark
    public byte[] treeRow() {
        return LedgerTopology.SPEND_BY_ROOT.toBytes(tree);
    }

    @Benchmark
    public byte[] chatRow() {
        return LedgerTopology.SPEND_BY_CHAT.toBytes(chat);
    }

    @Benchmark
    public byte[] messageRow() {
        return LedgerTopology.MESSAGE_REVISIONS.toBytes(message);
    }
}
