package dev.spendledger.api.command;

import java.util.List;

/** The entry of a production instance: {@code serve}, {@code topics} and {@code config}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(LedgerCommand.commandLine(List.of()).execute(arguments));
    }
}
