package dev.spendledger.api.command;

import dev.spendledger.api.audit.Erasure;
import dev.spendledger.api.audit.Erasure.Outcome;
import dev.spendledger.api.audit.Erasure.Verdict;
import dev.spendledger.api.audit.LogReader;
import dev.spendledger.api.audit.LogReader.IncompleteLogException;
import dev.spendledger.api.audit.RecordSender;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.intake.Source;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ledger copy-facts}: the facts in topics of another ledger, which never knew an account, or has other partitions. */
@Command(
        name = "copy-facts",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Copy the facts into topics with another prefix: without those of an account, or with another number of partitions."
                    + " A ledger that is built from the copy comes to the same totals for the trees of all other accounts."
                    + " Nobody may write facts meanwhile.",
            "",
            "Of an account are not copied: trees whose root is one of its chats, whole; its chats and messages that have no root;"
                    + " its limit and its groups. Where the tree of another account names it, \"" + Erasure.STAND_IN
                    + "\" stands in its place. Nor is what is a dead letter by itself. All else is copied byte for byte, in the"
                    + " order of the log, each record into the partition of its key.",
            "Status 1 if it could not be copied, or facts came in meanwhile: then delete the copy, and begin again.",
            ""
        })
final class CopyFactsCommand implements Callable<Integer>, SettingFlags.Taker {
    private static final List<Topic> FACTS =
            Stream.of(Topic.values()).filter(topic -> !topic.writtenByLedger()).toList();

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--without-account",
            paramLabel = "ID",
            description = "An account that is to be nowhere in the copy.")
    private String accountId;

    @Option(
            names = "--to-prefix",
            required = true,
            paramLabel = "PREFIX",
            description = "What the names of the copy's topics begin with. They must be there, and empty.")
    private String prefix;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Copy from and to the broker of the `ledger dev` or `ledger demo` that runs on this folder.")
    private Path dataDir;

    private final Map<Topic, Map<Outcome, Long>> counts = new EnumMap<>(Topic.class);

    @Override
    public Integer call() throws StartException {
        if (accountId != null && !Ranges.isId(accountId)) {
            throw new UserErrorException("--without-account must be an id of 1 to " + Ranges.MAX_ID_LENGTH
                    + " characters, none of them a control character.");
        }
        if (Erasure.STAND_IN.equals(accountId)) {
            throw new UserErrorException(
                    "--without-account must not be \"" + Erasure.STAND_IN + "\", which stands in for erased accounts.");
        }
        try (LedgerLog ledger = LedgerLog.open(spec, dataDir)) {
            return copy(ledger);
        } catch (IncompleteLogException | KafkaException e) {
            err().println(e.getMessage());
            return LedgerCommand.EXIT_FAILED;
        }
    }

    private int copy(LedgerLog ledger) throws IncompleteLogException {
        TopicNames to = new TopicNames(prefix);
        int partitions = requireEmpty(ledger, to);
        LogReader log = ledger.log(FACTS);
        log.requireWhole();
        Map<TopicPartition, Long> ends = log.ends();

        Erasure erasure = new Erasure(
                Optional.ofNullable(accountId), ledger.names(), ledger.partitions(Topic.CHATS), ledger.events());
        LogReader chats = ledger.log(List.of(Topic.CHATS));
        chats.readTo(ends, erasure::learn);
        erasure.learnt();

        RecordSender<Source> sender = new RecordSender<>(ledger.replayer(), (source, written) -> {}, (source, why) -> {
            throw new KafkaException(source.id() + " could not be copied: " + why);
        });
        Map<String, Topic> topics =
                Stream.of(Topic.values()).collect(Collectors.toMap(ledger.names()::of, topic -> topic));
        try (ProgressLine progress = new ProgressLine(out(), "facts copied", log.distance(ends))) {
            long[] read = {0};
            log.readTo(ends, source -> {
                Topic topic = topics.get(source.topic());
                Verdict verdict = erasure.judge(source);
                counts.computeIfAbsent(topic, any -> new EnumMap<>(Outcome.class))
                        .merge(verdict.outcome(), 1L, Long::sum);
                verdict.copy().ifPresent(record -> sender.send(source, record(to.of(topic), partitions, record)));
                progress.show(++read[0]);
            });
            sender.awaitAll();
        }
        print();
        if (log.distance(log.ends()) > 0) {
            err().println(
                            "Facts have come in meanwhile, which the copy lacks. Stop whoever writes them, delete the copy's"
                                    + " topics, and begin again.");
            return LedgerCommand.EXIT_FAILED;
        }
        return 0;
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, int partitions, Source source) {
        // Whatever states a fact has a key.
        int partition = Partitions.of(source.key(), partitions);
        return new ProducerRecord<>(topic, partition, source.key(), source.value(), source.headers());
    }

    /** How many partitions the copy's topics have. */
    private int requireEmpty(LedgerLog ledger, TopicNames to) {
        int partitions = ledger.topics(to).partitions().getOrDefault(Topic.CHATS, 0);
        List<String> findings = ledger.topics(to).check(partitions);
        if (!findings.isEmpty()) {
            throw new UserErrorException(String.join(System.lineSeparator(), findings) + System.lineSeparator()
                    + "The copy is another ledger's: create its topics with LEDGER_TOPIC_PREFIX=" + prefix
                    + " and a LEDGER_APPLICATION_ID of its own.");
        }
        if (ledger.log(to, FACTS, partitions).ends().values().stream().anyMatch(end -> end > 0)) {
            throw new UserErrorException("--to-prefix is \"" + prefix
                    + "\" and must be one whose topics are empty: what is there already would be mixed with the copy.");
        }
        return partitions;
    }

    private void print() {
        out().printf("%-16s %12s %12s %12s %12s%n", "", "copied", "renamed", "erased", "wrong");
        counts.forEach((topic, ofTopic) -> out().printf(
                        "%-16s %12d %12d %12d %12d%n",
                        topic.baseName(),
                        ofTopic.getOrDefault(Outcome.COPIED, 0L),
                        ofTopic.getOrDefault(Outcome.RENAMED, 0L),
                        ofTopic.getOrDefault(Outcome.ERASED, 0L),
                        ofTopic.getOrDefault(Outcome.WRONG, 0L)));
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
