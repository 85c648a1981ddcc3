package dev.spendledger.benchmarks;

import dev.spendledger.demo.Cluster;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeoutException;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.BytesDeserializer;
import org.apache.kafka.common.utils.Bytes;
import org.rocksdb.RocksDBException;

/**
 * A broker and an instance in a process of its own. Facts are added while the instance is down; then it starts, catches up,
 * stops, and what lies on the disk is measured.
 */
final class SizingLoad implements AutoCloseable {
    private static final int PARTITIONS = 4;
    private static final int INSTANCE = 1;
    /** Enough to have the caches of the instance filled. */
    private static final int CHECKS_MOST = 20_000;

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Map<String, String> SETTINGS = Map.of(
            "LEDGER_PARTITIONS", "" + PARTITIONS,
            "LEDGER_STANDBY_REPLICAS", "0",
            "LEDGER_READY_WHEN", "caught_up");
    private static final TopicNames NAMES = new TopicNames("");
    private static final List<String> FACTS =
            Stream.of(Topic.CHATS, Topic.PRICED_MESSAGES).map(NAMES::of).toList();
    private static final List<String> ROUTED = Stream.of(Topic.values())
            .filter(Topic::deletedOnceRead)
            .map(NAMES::of)
            .toList();
    private static final Pattern KIB = Pattern.compile("(?m)^(VmRSS|VmHWM):\\s+(\\d+) kB$");
    private static final Pattern HEAP =
            Pattern.compile("(?m)^jvm_memory_(used|max)_bytes\\{area=\"heap\",[^}]*} ([-0-9.E]+)$");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Cluster cluster;
    private final Ends ends;
    private final KafkaFolder kafka;
    private final StateFolder state;
    private final Facts facts;
    private int trees;
    private int chats;
    private int messages;
    private OnDisk before;

    /**
     * What one more of something takes, in bytes.
     *
     * @param facts of the topics of facts
     * @param state of the instance's folder, compacted
     * @param changelogs as written
     * @param changelogsCompacted of these, the last record of each key
     * @param routed of what the ledger says to itself, which is deleted once it is read
     * @param stateBeforeToAfter by how much the whole folder was larger before it was compacted
     */
    record Sizes(
            double facts,
            double state,
            double changelogs,
            double changelogsCompacted,
            double routed,
            double stateBeforeToAfter) {}

    /**
     * What an instance takes.
     *
     * @param residentBytes of the whole process now
     * @param residentMostBytes the most it has ever had
     * @param heapUsedBytes of its heap, garbage included
     * @param heapMaxBytes what its heap may grow to
     */
    record Memory(double residentBytes, double residentMostBytes, double heapUsedBytes, double heapMaxBytes) {}

    private record OnDisk(
            double facts, double stateAsLeft, double state, double changelogs, double compacted, double routed) {
        Sizes per(int number, OnDisk earlier) {
            ToDoubleFunction<ToDoubleFunction<OnDisk>> growth =
                    part -> (part.applyAsDouble(this) - part.applyAsDouble(earlier)) / number;
            return new Sizes(
                    growth.applyAsDouble(OnDisk::facts),
                    growth.applyAsDouble(OnDisk::state),
                    growth.applyAsDouble(OnDisk::changelogs),
                    growth.applyAsDouble(OnDisk::compacted),
                    growth.applyAsDouble(OnDisk::routed),
                    stateAsLeft / state);
        }
    }

    private SizingLoad(Cluster cluster, Ends ends, Path dataDir) {
        this.cluster = cluster;
        this.ends = ends;
        this.kafka = new KafkaFolder(dataDir.resolve("kafka"));
        this.state = new StateFolder(dataDir.resolve("state-" + INSTANCE));
        this.facts = new Facts(cluster.bootstrapServers());
    }

    /** Starts both on a folder in which nothing is. */
    static SizingLoad start(Path dataDir) throws Exception {
        Ends ends = new Ends();
        return new SizingLoad(Cluster.start(SETTINGS, OptionalInt.of(0), INSTANCE, dataDir, ends), ends, dataDir);
    }

    /** Measures what is there before anything is added. */
    void prepare() throws Exception {
        cluster.stop(INSTANCE);
        before = measure();
    }

    /** Adds trees, a root each. */
    Sizes addTrees(int number) throws Exception {
        facts.trees(trees, trees + number);
        trees += number;
        return fold(number);
    }

    /** Adds chats below the roots. */
    Sizes addChats(int number) throws Exception {
        facts.chats(chats, chats + number, trees);
        chats += number;
        return fold(number);
    }

    /** Adds messages to the chats below the roots. */
    Sizes addMessages(int number) throws Exception {
        facts.messages(messages, messages + number, trees, chats);
        messages += number;
        return fold(number);
    }

