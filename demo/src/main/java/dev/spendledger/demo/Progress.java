package dev.spendledger.demo;

import dev.spendledger.demo.LedgerClient.TreeSpend;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** Shows how much of its limit a tree has spent: a line that is redrawn in place, or line after line. */
final class Progress implements AutoCloseable {
    private static final int BAR_WIDTH = 20;
    private static final String TO_LINE_START = "\r";
    private static final String ERASE_REST = "\033[K";

    private final PrintWriter out;
    private final boolean redraws;
    private final long limitMicros;
    private boolean lineOpen;

    /** @param redraws whether the output is a terminal, where a line can be written over */
    Progress(PrintWriter out, boolean redraws, long limitMicros) {
        this.out = out;
        this.redraws = redraws;
        this.limitMicros = limitMicros;
    }

    /** How often to show it. */
    Duration period() {
        return redraws ? Duration.ofMillis(100) : Duration.ofSeconds(1);
    }

    void show(TreeSpend spend) {
        String line = line(spend, limitMicros);
        if (redraws) {
            out.print(TO_LINE_START + line + ERASE_REST);
            out.flush();
            lineOpen = true;
        } else {
            out.println(line);
        }
    }

    /** Leaves the line as it stands and begins a new one. */
    @Override
    public void close() {
        if (lineOpen) {
            out.println();
            lineOpen = false;
        }
    }

    /** One line, of fewer than 80 characters as long as numbers are of a usual size. */
    static String line(TreeSpend spend, long limitMicros) {
        double share = (double) spend.spentMicros() / limitMicros;
        int filled = (int) (BAR_WIDTH * Math.min(1, share));
        return String.format(
                Locale.ROOT,
                "%5d chats  %5d messages  %s of %s spent  [%s%s] %3d %%",
                spend.chats(),
                spend.messages(),
                Money.units(spend.spentMicros()),
                Money.units(limitMicros),
                "#".repeat(filled),
                ".".repeat(BAR_WIDTH - filled),
                (int) (100 * share));
    }
}
