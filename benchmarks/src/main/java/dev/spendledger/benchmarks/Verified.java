package dev.spendledger.benchmarks;

import dev.spendledger.api.command.LedgerCommand;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;

/** Whether a ledger is still right behind a measurement: a fast wrong sum is worth nothing. */
final class Verified {
    private Verified() {}

    /**
     * Runs {@code ledger verify} on the ledger that is running on a folder, and prints what it says.
     *
     * @throws IllegalStateException if it finds a difference, or cannot tell
     */
    static void require(Path dataDir, PrintWriter out) {
        CommandLine ledger = LedgerCommand.commandLine(List.of()).setOut(out).setErr(out);
        int status = ledger.execute("verify", "--data-dir", dataDir.toString());
        if (status != 0) {
            throw new IllegalStateException("ledger verify ended with status " + status + "; it says why above");
        }
    }
}
