package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code ledger} in a process of its own, with the class path that it is shipped with. Killed when closed. */
final class LedgerProcess extends LoggedProcess {
    private static final Pattern LISTENS = Pattern.compile("The ledger listens on (http://[0-9.:]+)");

    private LedgerProcess(Path dir, String module, Class<?> main, Map<String, String> environment, String... arguments)
            throws IOException {
        super(dir, shipped(module), main, environment, arguments);
    }

    /** Starts a command of the demo's: {@code demo}, {@code dev} and all the others. */
    static LedgerProcess start(Path dir, String... arguments) throws IOException {
        return new LedgerProcess(dir, "demo", Main.class, Map.of(), arguments);
    }

    /** Starts an instance as it runs in production: without a broker, set up by its environment. */
    static LedgerProcess serve(Path dir, Map<String, String> environment) throws IOException {
        return new LedgerProcess(dir, "enforcement-api", dev.spendledger.api.command.Main.class, environment, "serve");
    }

    /** Starts a command against a real cluster, as it runs in production. */
    static LedgerProcess command(Path dir, String... arguments) throws IOException {
        return command(dir, Map.of(), arguments);
    }

    /** The same with an environment. */
    static LedgerProcess command(Path dir, Map<String, String> environment, String... arguments) throws IOException {
        return new LedgerProcess(
                dir, "enforcement-api", dev.spendledger.api.command.Main.class, environment, arguments);
    }

    /** The class path that {@code ./ledger} starts the programs of a module with. */
    static String shipped(String module) {
        Path target = Path.of("..", module, "target").toAbsolutePath().normalize();
        return target.resolve("*") + File.pathSeparator + target.resolve("lib").resolve("*");
    }

    /** Where its API listens, once it does. */
    URI awaitUrl() throws IOException {
        awaitOutput(LISTENS);
        Matcher listens = LISTENS.matcher(output());
        assertThat(listens.find()).isTrue();
        return URI.create(listens.group(1));
    }
}
