package dev.spendledger.benchmarks.jmh;

import dev.spendledger.api.decision.Decision;
import dev.spendledger.benchmarks.jmh.Samples.Question;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** From what was read to the decision. */
@State(Scope.Thread)
public class DecideBenchmark {
    private Question within = Question.within();
    private Question exhausted = Question.exhausted();
    private Question withinPeriod = Question.withinPeriod();

    @Benchmark
    public Decision within() {
        return within.decide();
    }

    @Benchmark
    public Decision exhausted() {
        return exhausted.decide();
    }

    @Benchmark
    public Decision withinPeriod() {
        return withinPeriod.decide();
    }
}
