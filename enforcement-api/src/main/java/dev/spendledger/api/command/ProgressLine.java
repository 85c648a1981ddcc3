package dev.spendledger.api.command;

import java.io.PrintWriter;
import java.time.Duration;

/**
 * One line that says how far a long reading has come, drawn over and over; nothing where the output is no terminal. Whether
 * it is one only the launcher can tell: newer JDKs have a console without a terminal, too.
 */
final class ProgressLine implements AutoCloseable {
    private static final int CELLS = 30;
    private static final long PERIOD_NANOS = Duration.ofMillis(200).toNanos();

    private final PrintWriter out;
    private final String what;
    private final long total;
    private final boolean seen = Boolean.getBoolean("ledger.terminal");
    private long nextNanos = System.nanoTime();
    private boolean drawn;

    /** @param total what there is, as far as that is known now */
    ProgressLine(PrintWriter out, String what, long total) {
        this.out = out;
        this.what = what;
        this.total = total;
    }

    void show(long done) {
        long now = System.nanoTime();
        if (seen && now - nextNanos >= 0) {
            nextNanos = now + PERIOD_NANOS;
            int filled = (int) (CELLS * Math.min(done, total) / Math.max(1, total));
            out.printf("\r[%s%s] %d of %d %s", "#".repeat(filled), "-".repeat(CELLS - filled), done, total, what);
            out.flush();
            drawn = true;
        }
    }

    @Override
    public void close() {
        if (drawn) {
            out.println();
            drawn = false;
        }
    }
}
