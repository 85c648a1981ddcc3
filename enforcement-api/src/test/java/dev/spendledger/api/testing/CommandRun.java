package dev.spendledger.api.testing;

import dev.spendledger.api.command.LedgerCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * What a command line of {@code ledger} came to.
 *
 * @param status the exit status
 */
public record CommandRun(int status, String out, String err) {

    /** Runs it in this process, to its end. */
    public static CommandRun of(String... arguments) {
        return in(System.getenv(), arguments);
    }

    /** Runs it as if in this environment. */
    public static CommandRun in(Map<String, String> environment, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = LedgerCommand.commandLine(List.of(), environment)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        int status = commandLine.execute(arguments);
        return new CommandRun(status, out.toString(), err.toString());
    }
}
