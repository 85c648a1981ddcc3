package dev.spendledger.benchmarks;

import dev.spendledger.api.command.LedgerCommand;
import java.util.List;

/** The entry of {@code ./ledger bench}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(LedgerCommand.commandLine(List.of(new BenchCommand())).execute(arguments));
    }
}
