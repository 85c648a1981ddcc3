package dev.spendledger.benchmarks;

import dev.spendledger.api.runtime.Setting;
import dev.spendledger.embedded.EmbeddedKafka;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What plain clients can do with the very messages that the ledger folds, on a broker of their own in this process and with
 * one thread: what no fold on this machine could exceed. Their batches are larger than the ledger's.
 */
final class PlainClients implements AutoCloseable {
    private static final String MESSAGES = new TopicNames("").of(Topic.PRICED_MESSAGES);
    private static final String COPY = "copy";
    private static final String GROUP = "bench";
    private static final Duration POLL = Duration.ofMillis(10);
    private static final int RECORDS_MOST = 5_000;
    private static final int BATCH_BYTES = 256 * 1_024;
    private static final long COMMIT_INTERVAL_MS =
            Long.parseLong(Setting.COMMIT_INTERVAL_MS.defaultValue().orElseThrow());
    private static final List<TopicPartition> PLACES = IntStream.range(0, FoldLoad.PARTITIONS)
            .mapToObj(partition -> new TopicPartition(MESSAGES, partition))
            .toList();

    private final EmbeddedKafka kafka;
    private final int events;

    /**
     * Starts the broker on a folder in which nothing is.
     *
     * @param events how many messages there are to be
     */
    PlainClients(Path dataDir, int events) {
        this.kafka = EmbeddedKafka.start(dataDir);
        this.events = events;
    }

    /** Writes the messages, spread over trees. */
    void prepare(int trees) throws InterruptedException, ExecutionException {
        try (Admin admin =
                Admin.create(Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, (Object) kafka.bootstrapServers()))) {
            admin.createTopics(Stream.of(MESSAGES, COPY)
                            .map(name -> new NewTopic(name, FoldLoad.PARTITIONS, (short) 1)
                                    .configs(Topic.PRICED_MESSAGES.setup()))
                            .toList())
                    .all()
                    .get();
        }
        try (Facts facts = new Facts(kafka.bootstrapServers())) {
            facts.messages(0, events, trees, trees * FoldLoad.CHATS_PER_TREE, Keyed.HOME);
        }
    }

    /** Reads and decodes all messages, and does nothing with them. */
    Pace consumeAndDecode() {
        try (KafkaConsumer<String, SpecificRecord> consumer = consumer()) {
            Pace pace = Pace.start(events);
            long read = 0;
            while (!pace.isDone()) {
                read += consumer.poll(POLL).count();
                pace.look(read);
            }
            return pace;
        }
    }

    /**
     * Reads and decodes all messages, and writes each again to another topic, in transactions with the offsets it has read to,
     * one each commit interval of the ledger.
     */
    Pace transactions() {
        try (KafkaConsumer<String, SpecificRecord> consumer = consumer();
                KafkaProducer<String, SpecificRecord> producer = producer()) {
            producer.initTransactions();
            Pace pace = Pace.start(events);
            long done = 0;
            while (!pace.isDone()) {
                long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(COMMIT_INTERVAL_MS);
                Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                producer.beginTransaction();
                while (done < events && System.nanoTime() - endNanos < 0) {
                    ConsumerRecords<String, SpecificRecord> records = consumer.poll(POLL);
                    for (ConsumerRecord<String, SpecificRecord> record : records) {
                        producer.send(new ProducerRecord<>(COPY, record.key(), record.value()));
                    }
                    offsets.putAll(records.nextOffsets());
                    done += records.count();
                }
                producer.sendOffsetsToTransaction(offsets, new ConsumerGroupMetadata(GROUP));
                producer.commitTransaction(); // Throws if any of them could not be written.
                pace.look(done);
            }
            return pace;
        }
    }

    private KafkaConsumer<String, SpecificRecord> consumer() {
        KafkaConsumer<String, SpecificRecord> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka.bootstrapServers(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        RECORDS_MOST),
                new StringDeserializer(),
                new EventSerde(new BundledRegistry()).deserializer());
        consumer.assign(PLACES);
        consumer.seekToBeginning(PLACES);
        return consumer;
    }

    private KafkaProducer<String, SpecificRecord> producer() {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka.bootstrapServers(),
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        GROUP,
                        ProducerConfig.LINGER_MS_CONFIG,
                        COMMIT_INTERVAL_MS,
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        BATCH_BYTES),
                new StringSerializer(),
                new EventSerde(new BundledRegistry()).serializer());
    }

    @Override
    public void close() {
        kafka.close();
    }
}
