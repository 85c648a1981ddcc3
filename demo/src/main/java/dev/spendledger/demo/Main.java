package dev.spendledger.demo;

import dev.spendledger.api.command.LedgerCommand;
import dev.spendledger.demo.failover.DrillCommand;
import java.util.List;

/** The entry of {@code ./ledger}: the commands of an instance, and those that bring a broker of their own. */
public final class Main {
    private static final String LOG_SETUP = "logback.configurationFile";

    private Main() {}

    public static void main(String[] arguments) {
        // A broker on one's own machine says at each start what only matters on others. Whoever wants it can have it
        // back.
        if (System.getProperty(LOG_SETUP) == null) {
            System.setProperty(LOG_SETUP, "logback-embedded.xml");
        }
        System.exit(LedgerCommand.commandLine(List.of(new DemoCommand(), new DevCommand(), new DrillCommand()))
                .execute(arguments));
    }
}
