package dev.spendledger.benchmarks;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ledger bench}: the measurements, one subcommand each. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measure the ledger on this machine.",
        synopsisSubcommandLabel = "NAME",
        subcommands = {
            FreshnessCommand.class,
            AccountCheckCommand.class,
            SizingCommand.class,
            RestoreCommand.class,
            JmhCommand.class,
            GrowthCommand.class,
            PostgresCommand.class,
            CheckCommand.class,
            StartCommand.class,
            FoldCommand.class
        })
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "Name a measurement: " + String.join(", ", spec.subcommands().keySet()) + ".");
    }
}
