package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.Ranges;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreType;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.StateStoreProvider;
import org.apache.kafka.streams.state.internals.WrappedStateStore;

/**
 * A state store of the ledger: its name, and how its rows are written. All of them stand in {@link LedgerTopology}.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public final class LedgerStore<K, V> {
    /** What a value is that cannot be read. */
    public static final Object UNREADABLE = new Object() {
        @Override
        public String toString() {
            return "unreadable";
        }
    };

    private static final String NO_KEY = "key ";

    private final String name;
    private final Keys<K> keys;
    private final Serde<V> valueSerde;
    private final Function<V, Object> determined;

    /**
     * How the keys of a store are made.
     *
     * @param ids the ids that a key is made of; the first of them says in which partition the row lies
     * @param key the key that is made of these ids
     */
    record Keys<K>(Serde<K> serde, Function<K, List<String>> ids, Function<List<String>, K> key) {
        static final Keys<String> ONE_ID = new Keys<>(Serdes.String(), List::of, ids -> ids.get(0));
        static final Keys<Bytes> TWO_IDS =
                new Keys<>(Serdes.Bytes(), StoreKeys::both, ids -> StoreKeys.of(ids.get(0), ids.get(1)));
        static final Keys<Bytes> ID_AND_DAY = new Keys<>(
                Serdes.Bytes(),
                StoreKeys::accountAndDay,
                ids -> StoreKeys.ofDay(ids.get(0), LocalDate.parse(ids.get(1))));
        static final Keys<Bytes> PARKED = new Keys<>(Serdes.Bytes(), Parked::ids, Parked::key);
    }

    /**
     * @param name names the changelog topic: a rename is new state
     * @param determined what of a value the facts determine
     */
    LedgerStore(String name, Keys<K> keys, Serde<V> valueSerde, Function<V, Object> determined) {
        this.name = name;
        this.keys = keys;
        this.valueSerde = valueSerde;
        this.determined = determined;
    }

    public String name() {
        return name;
    }

    /** The name of the topic that keeps this store for the ledger with this application id, as Kafka Streams has it. */
    public String changelog(String applicationId) {
        return applicationId + "-" + name + "-changelog";
    }

    /**
     * Asks for the rows of one partition: of its owner only, and not while they are being restored. In their bytes: one that
     * cannot be read must not hide those behind it.
     */
    public StoreQueryParameters<ReadOnlyKeyValueStore<Bytes, byte[]>> queryBytes(int partition) {
        return StoreQueryParameters.fromNameAndType(name, new BytesOfStore()).withPartition(partition);
    }

    /** Kafka Streams has no query for the bytes of a store with serdes, but keeps a store of bytes within it. */
    private static final class BytesOfStore implements QueryableStoreType<ReadOnlyKeyValueStore<Bytes, byte[]>> {
        @Override
        public boolean accepts(StateStore store) {
            return store instanceof WrappedStateStore;
        }

        @Override
        public ReadOnlyKeyValueStore<Bytes, byte[]> create(StateStoreProvider provider, String storeName) {
            Object store = provider.stores(storeName, this).get(0);
            return bytesOf(store);
        }
    }

    @SuppressWarnings("unchecked")
    static KeyValueStore<Bytes, byte[]> bytesOf(Object store) {
        return ((WrappedStateStore<KeyValueStore<Bytes, byte[]>, ?, ?>) store).wrapped();
    }

    /**
     * A row as an auditor compares it.
     *
     * @param ids the ids that its key is made of, for example root and chat; of a key that is none an empty id, which no row
     *     has, and its bytes in hexadecimal
     * @param value what of its value the facts determine; equal rows are {@link Object#equals equal}. {@link #UNREADABLE} if
     *     it is no value of this store
     */
    public record Row(List<String> ids, Object value) {}

    /** The row that these bytes are. */
    public Row row(byte[] key, byte[] value) {
        return new Row(ids(key), value(value));
    }

    /** The bytes of the key that has these {@link Row#ids}. */
    public byte[] key(List<String> ids) {
        if (ids.get(0).isEmpty()) {
            return HexFormat.of().parseHex(ids.get(1).substring(NO_KEY.length()));
        }
        return keys.serde.serializer().serialize(name, keys.key.apply(ids));
    }

    /**
     * The value that these bytes are.
     *
     * @throws SerializationException if they are no value of this store
     */
    public V valueOf(byte[] value) {
        return valueSerde.deserializer().deserialize(name, value);
    }

    /** The bytes that a value is kept in. */
    public byte[] toBytes(V value) {
        return valueSerde.serializer().serialize(name, value);
    }

    private List<String> ids(byte[] key) {
        try {
            List<String> ids = keys.ids.apply(keys.serde.deserializer().deserialize(name, key));
            if (ids.stream().allMatch(Ranges::isId) && Arrays.equals(key(ids), key)) {
                return ids;
            }
        } catch (RuntimeException e) {
            // Whatever it is that reading these bytes stumbles over.
        }
        return List.of("", NO_KEY + HexFormat.of().formatHex(key));
    }

    private Object value(byte[] value) {
        try {
            return determined.apply(valueOf(value));
        } catch (SerializationException e) {
            return UNREADABLE;
        }
    }

    KeyValueStore<K, V> in(ProcessorContext<?, ?> context) {
        return context.getStateStore(name);
    }

    StoreBuilder<KeyValueStore<K, V>> builder() {
        return builder(Stores.persistentKeyValueStore(name));
    }

    StoreBuilder<KeyValueStore<K, V>> builder(KeyValueBytesStoreSupplier bytes) {
        // Uncached, so that a query sees a fold as soon as it is made.
        return Stores.keyValueStoreBuilder(bytes, keys.serde, valueSerde).withCachingDisabled();
    }
}
