package dev.spendledger.benchmarks;

import dev.spendledger.demo.Cluster;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Whether an instance has ended by itself: what is waited for would then never come. */
final class Ends implements Consumer<Cluster.End> {
    private final AtomicReference<Cluster.End> first = new AtomicReference<>();

    @Override
    public void accept(Cluster.End end) {
        first.compareAndSet(null, end);
    }

    /**
     * @throws IllegalStateException if one has, with where its log is
     */
    void requireNone() {
        Cluster.End end = first.get();
        if (end != null) {
            throw new IllegalStateException("Instance " + end.number() + " has ended by itself with status "
                    + end.status() + "; its log is " + end.log());
        }
    }
}
