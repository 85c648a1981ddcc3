package dev.spendledger.api.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.tools.AclCommand;
import org.apache.kafka.tools.TopicCommand;

/** Kafka's own scripts, run in this process and by one user. */
public final class KafkaScript {
    private final Path login;

    /**
     * @param dir for a file of its own
     * @param login what a client sets to be this user
     */
    public KafkaScript(Path dir, Map<String, String> login) {
        this.login = dir.resolve("login.properties");
        Properties properties = new Properties();
        properties.putAll(login);
        try (Writer file = Files.newBufferedWriter(this.login)) {
            properties.store(file, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command line as a shell would, where nothing is quoted; one that fails, fails the test. */
    public void run(String line) {
        List<String> words = List.of(line.split(" "));
        String[] arguments = Stream.concat(words.stream().skip(1), Stream.of("--command-config", login.toString()))
                .toArray(String[]::new);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = System.out;
        System.setOut(new PrintStream(said, true));
        int[] status = {0};
        Exit.setExitProcedure((code, message) -> status[0] = Math.max(status[0], code));
        try {
            switch (words.get(0)) {
                case "kafka-acls.sh" -> AclCommand.main(arguments);
                case "kafka-topics.sh" -> TopicCommand.main(arguments);
                default -> throw new AssertionError("There is no script " + words.get(0));
            }
        } finally {
            Exit.resetExitProcedure();
            System.setOut(out);
        }
        assertThat(status[0]).as("%s: %s", Arrays.toString(arguments), said).isZero();
    }
}
