package dev.spendledger.benchmarks.jmh;

import dev.spendledger.schemas.Partitions;
import dev.spendledger.streams.domain.AccountDay;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Resolution;
import dev.spendledger.streams.domain.Root;
import dev.spendledger.streams.topology.StoreKeys;
import java.time.LocalDate;
import org.apache.kafka.common.utils.Bytes;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Where something belongs: partition, key of a row, root. */
@State(Scope.Thread)
public class RouteBenchmark {
    private String rootId = Samples.ROOT_ID;
    private String chatId = Samples.CHAT_ID;
    private String messageId = Samples.MESSAGE_ID;
    private String accountId = Samples.ACCOUNT_ID;
    private LocalDate day = AccountDay.utcDay(Samples.NOW);
    private Lineage parent = Lineage.HEARD_OF
            .withCreated(new ChatFact(Samples.CHAT_ID, Samples.ROOT_ID, Samples.ACCOUNT_ID, null, Samples.NOW))
            .withRoot(new Root.Rooted(Samples.ROOT_ID, 1));
    private Resolution.Question question = Resolution.Question.by(Samples.MESSAGE_ID);

    @Benchmark
    public int partition() {
        return Partitions.of(rootId, Samples.PARTITIONS);
    }

    @Benchmark
    public Bytes messageKey() {
        return StoreKeys.of(rootId, messageId);
    }

    @Benchmark
    public Bytes dayKey() {
        return StoreKeys.ofDay(accountId, day);
    }

    /** A child asks its parent, which knows its root. */
    @Benchmark
    public Resolution.Step root() {
        return Resolution.step(chatId, parent, question);
    }
}
