package dev.spendledger.api.testing;

import dev.spendledger.api.command.LedgerCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/**
 * What a command line of {@code ledger} came to.
 *
 * @param status the exit status
 */
public record CommandRun(int status, String out, String err) {

    /** Runs it in this process, to its end. */
    public static CommandRun of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = LedgerCommand.commandLine(List.of())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        int status = commandLine.execute(arguments);
        return new CommandRun(status, out.toString(), err.toString());
    }
}
