package dev.spendledger.benchmarks;

import dev.spendledger.demo.Cluster;
import dev.spendledger.demo.TemporaryFolder;
import dev.spendledger.schemas.Partitions;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeoutException;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A ledger with so many trees, of one instance and then of several, each a process; it loses instances and state, and is
 * asked until every partition has a fresh owner again.
 */
final class RestoreLoad implements AutoCloseable {
    /** A probe asks for another tree each time. */
    static final int TREES_LEAST = 100;

    private static final int PARTITIONS = 4;
    /** Written in the moment of a kill: of an instance that has nothing to do nothing is half done. */
    private static final int AT_THE_KILL = 1_000;

    private static final double MIB = 1 << 20;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String KAFKA_SETTINGS = "LEDGER_KAFKA_";

    private final Path dataDir;
    private final PrintWriter out;
    private final int trees;
    private final int messages;
    private final int instances;
    private final KafkaFolder kafka;
    private final OwnerProbe probe;
    private final Ends ends = new Ends();
    /** Whatever runs at present; null = nothing. */
    private Cluster cluster;

    private int sent;

    /**
     * What one run measured: seconds until every partition had a fresh owner.
     *
     * @param keptSeconds after the start of the only instance, which had stopped and kept its state
     * @param lostSeconds after the same, with its state lost
     * @param killedAloneSeconds after the same, with what a kill had left
     * @param copySeconds after the kill of one of several, with a copy of its state at another
     * @param noCopySeconds after the kill of one of several, without
     * @param changelogsMib all of them, without indexes
     * @param changelogsRecords how many records these have
     * @param noCopyMib the changelogs of the partitions that the killed one owned, without copies
     */
    record Run(
            double keptSeconds,
            double lostSeconds,
            double killedAloneSeconds,
            double copySeconds,
            double noCopySeconds,
            double changelogsMib,
            double changelogsRecords,
            double noCopyMib) {}

    /**
     * @param messages of each tree
     * @param out where it is said that the ledger is right after all of it
     */
    RestoreLoad(Path dataDir, int trees, int messages, int instances, PrintWriter out) {
        this.dataDir = dataDir;
        this.out = out;
        this.trees = trees;
        this.messages = messages;
        this.instances = instances;
        this.kafka = new KafkaFolder(dataDir.resolve("kafka"));
        this.probe = new OwnerProbe(IntStream.range(0, trees)
                .mapToObj(Facts::rootId)
                .collect(Collectors.groupingBy(root -> Partitions.of(root, PARTITIONS))));
    }

    /** Has the trees folded by one instance. */
    void prepare() throws Exception {
        start(1, Map.of("LEDGER_STANDBY_REPLICAS", "0", "LEDGER_READY_WHEN", "caught_up"));
        cluster.stop(1);
        try (Facts facts = new Facts(cluster.bootstrapServers())) {
            facts.trees(0, trees);
            facts.chats(0, trees, trees);
            send(facts, trees * messages);
        }
        cluster.start(1);
        Wait.until("all trees are folded", ends, () -> cluster.isReady(1));
        stop();
    }

    /** Goes through everything once. */
    Run run() throws Exception {
        start(1, Map.of("LEDGER_STANDBY_REPLICAS", "0"));
        awaitOwners();
        double records = changelogRecords();
        cluster.stop(1);
        double kept = secondsOfStart();
        killAtWork(1);
        double killedAlone = secondsOfStart();
        cluster.stop(1);
        loseStates();
        double lost = secondsOfStart();
        stop();

        loseStates();
        start(instances, Map.of("LEDGER_STANDBY_REPLICAS", "0"));
        awaitOwners();
        int victim = greatestOwner();
        List<Integer> orphans = probe.owned(cluster.url(victim));
        double noCopy = secondsAfterKill(victim);
        stop();

        loseStates();
        start(instances, Map.of("LEDGER_STANDBY_REPLICAS", "1"));
        awaitOwners();
        Wait.until("every partition has a copy", ends, () -> probe.allHaveCopies(cluster.urls()));
        int killed = greatestOwner();
        double copy = secondsAfterKill(killed);
        cluster.start(killed);
        Wait.until("the killed instance is back", ends, () -> cluster.isReady(killed));
        Verified.require(dataDir, out);
        stop();
        return new Run(
                kept,
                lost,
                killedAlone,
                copy,
                noCopy,
                changelogsMib(partition -> true),
                records,
                changelogsMib(orphans::contains));
    }

