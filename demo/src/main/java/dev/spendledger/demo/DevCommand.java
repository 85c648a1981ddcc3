package dev.spendledger.demo;

import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ledger dev}: a broker and an instance to try things on, until Ctrl-C. */
@Command(
        name = "dev",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Run a broker and an instance on this machine; the data is kept across restarts.")
final class DevCommand extends EmbeddedCommand {
    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            defaultValue = "ledger-data/dev",
            description = "Where the data is kept. Default: ${DEFAULT-VALUE}.")
    private Path dataDir;

    @Override
    int run(Lifetime lifetime) throws Exception {
        EmbeddedLedger ledger = start(lifetime, dataDir);
        out().println("The ledger listens on " + ledger.url() + " (Kafka on " + ledger.bootstrapServers() + ", data in "
                + dataDir + "). Ctrl-C stops it.");
        lifetime.await();
        return 0;
    }
}
