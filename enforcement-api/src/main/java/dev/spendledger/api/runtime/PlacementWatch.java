package dev.spendledger.api.runtime;

import dev.spendledger.api.http.Health;
import dev.spendledger.api.query.Placement;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.errors.StreamsNotStartedException;
import org.apache.kafka.streams.state.HostInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows from Kafka Streams which instances have which partitions. Asks every {@value #PERIOD_MS} ms, so that no request has
 * to: the question is answered under one lock for all threads.
 *
 * <p>Kafka Streams takes the number of partitions from what the instances say of themselves. Where that leads to another
 * partition than the configured number does, nobody is known to have it: a wrong owner would answer that there is no such row.
 */
final class PlacementWatch implements Placement, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PlacementWatch.class);
    private static final long PERIOD_MS = 100;
    private static final long REFRESHED_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** What Kafka Streams says of an instance without an address. */
    private static final int NO_PORT = 0;

    private final KafkaStreams streams;
    private final URI self;
    private final List<String> probes;
    private final AtomicReferenceArray<Holders> ofTrees;
    private final AtomicReferenceArray<Holders> ofAccounts;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ledger-placement");
        thread.setDaemon(true);
        return thread;
    });
    private volatile String disagreement = "";
    private final AtomicLong refreshedNanos = new AtomicLong(System.nanoTime() - REFRESHED_NANOS);

    /**
     * @param self where this instance listens
     * @param partitions how many partitions the ledger's topics have
     */
    PlacementWatch(KafkaStreams streams, URI self, int partitions) {
        this.streams = streams;
        this.self = self;
        this.probes = IntStream.range(0, partitions)
                .mapToObj(partition -> Partitions.keyOf(partition, partitions))
                .toList();
        this.ofTrees = new AtomicReferenceArray<>(partitions);
        this.ofAccounts = new AtomicReferenceArray<>(partitions);
        timer.scheduleWithFixedDelay(this::lookSafely, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public Holders of(LedgerStore<?, ?> store, int partition) {
        Holders holders = (store == LedgerTopology.ACCOUNT_SPEND ? ofAccounts : ofTrees).get(partition);
        return holders == null ? Holders.NOBODY : holders;
    }

    @Override
    public Set<URI> instances() {
        Stream<URI> others;
        try {
            others = streams.metadataForAllStreamsClients().stream()
                    .map(instance -> url(instance.hostInfo()))
                    .flatMap(Optional::stream);
        } catch (StreamsNotStartedException | IllegalStateException e) {
            others = Stream.empty(); // It has heard of nobody yet, or does not hear any more.
        }
        return Stream.concat(Stream.of(self), others).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public URI self() {
        return self;
    }

    @Override
    public void refresh() {
        long before = refreshedNanos.get();
        long now = System.nanoTime();
        // One of those that ask at once; the others go by what is known.
        if (now - before >= REFRESHED_NANOS && refreshedNanos.compareAndSet(before, now)) {
            lookSafely();
        }
    }

    /** Whether the instances agree on which partition a key is in. */
    Health.Check check() {
        return new Health.Check(
                "placement", disagreement.isEmpty(), disagreement.isEmpty() ? "the instances agree" : disagreement);
    }

    private void lookSafely() {
        try {
            look();
        } catch (StreamsNotStartedException | IllegalStateException e) {
            // Not started yet, or stopped: what was heard last is the best there is.
            log.debug("Kafka Streams does not say who has which partitions.", e);
        } catch (RuntimeException e) {
            log.warn("Finding out who has which partitions failed; it is tried again.", e);
        }
    }

    private void look() {
        refreshedNanos.set(System.nanoTime());
        String found = "";
        for (int partition = 0; partition < probes.size(); partition++) {
            KeyQueryMetadata trees = ask(LedgerTopology.SPEND_BY_ROOT, partition);
            KeyQueryMetadata accounts = ask(LedgerTopology.ACCOUNT_SPEND, partition);
            for (KeyQueryMetadata each : List.of(trees, accounts)) {
                if (isKnown(each) && each.partition() != partition) {
                    found = "the instances do not agree on the number of partitions, or one has no address:"
                            + " a key of partition " + partition + " is taken for one of partition "
                            + each.partition();
                }
            }
            ofTrees.set(partition, holders(trees, partition, ofTrees.get(partition)));
            ofAccounts.set(partition, holders(accounts, partition, ofAccounts.get(partition)));
        }
        if (!found.equals(disagreement) && !found.isEmpty()) {
            log.error(
                    "The instances do not agree, and nobody's word is taken for what they do not agree on. {}", found);
        }
        disagreement = found;
    }

    private KeyQueryMetadata ask(LedgerStore<?, ?> store, int partition) {
        KeyQueryMetadata found =
                streams.queryMetadataForKey(store.name(), probes.get(partition), new StringSerializer());
        return found == null ? KeyQueryMetadata.NOT_AVAILABLE : found;
    }

    private static boolean isKnown(KeyQueryMetadata found) {
        return !found.equals(KeyQueryMetadata.NOT_AVAILABLE) && found.partition() >= 0;
    }

    /** @param before who had it; while it is handed over nobody is named, and they have the newest of it */
    private Holders holders(KeyQueryMetadata found, int partition, Holders before) {
        if (!isKnown(found)) {
            return before;
        }
        if (found.partition() != partition) {
            return Holders.NOBODY;
        }
        Set<URI> copies = found.standbyHosts().stream()
                .map(this::url)
                .flatMap(Optional::stream)
                .collect(Collectors.toUnmodifiableSet());
        Optional<URI> owner = url(found.activeHost());
        return owner.isEmpty() && before != null ? before : new Holders(owner, copies);
    }

    /** All instances speak as this one does: an address is host and port only. */
    private Optional<URI> url(HostInfo host) {
        return host == null || host.port() <= NO_PORT
                ? Optional.empty()
                : Optional.of(URI.create(self.getScheme() + "://" + host.host() + ":" + host.port()));
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
