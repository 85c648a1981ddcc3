package dev.spendledger.api.command;

import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.Logging;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ledger serve}: one instance against a real cluster, until it is told to stop. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Run an instance against a Kafka cluster.")
final class ServeCommand implements Callable<Integer>, SettingFlags.Taker {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        LedgerConfig config = SettingFlags.config(spec);
        Logging.configure(config);
        LedgerInstance instance = LedgerInstance.start(config);
        Runtime.getRuntime().addShutdownHook(new Thread(instance::close, "ledger-stop"));
        spec.commandLine().getOut().println("The ledger listens on " + instance.url());
        new CountDownLatch(1).await(); // Until a signal runs the hook.
        return 0;
    }
}
