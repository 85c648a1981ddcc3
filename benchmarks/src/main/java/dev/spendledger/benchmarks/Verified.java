package dev.spendledger.benchmarks;

import dev.spendledger.api.command.Main;
import dev.spendledger.demo.JavaProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Whether a ledger is still right behind a measurement: a fast wrong sum is worth nothing. */
final class Verified {
    /** It holds all messages in memory, and a measurement may have written millions. */
    private static final String HEAP = "-Xmx4g";

    private Verified() {}

    /**
     * Runs {@code ledger verify}, in a process of its own, on the ledger that is running on a folder; shows what it says.
     *
     * @param out what was printed before
     * @throws IllegalStateException if it finds a difference, or cannot tell
     */
    static void require(Path dataDir, PrintWriter out) throws IOException, InterruptedException {
        out.flush();
        List<String> options = new ArrayList<>(JavaProcess.options());
        options.add(HEAP);
        int status = new ProcessBuilder(JavaProcess.command(
                        options,
                        System.getProperty("java.class.path"),
                        Main.class,
                        List.of("verify", "--data-dir", dataDir.toString())))
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IllegalStateException("ledger verify ended with status " + status + "; it says why above");
        }
    }
}
