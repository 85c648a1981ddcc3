package dev.spendledger.demo;

import dev.spendledger.embedded.EmbeddedKafka;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/** A broker in a process of its own. Killed when closed. */
final class BrokerProcess extends LoggedProcess {
    private static final String LISTENS = "The broker listens on ";
    private static final String TEST_CLASSES =
            Path.of("target", "test-classes").toAbsolutePath().toString();

    private BrokerProcess(Path dir, int port) throws IOException {
        super(
                dir,
                TEST_CLASSES + File.pathSeparator + LedgerProcess.shipped("demo"),
                BrokerProcess.class,
                Map.of(),
                dir.resolve("kafka").toString(),
                Integer.toString(port));
    }

    /** Starts a broker on a folder of its own inside this one, and returns once it serves clients. */
    static BrokerProcess start(Path dir, int port) throws IOException, InterruptedException {
        BrokerProcess broker = new BrokerProcess(dir, port);
        try {
            broker.awaitOutput(Pattern.compile(LISTENS));
            return broker;
        } catch (RuntimeException | Error e) {
            broker.close();
            throw e;
        }
    }

    /** Runs a broker until the process is killed. Arguments: its folder and its port. */
    public static void main(String[] arguments) {
        EmbeddedKafka kafka = EmbeddedKafka.start(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
        System.out.println(LISTENS + kafka.bootstrapServers());
    }
}
