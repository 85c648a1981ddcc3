package dev.spendledger.api.command;

import java.util.List;

/** The entry of a production instance: {@code serve}, and the commands beside it that need no broker of their own. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(LedgerCommand.commandLine(List.of()).execute(arguments));
    }
}
