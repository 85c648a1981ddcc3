package dev.spendledger.streams.topology;

import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * A state store of the ledger: its name, and how its rows are written. All of them stand in {@link LedgerTopology}.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public final class LedgerStore<K, V> {
    private final String name;
    private final Serde<K> keySerde;
    private final Serde<V> valueSerde;
    private final Function<K, List<String>> ids;
    private final Function<V, Object> determined;

    /**
     * @param name names the changelog topic: a rename is new state
     * @param ids the ids that a key is made of
     * @param determined what of a value the facts determine
     */
    LedgerStore(
            String name,
            Serde<K> keySerde,
            Serde<V> valueSerde,
            Function<K, List<String>> ids,
            Function<V, Object> determined) {
        this.name = name;
        this.keySerde = keySerde;
        this.valueSerde = valueSerde;
        this.ids = ids;
        this.determined = determined;
    }

    public String name() {
        return name;
    }

    public Serde<K> keySerde() {
        return keySerde;
    }

    public Serde<V> valueSerde() {
        return valueSerde;
    }

    /** Asks for the rows of one partition: of its owner only, and not while they are being restored. */
    public StoreQueryParameters<ReadOnlyKeyValueStore<K, V>> query(int partition) {
        return StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.<K, V>keyValueStore())
                .withPartition(partition);
    }

    /**
     * A row as an auditor compares it.
     *
     * @param ids the ids that its key is made of, for example root and chat
     * @param value what of its value the facts determine; equal rows are {@link Object#equals equal}
     */
    public record Row(List<String> ids, Object value) {}

    /**
     * The row that these bytes are.
     *
     * @throws org.apache.kafka.common.errors.SerializationException if the value is no row of this store
     */
    public Row row(byte[] key, byte[] value) {
        return new Row(ids(key), determined.apply(valueSerde.deserializer().deserialize(name, value)));
    }

    /** The ids that the bytes of a key are made of. */
    public List<String> ids(byte[] key) {
        return ids.apply(keySerde.deserializer().deserialize(name, key));
    }

    KeyValueStore<K, V> in(ProcessorContext<?, ?> context) {
        return context.getStateStore(name);
    }

    StoreBuilder<KeyValueStore<K, V>> builder() {
        // Uncached, so that a query sees a fold as soon as it is made.
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), keySerde, valueSerde)
                .withCachingDisabled();
    }
}