    private void start(int size, Map<String, String> settings) throws Exception {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.keySet().removeIf(name -> name.startsWith("LEDGER_") && !name.startsWith(KAFKA_SETTINGS));
        environment.put("LEDGER_PARTITIONS", "" + PARTITIONS);
        environment.putAll(settings);
        cluster = Cluster.start(environment, OptionalInt.of(0), size, dataDir, ends);
    }

    private void stop() {
        cluster.close();
        cluster = null;
    }

    private void loseStates() throws IOException {
        for (int number = 1; number <= instances; number++) {
            Path state = dataDir.resolve("state-" + number);
            if (Files.exists(state)) {
                new TemporaryFolder(state).close();
            }
        }
    }

    private double secondsOfStart() throws IOException, InterruptedException, TimeoutException {
        long startNanos = System.nanoTime();
        cluster.start(1);
        awaitOwners();
        return secondsSince(startNanos);
    }

    private void killAtWork(int number) throws InterruptedException {
        try (Facts facts = new Facts(cluster.bootstrapServers())) {
            send(facts, AT_THE_KILL);
            cluster.kill(number);
        }
    }

    private void send(Facts facts, int number) {
        facts.messages(sent, sent + number, trees, trees);
        sent += number;
    }

    private double secondsAfterKill(int victim) throws InterruptedException, TimeoutException {
        List<Integer> orphans = probe.owned(cluster.url(victim));
        List<URI> survivors = new ArrayList<>(cluster.urls());
        survivors.remove(cluster.url(victim));
        killAtWork(victim);
        long startNanos = System.nanoTime();
        Wait.until("the dead instance's partitions have owners", ends, () -> probe.haveOwners(orphans, survivors));
        return secondsSince(startNanos);
    }

    private static double secondsSince(long startNanos) {
        return (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
    }

    private void awaitOwners() throws InterruptedException, TimeoutException {
        List<Integer> all = IntStream.range(0, PARTITIONS).boxed().toList();
        Wait.until("every partition has an owner", ends, () -> probe.haveOwners(all, cluster.urls()));
    }

    /** The instance that owns the most partitions. */
    private int greatestOwner() throws InterruptedException {
        int greatest = 0;
        int most = -1;
        for (int number = 1; number <= cluster.size(); number++) {
            int owned = probe.owned(cluster.url(number)).size();
            if (owned > most) {
                greatest = number;
                most = owned;
            }
        }
        return greatest;
    }

    private double changelogsMib(IntPredicate partitions) throws IOException {
        long bytes = 0;
        for (String topic : KafkaFolder.CHANGELOGS) {
            for (int partition :
                    IntStream.range(0, PARTITIONS).filter(partitions).toArray()) {
                bytes += kafka.log(topic, partition).bytes();
            }
        }
        return bytes / MIB;
    }

    private double changelogRecords() {
        List<TopicPartition> partitions = KafkaFolder.CHANGELOGS.stream()
                .flatMap(topic ->
                        IntStream.range(0, PARTITIONS).mapToObj(partition -> new TopicPartition(topic, partition)))
                .toList();
        try (KafkaConsumer<byte[], byte[]> onlooker = new KafkaConsumer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            return sum(onlooker.endOffsets(partitions)) - sum(onlooker.beginningOffsets(partitions));
        }
    }

    private static double sum(Map<TopicPartition, Long> offsets) {
        return offsets.values().stream().mapToLong(offset -> offset).sum();
    }

    @Override
    public void close() {
        if (cluster != null) {
            stop();
        }
    }
}
