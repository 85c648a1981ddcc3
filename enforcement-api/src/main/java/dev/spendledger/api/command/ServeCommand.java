package dev.spendledger.api.command;

import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.Logging;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import sun.misc.Signal;

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
        try {
            LedgerInstance instance = LedgerInstance.start(config);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(instance), "ledger-stop"));
            CountDownLatch toldToStop = new CountDownLatch(1);
            // Left to the hook, a stop would end with status 143, as if it had been killed.
            Signal.handle(new Signal("TERM"), signal -> toldToStop.countDown());
            spec.commandLine().getOut().println("The ledger listens on " + instance.url());
            toldToStop.await();
            stop(instance);
        } finally {
            Logging.close();
        }
        return 0;
    }

    private static void stop(LedgerInstance instance) {
        instance.close();
        Logging.close();
    }
}
