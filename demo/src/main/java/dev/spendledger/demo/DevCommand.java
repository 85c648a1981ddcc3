package dev.spendledger.demo;

import java.net.URI;
import java.nio.file.Path;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ledger dev}: a broker and one or more instances to try things on, until Ctrl-C. */
@Command(
        name = "dev",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Run a broker and one or more instances on this machine; the data is kept across restarts.")
final class DevCommand extends EmbeddedCommand {
    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            defaultValue = "ledger-data/dev",
            description = "Where the data is kept. Default: ${DEFAULT-VALUE}.")
    private Path dataDir;

    @Option(
            names = "--instances",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "How many instances, 1 to " + Cluster.INSTANCES_MOST
                            + "; more than one are a process each, on --port and the ports after it. Default: ${DEFAULT-VALUE}.")
    private int instances;

    @Override
    int run(Lifetime lifetime) throws Exception {
        if (instances != 1) {
            return runCluster(lifetime);
        }
        EmbeddedLedger ledger = start(lifetime, dataDir);
        out().println("The ledger listens on " + ledger.url() + " (Kafka on " + ledger.bootstrapServers() + ", data in "
                + dataDir + "). Ctrl-C stops it.");
        lifetime.await();
        return 0;
    }

    private int runCluster(Lifetime lifetime) throws Exception {
        Cluster cluster = lifetime.open(
                () -> Cluster.start(System.getenv(), port(), instances, dataDir, end -> say(lifetime, end)));
        String urls = cluster.urls().stream().map(URI::toString).collect(Collectors.joining(", "));
        out().println("The ledger listens on " + urls + " (Kafka on " + cluster.bootstrapServers() + ", data in "
                + dataDir + ", what the instances say in " + dataDir.resolve("instance-*.log") + "). Ctrl-C stops it.");
        lifetime.await();
        return 0;
    }

    private void say(Lifetime lifetime, Cluster.End end) {
        if (!lifetime.isToldToStop()) { // Ctrl-C in a terminal is told to the instances as well.
            err().println("Instance " + end.number() + " has ended with status " + end.status() + ", see " + end.log()
                    + ". The others go on.");
        }
    }
}
