package dev.spendledger.api.command;

import dev.spendledger.api.runtime.KafkaAdmin;
import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Rights;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code ledger topics}: the topics that the ledger needs, created, checked, or printed for whoever creates them. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Create, check or print the topics and the rights that the ledger needs.",
        synopsisSubcommandLabel = "(create | check | print)")
final class TopicsCommand implements Runnable, SettingFlags.Taker {
    private static final String BROKER_DEFAULT = "-1";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data-dir",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            description = "Reach the broker of the `ledger dev` or `ledger demo` that runs on this folder.")
    private Path dataDir;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say create, check or print.");
    }

    @Command(mixinStandardHelpOptions = true, description = "Create the topics that are missing.")
    int create() throws StartException {
        try (KafkaAdmin kafka = connect(config())) {
            List<String> created = kafka.createTopics();
            out().println(created.isEmpty() ? "Nothing to create." : "Created " + String.join(", ", created) + ".");
            // Whoever creates the topics need not be the ledger's user, whose rights `check` looks at.
            return printFindings(kafka.topicFindings());
        }
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Say what keeps the ledger from starting; status 1 if anything does.")
    int check() throws StartException {
        try (KafkaAdmin kafka = connect(config())) {
            return printFindings(kafka.findings());
        }
    }

    @Command(
            mixinStandardHelpOptions = true,
            description =
                    "Print the commands that create every topic, and that grant what the user of an instance needs.")
    int print() {
        LedgerConfig config = config();
        TopicNames names = config.topicNames();
        PrintWriter out = out();
        out.println("# Topics that the ledger reads and writes");
        for (Topic topic : Topic.values()) {
            out.println(createLine(config, names.of(topic), topic.setup()));
        }
        out.println();
        out.println("# Topics that keep its state");
        config.changelogs().forEach(name -> out.println(createLine(config, name, Topic.CHANGELOG_SETUP)));
        out.println();
        out.println("# What the user of an instance must be allowed to do (replace User:ledger)");
        new Rights(config).commands().forEach(out::println);
        return 0;
    }

    private static String createLine(LedgerConfig config, String name, Map<String, String> setup) {
        StringBuilder line = new StringBuilder("kafka-topics.sh --bootstrap-server ")
                .append(config.text(Setting.BOOTSTRAP_SERVERS))
                .append(" --create --topic ")
                .append(name)
                .append(" --partitions ")
                .append(config.text(Setting.PARTITIONS));
        if (!config.text(Setting.REPLICATION_FACTOR).equals(BROKER_DEFAULT)) {
            line.append(" --replication-factor ").append(config.text(Setting.REPLICATION_FACTOR));
        }
        new TreeMap<>(setup)
                .forEach((property, value) ->
                        line.append(" --config ").append(property).append('=').append(value));
        return line.toString();
    }

    private int printFindings(List<String> findings) {
        findings.forEach(out()::println);
        if (findings.isEmpty()) {
            out().println("The topics are as the ledger needs them.");
        }
        return findings.isEmpty() ? 0 : LedgerCommand.EXIT_FAILED;
    }

    private LedgerConfig config() {
        return SettingFlags.config(spec, dataDir);
    }

    private KafkaAdmin connect(LedgerConfig config) throws StartException {
        DevProperties.requireRunning(dataDir, config);
        return KafkaAdmin.connect(config);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
