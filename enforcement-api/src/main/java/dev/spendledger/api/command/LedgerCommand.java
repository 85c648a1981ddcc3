package dev.spendledger.api.command;

import dev.spendledger.api.runtime.LedgerConfig.InvalidConfigException;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code ledger}: what it can do is in its subcommands. */
@Command(
        name = "ledger",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Sums what trees of agent chats spend, and stops those that reach their limit.",
        synopsisSubcommandLabel = "COMMAND")
public final class LedgerCommand implements Runnable {
    /** Exit status: a wrong setting or a wrong word on the command line. */
    public static final int EXIT_USAGE = 2;
    /** Exit status: the command could not do its work. */
    public static final int EXIT_FAILED = 1;

    @Spec
    private CommandSpec spec;

    private final Map<String, String> environment;

    private LedgerCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    /** The commands of a production instance, with more beside them, in the environment of this process. */
    public static CommandLine commandLine(List<Object> moreCommands) {
        return commandLine(moreCommands, System.getenv());
    }

    /** @param environment where the settings are read from */
    public static CommandLine commandLine(List<Object> moreCommands, Map<String, String> environment) {
        CommandLine commandLine = new CommandLine(new LedgerCommand(environment))
                .addSubcommand(new ServeCommand())
                .addSubcommand(new TopicsCommand())
                .addSubcommand(new ConfigCommand())
                .addSubcommand(new DeadLettersCommand())
                .addSubcommand(new VerifyCommand())
                .addSubcommand(new TraceCommand())
                .addSubcommand(new ReplayCommand())
                .addSubcommand(new CopyFactsCommand());
        moreCommands.forEach(commandLine::addSubcommand);
        commandLine.getSubcommands().values().forEach(SettingFlags::addTo);
        return commandLine.setExecutionExceptionHandler(sayPlainly());
    }

    /** What a user can mend is said in a sentence; anything else is a bug, and shows where. */
    private static IExecutionExceptionHandler sayPlainly() {
        return (exception, commandLine, parsed) -> {
            if (exception instanceof InvalidConfigException || exception instanceof UserErrorException) {
                commandLine.getErr().println(exception.getMessage());
                return EXIT_USAGE;
            }
            if (exception instanceof StartException) {
                commandLine.getErr().println(exception.getMessage());
                return EXIT_FAILED;
            }
            throw exception;
        };
    }

    /** The environment that a command, anywhere below, runs in. */
    static Map<String, String> environment(CommandSpec spec) {
        return ((LedgerCommand) spec.root().userObject()).environment;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "A command is missing.");
    }
}
