package dev.spendledger.api.runtime;

import dev.spendledger.api.query.LocalStores;
import dev.spendledger.api.query.Peers;
import dev.spendledger.api.query.Placement;
import dev.spendledger.api.query.Placement.Holders;
import dev.spendledger.streams.topology.LedgerStore;
import io.vertx.core.Future;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.LagInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows how far the copies have come that this instance keeps of the trees' or the accounts' partitions. Every
 * {@value #PERIOD_MS} ms it asks each owner how far it has come and committed, and then the broker where the changelogs end: a copy that
 * has read up to there has what the owner had. Kafka Streams itself tells only how many records a copy lacks, not of when.
 */
final class CopyProgress implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CopyProgress.class);
    private static final long PERIOD_MS = 500;
    private static final long ASKED_WITHIN_MS = 1_000;
    /** Of a copy that does not catch up, the oldest marks are the ones it may reach. */
    private static final int MARKS_MOST = 120;

    private final KafkaStreams streams;
    private final LocalStores localStores;
    private final Placement placement;
    private final Peers peers;
    private final List<LedgerStore<?, ?>> stores;
    private final Map<Integer, Deque<Mark>> marks = new HashMap<>();
    private final AtomicReferenceArray<Instant> reached;
    /** How far each changelog was read when it was last looked at, by store and partition. */
    private final Map<String, Long> positions = new ConcurrentHashMap<>();

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ledger-copies");
        thread.setDaemon(true);
        return thread;
    });

    /** Where the changelogs of the stores ended when the owner had come as far as this. */
    private record Mark(Instant asOf, Map<String, Long> ends) {}

    /** @param stores those of the trees, or of the accounts */
    CopyProgress(
            KafkaStreams streams,
            LocalStores localStores,
            Placement placement,
            Peers peers,
            List<LedgerStore<?, ?>> stores,
            int partitions) {
        this.localStores = localStores;
        this.streams = streams;
        this.placement = placement;
        this.peers = peers;
        this.stores = stores;
        this.reached = new AtomicReferenceArray<>(partitions);
        timer.scheduleWithFixedDelay(this::lookSafely, PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    /** The time up to which the copy of a partition has every event; empty = there is none, or it is not known. */
    Optional<Instant> asOf(int partition) {
        return Optional.ofNullable(reached.get(partition));
    }

    private void lookSafely() {
        try {
            look();
        } catch (KafkaException | IllegalStateException e) {
            // The broker is away, or the streams are not running: what was reached stays reached.
            log.debug("The progress of the copies is not known just now.", e);
        } catch (RuntimeException e) {
            log.warn("Following the copies failed; it is tried again.", e);
        }
    }

    private void look() {
        Map<Integer, Instant> owners = askOwners();
        for (int partition = 0; partition < reached.length(); partition++) {
            Holders holders = holders(partition);
            if (holders.owner().equals(Optional.of(placement.self()))
                    || !holders.copies().contains(placement.self())) {
                marks.remove(partition); // What it had it still has, as long as it is not emptied.
            }
        }
        Map<String, Map<Integer, LagInfo>> lags = streams.allLocalStorePartitionLags();
        lags.forEach((store, ofStore) -> ofStore.forEach(
                (partition, lag) -> positions.merge(place(store, partition), lag.currentOffsetPosition(), Math::max)));
        stores.forEach(store -> lags.getOrDefault(store.name(), Map.of())
                .keySet()
                .forEach(partition -> localStores.lookFor(store, partition)));
        owners.forEach((partition, asOf) -> mark(partition, asOf, lags));
        marks.forEach((partition, ofPartition) -> advance(partition, ofPartition, lags));
    }

    /** This instance had a partition as its owner, and has given it up: what it keeps is a copy as new as this. */
    void onGivenUp(int partition, Instant asOf) {
        reached.accumulateAndGet(
                partition, asOf, (before, now) -> before == null || now.isAfter(before) ? now : before);
    }

    /** A store that is restored from before where it had been has been emptied: nothing is known of it any more. */
    void onRestoreStart(String store, int partition, long offset) {
        long position = positions.getOrDefault(place(store, partition), 0L);
        // An owner is where its changelog ends, behind the mark of its last transaction; its copy begins before that.
        if (offset < position - 1) {
            reached.set(partition, null);
            positions.put(place(store, partition), offset);
        }
    }

    private static String place(String store, int partition) {
        return store + "/" + partition;
    }

    private Map<Integer, Instant> askOwners() {
        Map<Integer, Future<Optional<Instant>>> asking = new HashMap<>();
        for (int partition = 0; partition < reached.length(); partition++) {
            Holders holders = holders(partition);
            Optional<URI> owner = holders.owner().filter(url -> !url.equals(placement.self()));
            if (owner.isPresent() && holders.copies().contains(placement.self())) {
                asking.put(partition, peers.committedAsOf(owner.get(), stores.get(0), partition));
            }
        }
        Map<Integer, Instant> asOf = new HashMap<>();
        asking.forEach((partition, answer) -> await(answer).ifPresent(known -> asOf.put(partition, known)));
        return asOf;
    }

    private static Optional<Instant> await(Future<Optional<Instant>> answer) {
        try {
            return answer.toCompletionStage().toCompletableFuture().get(ASKED_WITHIN_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Asking an owner failed", e.getCause());
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private void mark(int partition, Instant asOf, Map<String, Map<Integer, LagInfo>> lags) {
        Deque<Mark> ofPartition = marks.computeIfAbsent(partition, any -> new ArrayDeque<>());
        if (ofPartition.size() < MARKS_MOST && isHere(partition, lags)) {
            ofPartition.add(new Mark(
                    asOf,
                    stores.stream()
                            .collect(Collectors.toMap(
                                    LedgerStore::name,
                                    store -> lags.get(store.name())
                                            .get(partition)
                                            .endOffsetPosition()))));
        }
    }

    private void advance(int partition, Deque<Mark> ofPartition, Map<String, Map<Integer, LagInfo>> lags) {
        while (!ofPartition.isEmpty() && isHere(partition, lags) && isReached(ofPartition.peek(), partition, lags)) {
            reached.set(partition, ofPartition.poll().asOf());
        }
    }

    private boolean isReached(Mark mark, int partition, Map<String, Map<Integer, LagInfo>> lags) {
        return stores.stream().allMatch(store -> {
            LagInfo lag = lags.get(store.name()).get(partition);
            // The last thing in a changelog is what ends a transaction, which a copy does not read up to.
            return lag.currentOffsetPosition() >= mark.ends().get(store.name()) - 1;
        });
    }

    private boolean isHere(int partition, Map<String, Map<Integer, LagInfo>> lags) {
        return stores.stream()
                .allMatch(store -> lags.getOrDefault(store.name(), Map.of()).containsKey(partition));
    }

    private Holders holders(int partition) {
        return placement.of(stores.get(0), partition);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
