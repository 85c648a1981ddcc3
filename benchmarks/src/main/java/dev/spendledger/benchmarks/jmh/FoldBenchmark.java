package dev.spendledger.benchmarks.jmh;

import dev.spendledger.streams.domain.AccountChange;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.FactRules;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.Rejection;
import dev.spendledger.streams.domain.TreeSpend;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** The functions of the domain that count a message, without the stores that they read from and write to. */
@State(Scope.Thread)
public class FoldBenchmark {
    private MessageFact fact = Samples.messageFact(0);
    private MessageFact revision = Samples.messageFact(1);
    private Message message = Samples.message();
    private TreeSpend tree = Samples.treeWithin();
    private ChatSpend chat = Samples.chatSpend();

    @Benchmark
    public Optional<Rejection> rules() {
        return FactRules.check(fact, Samples.NOW);
    }

    @Benchmark
    public void newMessage(Blackhole counted) {
        Message after = Message.of(fact);
        Long cost = after.pricing().costMicros();
        count(counted, after, tree.withTotals(tree.totals().plus(cost), Samples.NOW), chat.plus(after.pricing()));
        counted.consume(AccountChange.between(null, after));
    }

    @Benchmark
    public boolean repeatedMessage() {
        return message.with(fact).equals(message);
    }

    @Benchmark
    public void revisedMessage(Blackhole counted) {
        Message after = message.with(revision);
        Long before = message.pricing().costMicros();
        Long cost = after.pricing().costMicros();
        count(
                counted,
                after,
                tree.withTotals(tree.totals().minus(before).plus(cost), Samples.NOW),
                chat.minus(message.pricing()).plus(after.pricing()));
        counted.consume(AccountChange.between(message, after));
    }

    private static void count(Blackhole counted, Message message, TreeSpend tree, ChatSpend chat) {
        counted.consume(message);
        counted.consume(chat);
        counted.consume(tree);
        counted.consume(tree.exhausted());
    }
}
