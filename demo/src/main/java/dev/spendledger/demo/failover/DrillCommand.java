package dev.spendledger.demo.failover;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ledger drill}: what breaks a ledger on purpose; each drill is a subcommand. */
@Command(
        name = "drill",
        mixinStandardHelpOptions = true,
        description = "Break a ledger on this machine under load, and judge what it answers.",
        synopsisSubcommandLabel = "NAME",
        subcommands = FailoverCommand.class)
public final class DrillCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "Name a drill: " + String.join(", ", spec.subcommands().keySet()) + ".");
    }
}
