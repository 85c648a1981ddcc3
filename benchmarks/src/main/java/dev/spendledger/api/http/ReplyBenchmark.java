package dev.spendledger.api.http;

import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.http.Replies.RejectedReply;
import dev.spendledger.benchmarks.jmh.Samples.Question;
import io.vertx.core.buffer.Buffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * From the decision to the body of the answer. In this package because replies are nobody else's: the next public function
 * is a whole router.
 */
@State(Scope.Thread)
public class ReplyBenchmark {
    private Decision.Allowed within = (Decision.Allowed) Question.within().decide();
    private Decision.Allowed withinPeriod =
            (Decision.Allowed) Question.withinPeriod().decide();
    private Decision.Rejected exhausted =
            (Decision.Rejected) Question.exhausted().decide();

    @Benchmark
    public Buffer within() {
        return AllowedBody.of(within);
    }

    @Benchmark
    public Buffer withinPeriod() {
        return AllowedBody.of(withinPeriod);
    }

    @Benchmark
    public Buffer exhausted() {
        return Json.write(RejectedReply.of(exhausted));
    }
}
