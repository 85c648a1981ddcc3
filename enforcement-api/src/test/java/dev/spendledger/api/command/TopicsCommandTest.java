package dev.spendledger.api.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What {@code ledger topics} says without a broker: the topics, for whoever creates them. */
class TopicsCommandTest {
    private static final String SERVERS = "--bootstrap-servers=k:9092";

    /** What a command line came to. */
    private record Outcome(int status, String out, String err) {}

    @ParameterizedTest
    @EnumSource(Topic.class)
    void shouldPrintHowToCreateEveryTopic(Topic topic) {
        // When
        Outcome outcome = run("topics", SERVERS, "--topic-prefix=eu.", "--partitions=7", "print");

        // Then
        String expected = "kafka-topics.sh --bootstrap-server k:9092 --create --topic eu." + topic.baseName()
                + " --partitions 7"
                + new TreeMap<>(topic.setup())
                        .entrySet().stream()
                                .map(property -> " --config " + property.getKey() + "=" + property.getValue())
                                .reduce("", String::concat);
        assertThat(outcome.out().lines()).contains(expected);
    }

    @Test
    void shouldPrintTheReplicationFactorOnlyIfItIsNotTheBrokers() {
        // When
        Outcome theBrokers = run("topics", SERVERS, "print");
        Outcome three = run("topics", SERVERS, "--replication-factor=3", "print");

        // Then
        assertThat(theBrokers.out()).doesNotContain("--replication-factor");
        assertThat(three.out().lines().filter(line -> line.contains("--create")))
                .isNotEmpty()
                .allMatch(line -> line.contains(" --replication-factor 3"));
    }

    static Stream<String> stores() {
        return LedgerTopology.STORES.stream().map(LedgerStore::name);
    }

    @ParameterizedTest
    @MethodSource("stores")
    void shouldPrintTheChangelogOfEveryStore(String store) {
        // When
        Outcome outcome = run("topics", SERVERS, "--application-id=ledger-2", "--partitions=7", "print");

        // Then
        assertThat(outcome.out().lines())
                .contains("kafka-topics.sh --bootstrap-server k:9092 --create --topic ledger-2-" + store
                        + "-changelog --partitions 7 --config cleanup.policy=compact --config max.message.bytes=2097152"
                        + " --config message.timestamp.type=CreateTime");
    }

    @Test
    void shouldPrintWhatAnInstanceMustBeAllowedToDo() {
        // When
        Outcome outcome = run("topics", SERVERS, "--topic-prefix=eu.", "--application-id=ledger-2", "print");

        // Then
        List<String> acls = outcome.out()
                .lines()
                .filter(line -> line.contains("kafka-acls.sh"))
                .toList();
        String add = "kafka-acls.sh --bootstrap-server k:9092 --add --allow-principal User:ledger ";
        String readAndWrite = add + "--operation Read --operation Write ";
        for (Topic topic : Topic.values()) {
            assertThat(acls)
                    .contains(readAndWrite + (topic.deletedOnceRead() ? "--operation Delete " : "")
                            + "--operation DescribeConfigs --topic eu." + topic.baseName());
        }
        assertThat(acls)
                .contains(
                        readAndWrite + "--operation DescribeConfigs --resource-pattern-type prefixed --topic ledger-2-",
                        add + "--operation Read --group ledger-2",
                        add + "--operation Write --resource-pattern-type prefixed --transactional-id ledger-2-")
                .hasSize(Topic.values().length + 3);
    }

    @Test
    void shouldPrintTheTopicsThatTheLedgerWritesWithThePrefixOfTheirOwn() {
        // When
        Outcome outcome = run("topics", SERVERS, "--topic-prefix=eu.", "--output-topic-prefix=r2.", "print");

        // Then
        for (Topic topic : Topic.values()) {
            String prefix = topic.writtenByLedger() ? "r2." : "eu.";
            assertThat(outcome.out())
                    .contains("--create --topic " + prefix + topic.baseName() + " ")
                    .contains("--operation DescribeConfigs --topic " + prefix + topic.baseName());
        }
        assertThat(outcome.out())
                .contains("--operation Delete --operation DescribeConfigs --topic r2.ledger-routing")
                .doesNotContain("eu.ledger-routing");
    }

    /** The output is a script: what is no command in it is a comment. */
    @Test
    void shouldPrintNothingButCommandsAndComments() {
        // When
        Outcome outcome = run("topics", SERVERS, "print");

        // Then
        assertThat(outcome.status()).isZero();
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out().lines())
                .allMatch(line -> line.isEmpty() || line.startsWith("# ") || line.startsWith("kafka-"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"create", "check", "print"})
    void shouldTakeItsSettingsBeforeAndBehindTheWordThatSaysWhatToDo(String word) {
        // When
        Outcome before = run("topics", "--partitions=none", word);
        Outcome behind = run("topics", word, "--partitions=none");

        // Then
        assertThat(before.err()).contains("--partitions is \"none\"").contains("LEDGER_BOOTSTRAP_SERVERS");
        assertThat(behind).isEqualTo(before);
        assertThat(before.status()).isEqualTo(LedgerCommand.EXIT_USAGE);
    }

    @Test
    void shouldReadWhereKafkaIsFromTheFolderOfALedgerThatRuns(@TempDir Path dataDir) {
        // Given
        DevProperties.write(
                dataDir,
                LedgerConfig.of(
                        Map.of(),
                        Map.of(Setting.BOOTSTRAP_SERVERS, "127.0.0.1:19092", Setting.PARTITIONS, "4"),
                        Map.of()),
                List.of(URI.create("http://127.0.0.1:8080"), URI.create("http://127.0.0.1:8081")));

        // When
        Outcome before = run("topics", "--data-dir", dataDir.toString(), "print");
        Outcome behind = run("topics", "print", "--data-dir", dataDir.toString());

        // Then
        assertThat(before.out()).contains("--bootstrap-server 127.0.0.1:19092 --create --topic chats --partitions 4");
        assertThat(behind).isEqualTo(before);
    }

    @Test
    void shouldSayWhatIsMissingInAFolderThatIsNotALedgers(@TempDir Path dataDir) {
        // When
        Outcome outcome = run("topics", "--data-dir", dataDir.toString(), "print");

        // Then
        assertThat(outcome.status()).isEqualTo(LedgerCommand.EXIT_USAGE);
        assertThat(outcome.err()).contains("dev.properties").contains("ledger dev --data-dir");
    }

    @Test
    void shouldAskForTheWordThatSaysWhatToDo() {
        // When
        Outcome outcome = run("topics", SERVERS);

        // Then
        assertThat(outcome.status()).isEqualTo(LedgerCommand.EXIT_USAGE);
        assertThat(outcome.err()).contains("Say create, check or print.");
    }

    private static Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = LedgerCommand.commandLine(new ArrayList<>())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        int status = commandLine.execute(arguments);
        return new Outcome(status, out.toString(), err.toString());
    }
}