    private Sizes fold(int number) throws Exception {
        startCaughtUp();
        cluster.stop(INSTANCE);
        OnDisk now = measure();
        Sizes sizes = now.per(number, before);
        before = now;
        return sizes;
    }

    private void startCaughtUp() throws IOException, InterruptedException, TimeoutException {
        cluster.start(INSTANCE);
        Wait.until("the instance has caught up", ends, () -> cluster.isReady(INSTANCE));
    }

    private OnDisk measure() throws IOException, RocksDBException {
        double asLeft = state.bytes();
        state.compact();
        try (KafkaConsumer<Bytes, Bytes> reader = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        cluster.bootstrapServers(),
                        "auto.offset.reset",
                        "earliest",
                        "isolation.level",
                        "read_committed"),
                new BytesDeserializer(),
                new BytesDeserializer())) {
            double written = 0;
            double compacted = 0;
            for (String topic : KafkaFolder.CHANGELOGS) {
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    double bytes = written(reader, topic, partition);
                    written += bytes;
                    compacted += bytes * shareOfLast(reader, new TopicPartition(topic, partition));
                }
            }
            return new OnDisk(
                    written(reader, FACTS), asLeft, state.bytes(), written, compacted, written(reader, ROUTED));
        }
    }

    private double written(KafkaConsumer<Bytes, Bytes> reader, List<String> topics) throws IOException {
        double bytes = 0;
        for (String topic : topics) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                bytes += written(reader, topic, partition);
            }
        }
        return bytes;
    }

    /** All that was ever appended, also if the beginning of it is gone: then by what the rest takes. */
    private double written(KafkaConsumer<Bytes, Bytes> reader, String topic, int partition) throws IOException {
        TopicPartition place = new TopicPartition(topic, partition);
        long end = reader.endOffsets(List.of(place)).get(place);
        KafkaFolder.Log log = kafka.log(topic, partition);
        return end == log.beginning() ? 0 : (double) log.bytes() * end / (end - log.beginning());
    }

    /** Which part of the bytes of a changelog are the last words on their keys: what compaction leaves in the end. */
    private static double shareOfLast(KafkaConsumer<Bytes, Bytes> reader, TopicPartition changelog) {
        long end = reader.endOffsets(List.of(changelog)).get(changelog);
        reader.assign(List.of(changelog));
        reader.seekToBeginning(List.of(changelog));
        Map<Bytes, Integer> last = new HashMap<>();
        long all = 0;
        while (reader.position(changelog) < end) {
            ConsumerRecords<Bytes, Bytes> records = reader.poll(POLL);
            for (ConsumerRecord<Bytes, Bytes> record : records) {
                int size = record.serializedKeySize() + Math.max(0, record.serializedValueSize());
                all += size;
                if (record.value() == null) {
                    last.remove(record.key());
                } else {
                    last.put(record.key(), size);
                }
            }
        }
        return all == 0 ? 0 : last.values().stream().mapToLong(size -> size).sum() / (double) all;
    }

    /** Of the instance with all that was added, after checks of many trees; empty where the system does not tell. */
    Optional<Memory> memory() throws IOException, InterruptedException, TimeoutException {
        startCaughtUp();
        URI url = cluster.url(INSTANCE);
        for (int tree : IntStream.range(0, Math.min(trees, CHECKS_MOST)).toArray()) {
            HttpResponse<Void> check = http.send(
                    HttpRequest.newBuilder(url.resolve("/v1/chats/" + Facts.rootId(tree) + "/check"))
                            .POST(BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.discarding());
            if (check.statusCode() != 200) {
                throw new IOException("The check of tree " + tree + " is answered with " + check.statusCode());
            }
        }
        long pid = cluster.process(INSTANCE).orElseThrow().pid();
        Path status = Path.of("/proc/" + pid + "/status"); // Linux has it.
        if (!Files.exists(status)) {
            return Optional.empty();
        }
        Map<String, Double> kib = sums(KIB, Files.readString(status));
        Map<String, Double> heap = sums(
                HEAP,
                http.send(HttpRequest.newBuilder(url.resolve("/metrics")).build(), BodyHandlers.ofString())
                        .body());
        return Optional.of(
                new Memory(kib.get("VmRSS") * 1_024, kib.get("VmHWM") * 1_024, heap.get("used"), heap.get("max")));
    }

    /** What a pattern's second group says in all matches with the same first group; -1, which stands for no bound, is left out. */
    private static Map<String, Double> sums(Pattern pattern, String text) {
        Map<String, Double> sums = new HashMap<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            sums.merge(matcher.group(1), Math.max(0, Double.parseDouble(matcher.group(2))), Double::sum);
        }
        return sums;
    }

    @Override
    public void close() {
        try (cluster) {
            facts.close();
        }
    }
}
