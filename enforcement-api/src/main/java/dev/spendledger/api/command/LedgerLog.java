package dev.spendledger.api.command;

import dev.spendledger.api.audit.DeadLetterReader;
import dev.spendledger.api.audit.DeadLetterReplay;
import dev.spendledger.api.audit.FoldProgress;
import dev.spendledger.api.audit.LiveState;
import dev.spendledger.api.audit.LogReader;
import dev.spendledger.api.runtime.EventSerdes;
import dev.spendledger.api.runtime.KafkaAdmin;
import dev.spendledger.api.runtime.KafkaSettings;
import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Secret;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.runtime.Tls;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicAdmin;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.intake.FactReader;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import picocli.CommandLine.Model.CommandSpec;

/** What a command needs that reads the topics of a ledger, and its state: opened by its settings, and closed together. */
final class LedgerLog implements AutoCloseable {
    private final LedgerConfig config;
    private final TopicNames names;
    private final Serde<SpecificRecord> events;
    private final KafkaAdmin kafka;
    private final Map<Topic, Integer> partitions;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /**
     * Connects to Kafka as the flags of a command, its folder and the environment say.
     *
     * @param dataDir the folder of a {@code ledger dev} or {@code ledger demo}; null = none
     * @throws StartException if Kafka does not answer
     */
    static LedgerLog open(CommandSpec spec, Path dataDir) throws StartException {
        LedgerConfig config = SettingFlags.config(spec, dataDir);
        DevProperties.requireRunning(dataDir, config);
        return new LedgerLog(config);
    }

    private LedgerLog(LedgerConfig config) throws StartException {
        this.config = config;
        this.names = config.topicNames();
        events = EventSerdes.of(config);
        kafka = KafkaAdmin.connect(config);
        opened.push(kafka);
        partitions = kafka.partitions();
    }

    TopicNames names() {
        return names;
    }

    Serde<SpecificRecord> events() {
        return events;
    }

    /** How many partitions a topic has; a topic that is missing is a {@link UserErrorException}. */
    int partitions(Topic topic) {
        Integer count = partitions.get(topic);
        if (count == null) {
            throw new UserErrorException("There is no topic " + names.of(topic)
                    + "; is LEDGER_TOPIC_PREFIX right? `ledger topics check` says more.");
        }
        return count;
    }

    FactReader facts() {
        return new FactReader(names, partitions(Topic.CHATS), events);
    }

    LogReader log(List<Topic> topics) {
        topics.forEach(this::partitions);
        return log(names, topics, partitions(topics.get(0)));
    }

    /** The same of other topics in this Kafka, which must be there. */
    LogReader log(TopicNames others, List<Topic> topics, int count) {
        return new LogReader(consumer(), others, topics, count);
    }

    /** The topics of another ledger in this Kafka, but for those of its state: they have the name of its application id. */
    TopicAdmin topics(TopicNames others) {
        return new TopicAdmin(kafka.admin(), others, List.of());
    }

    DeadLetterReader deadLetters() {
        return new DeadLetterReader(
                consumer(), names.of(Topic.DEAD_LETTERS), partitions(Topic.DEAD_LETTERS), events.deserializer());
    }

    /** How dead letters are sent again. */
    DeadLetterReplay replay() {
        return new DeadLetterReplay(names, partitions);
    }

    /** A producer to send them with. */
    Producer<byte[], byte[]> replayer() {
        Producer<byte[], byte[]> producer = new KafkaProducer<>(
                KafkaSettings.replayer(config), new ByteArraySerializer(), new ByteArraySerializer());
        opened.push(producer);
        return producer;
    }

    FoldProgress progress() {
        return new FoldProgress(
                kafka.admin(),
                consumer(),
                config.text(Setting.APPLICATION_ID),
                allOf(Topic.LEDGER_ROUTING),
                allOf(Topic.ACCOUNT_DELTAS),
                Stream.of(Topic.DEAD_LETTERS, Topic.TREE_STATUS)
                        .flatMap(topic -> allOf(topic).stream())
                        .toList());
    }

    private List<TopicPartition> allOf(Topic topic) {
        return IntStream.range(0, partitions(topic))
                .mapToObj(partition -> new TopicPartition(names.of(topic), partition))
                .toList();
    }

    /** The state as an instance has it: where the instance says it is reached, else where it would listen. */
    LiveState state() {
        String advertised = config.text(Setting.ADVERTISED_URL);
        return new LiveState(
                URI.create(
                        advertised.isEmpty()
                                ? Tls.scheme(config) + "://" + config.text(Setting.HTTP_HOST) + ":"
                                        + config.text(Setting.HTTP_PORT)
                                : advertised),
                orUserError(() -> Secret.of(config)),
                orUserError(() -> Tls.context(config)));
    }

    private interface Setup<T> {
        T get() throws StartException;
    }

    /** What this command shows of itself, as one of the instances, and what it trusts. */
    private static <T> T orUserError(Setup<T> setup) {
        try {
            return setup.get();
        } catch (StartException e) {
            throw new UserErrorException(e.getMessage());
        }
    }

    private Consumer<byte[], byte[]> consumer() {
        Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                KafkaSettings.reader(config), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        opened.push(consumer);
        return consumer;
    }

    @Override
    public void close() {
        opened.forEach(LedgerLog::close);
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new IllegalStateException("A connection to Kafka does not close", e);
        }
    }
}
