package dev.spendledger.demo;

import dev.spendledger.api.command.LedgerCommand;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that brings a broker of its own: what {@code dev} and {@code demo} have in common. */
abstract class EmbeddedCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Where the API listens. Default: LEDGER_HTTP_PORT, or 8080.")
    private Integer port;

    @Override
    public final Integer call() throws Exception {
        Lifetime lifetime = new Lifetime();
        try (lifetime) {
            return run(lifetime);
        } catch (Exception e) {
            // What was told to stop may fail at that. Nobody sees this status: the process ends with the signal's.
            if (lifetime.isToldToStop()) {
                return LedgerCommand.EXIT_FAILED;
            }
            if (e instanceof EmbeddedLedger.BrokerStartException) {
                err().println(e.getMessage());
                return LedgerCommand.EXIT_FAILED;
            }
            throw e;
        }
    }

    /**
     * Does the command's work.
     *
     * @param lifetime to open everything in that must be closed in the end
     * @return the exit status
     */
    abstract int run(Lifetime lifetime) throws Exception;

    /** Starts a broker and an instance. */
    final EmbeddedLedger start(Lifetime lifetime, Path dataDir) throws Exception {
        return lifetime.open(() -> EmbeddedLedger.start(environment(), port(), dataDir));
    }

    /** What the instance takes its settings from. */
    Map<String, String> environment() {
        return System.getenv();
    }

    /** The port that was asked for; empty = as the environment says. */
    final OptionalInt port() {
        return port == null ? OptionalInt.empty() : OptionalInt.of(port);
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
