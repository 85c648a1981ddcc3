package dev.spendledger.api.query;

import dev.spendledger.streams.topology.LedgerStore;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * The stores of the partitions that this instance has. Remembers where it has found them: while a copy becomes the owner's,
 * or the other way round, Kafka Streams has its stores in no list but keeps them open, and just then there may be nobody else
 * to ask. Thread-safe.
 */
public final class LocalStores {
    private final KafkaStreams streams;
    /** As many as there are stores and partitions. */
    private final Map<Place, ReadOnlyKeyValueStore<Bytes, byte[]>> found = new ConcurrentHashMap<>();

    private record Place(String store, int partition) {}

    public LocalStores(KafkaStreams streams) {
        this.streams = streams;
    }

    /**
     * The store of a partition, of the owner only or a copy as well, as the query says.
     *
     * @throws InvalidStateStoreException and others, as {@link KafkaStreams#store}
     */
    ReadOnlyKeyValueStore<Bytes, byte[]> find(StoreQueryParameters<ReadOnlyKeyValueStore<Bytes, byte[]>> query) {
        ReadOnlyKeyValueStore<Bytes, byte[]> store = streams.store(query);
        found.put(new Place(query.storeName(), query.partition()), store);
        return store;
    }

    /** The store of a partition as it was last found, if it is still open. */
    Optional<ReadOnlyKeyValueStore<Bytes, byte[]>> held(LedgerStore<?, ?> store, int partition) {
        return Optional.ofNullable(found.get(new Place(store.name(), partition)))
                .filter(held -> ((StateStore) held).isOpen());
    }

    /** Finds the store of a partition that this instance has a copy of, so that it is known where it is. */
    public void lookFor(LedgerStore<?, ?> store, int partition) {
        try {
            find(store.queryBytes(partition).enableStaleStores());
        } catch (InvalidStateStoreException | IllegalStateException e) {
            return; // It is just being handed on, or has gone.
        }
    }
}
