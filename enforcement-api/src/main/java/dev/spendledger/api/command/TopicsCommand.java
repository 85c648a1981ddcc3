package dev.spendledger.api.command;

import dev.spendledger.api.runtime.KafkaAdmin;
import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.topology.LedgerTopology;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
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
        description = "Create, check or print the topics that the ledger needs.",
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
        LedgerConfig config = config();
        try (KafkaAdmin kafka = connect(config)) {
            List<String> created = kafka.topics()
                    .create(config.number(Setting.PARTITIONS), (short) config.number(Setting.REPLICATION_FACTOR));
            out().println(created.isEmpty() ? "Nothing to create." : "Created " + String.join(", ", created) + ".");
            return printFindings(kafka.findings());
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
            description = "Print every topic with its set-up, the internal ones, and the ACLs that an instance needs.")
    int print() {
        LedgerConfig config = config();
        TopicNames names = config.topicNames();
        PrintWriter out = out();
        out.println("# Topics that the ledger reads and writes");
        for (Topic topic : Topic.values()) {
            out.println(createLine(config, names.of(topic), topic.setup()));
        }
        String applicationId = config.text(Setting.APPLICATION_ID);
        out.println();
        out.println("# Topics that an instance creates for its state, each with " + config.text(Setting.PARTITIONS)
                + " partitions");
        LedgerTopology.STORES.forEach(store -> out.println("# " + applicationId + "-" + store.name() + "-changelog"));
        out.println();
        out.println("# What the user of an instance must be allowed to do (replace User:ledger)");
        acls(names, applicationId).forEach(out::println);
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

    private static List<String> acls(TopicNames names, String applicationId) {
        List<String> lines = new ArrayList<>();
        for (Topic topic : Topic.values()) {
            lines.add(acl("--operation Read --operation Write --operation Describe --operation DescribeConfigs --topic "
                    + names.of(topic)));
        }
        Stream.of(Topic.values())
                .filter(Topic::deletedOnceRead)
                .forEach(topic -> lines.add(acl("--operation Delete --topic " + names.of(topic))));
        lines.add(acl("--operation All --resource-pattern-type prefixed --topic " + applicationId + "-"));
        lines.add(acl("--operation Read --operation Describe --group " + applicationId));
        lines.add(acl("--operation Write --operation Describe --resource-pattern-type prefixed --transactional-id "
                + applicationId + "-"));
        lines.add(acl("--operation IdempotentWrite --cluster"));
        return lines;
    }

    private static String acl(String what) {
        return "kafka-acls.sh --add --allow-principal User:ledger " + what;
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
