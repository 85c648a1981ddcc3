package dev.spendledger.benchmarks;

/**
 * How fast a number of things are done, by looks at how many are. The rate is that between the last look at which a tenth of
 * them was not yet exceeded and the first at which nine tenths were done: the start of a JVM and its warming up are not in it,
 * nor is the end of the work, at which some of those who do it have nothing left to do.
 */
final class Pace {
    private static final double NANOS_PER_SECOND = 1e9;

    private final long total;
    private final long startNanos;
    private Look from;
    private Look to;
    private Look last;

    private record Look(long done, long nanos) {}

    /**
     * Starts the clock.
     *
     * @param total how many are to be done, 1 or more
     */
    static Pace start(long total) {
        return new Pace(total, System.nanoTime());
    }

    Pace(long total, long startNanos) {
        this.total = total;
        this.startNanos = startNanos;
        this.from = new Look(0, startNanos);
        this.last = from;
    }

    /** So many are done by now. */
    void look(long done) {
        look(done, System.nanoTime());
    }

    void look(long done, long nanos) {
        if (isDone()) {
            return;
        }
        last = new Look(done, nanos);
        if (done * 10 <= total) {
            from = last;
        }
        if (to == null && done * 10 >= total * 9) {
            to = last;
        }
    }

    boolean isDone() {
        return last.done() >= total;
    }

    /**
     * How many are done a second in the middle.
     *
     * @throws IllegalStateException if not all are done
     */
    double perSecond() {
        requireDone();
        return (to.done() - from.done()) * NANOS_PER_SECOND / (to.nanos() - from.nanos());
    }

    /**
     * How long all of it took.
     *
     * @throws IllegalStateException if not all are done
     */
    double wholeSeconds() {
        requireDone();
        return (last.nanos() - startNanos) / NANOS_PER_SECOND;
    }

    private void requireDone() {
        if (!isDone()) {
            throw new IllegalStateException("Only " + last.done() + " of " + total + " are done");
        }
    }
}
