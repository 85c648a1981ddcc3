package dev.spendledger.api.query;

import dev.spendledger.schemas.Partitions;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import dev.spendledger.streams.topology.StoreKeys;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.StreamsNotStartedException;
import org.apache.kafka.streams.errors.StreamsStoppedException;
import org.apache.kafka.streams.errors.UnknownStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the partitions that this instance owns, strictly: the active store of exactly that partition, or nothing. By IQv1
 * with {@code withPartition}: without it a partition that has moved away reads as empty, and IQv2 deadlocks in Kafka 4.3.1.
 * The reads are dirty: what they show may not be committed yet, which for a limiter errs to the right side.
 */
public final class LocalReader implements LedgerReader, StateReader {
    private static final Logger log = LoggerFactory.getLogger(LocalReader.class);

    private final KafkaStreams streams;
    private final int partitions;
    private final IntFunction<Freshness> freshness;
    private final IntFunction<Freshness> freshnessOfAccounts;

    /**
     * @param partitions how many partitions the ledger's topics have
     * @param freshness tells how far a partition of the trees has come
     * @param freshnessOfAccounts tells the same of the accounts
     */
    public LocalReader(
            KafkaStreams streams,
            int partitions,
            IntFunction<Freshness> freshness,
            IntFunction<Freshness> freshnessOfAccounts) {
        this.streams = streams;
        this.partitions = partitions;
        this.freshness = freshness;
        this.freshnessOfAccounts = freshnessOfAccounts;
    }

    @Override
    public Future<Reading<Lineage>> lineage(String chatId) {
        return read(chatId, LedgerTopology.ROOT_BY_CHAT::query, store -> Optional.ofNullable(store.get(chatId)));
    }

    @Override
    public Future<Reading<TreeSpend>> tree(String rootChatId) {
        return read(
                rootChatId, LedgerTopology.SPEND_BY_ROOT::query, store -> Optional.ofNullable(store.get(rootChatId)));
    }

    @Override
    public Future<Reading<ChatSpend>> member(String rootChatId, String chatId) {
        Bytes key = StoreKeys.of(rootChatId, chatId);
        return read(rootChatId, LedgerTopology.SPEND_BY_CHAT::query, store -> Optional.ofNullable(store.get(key)));
    }

    @Override
    public Future<Reading<List<Member>>> members(String rootChatId, String afterChatId, int most) {
        return read(
                rootChatId,
                LedgerTopology.SPEND_BY_CHAT::query,
                store -> Optional.of(members(store, rootChatId, afterChatId, most)));
    }

    @Override
    public Future<Reading<Totals>> account(String accountId, LocalDate first, LocalDate next) {
        return read(
                accountId,
                LedgerTopology.ACCOUNT_SPEND::query,
                freshnessOfAccounts,
                store -> Optional.of(sum(store, accountId, first, next)));
    }

    private static Totals sum(
            ReadOnlyKeyValueStore<Bytes, Totals> store, String accountId, LocalDate first, LocalDate next) {
        Totals sum = Totals.ZERO;
        // A range includes where it ends.
        try (KeyValueIterator<Bytes, Totals> days =
                store.range(StoreKeys.ofDay(accountId, first), StoreKeys.ofDay(accountId, next.minusDays(1)))) {
            while (days.hasNext()) {
                sum = sum.and(days.next().value);
            }
        }
        return sum;
    }

    private static List<Member> members(
            ReadOnlyKeyValueStore<Bytes, ChatSpend> store, String rootChatId, String afterChatId, int most) {
        Bytes from = StoreKeys.of(rootChatId, afterChatId);
        Bytes end = Bytes.increment(StoreKeys.prefix(rootChatId));
        List<Member> members = new ArrayList<>();
        try (KeyValueIterator<Bytes, ChatSpend> rows = store.range(from, end)) {
            while (members.size() < most && rows.hasNext()) {
                KeyValue<Bytes, ChatSpend> row = rows.next();
                if (!row.key.equals(from)) { // A range includes where it begins.
                    members.add(new Member(StoreKeys.second(row.key), row.value));
                }
            }
        }
        return members;
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public Reading<List<StoredRow>> rows(LedgerStore<?, ?> store, int partition, byte[] from, int most) {
        IntFunction<Freshness> comeSoFar = store == LedgerTopology.ACCOUNT_SPEND ? freshnessOfAccounts : freshness;
        return readStrictly(
                partition, store.queryBytes(partition), comeSoFar, rows -> Optional.of(rows(rows, from, most)));
    }

    private static List<StoredRow> rows(ReadOnlyKeyValueStore<Bytes, byte[]> store, byte[] from, int most) {
        List<StoredRow> found = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> rows = store.range(from.length == 0 ? null : Bytes.wrap(from), null)) {
            while (found.size() < most && rows.hasNext()) {
                KeyValue<Bytes, byte[]> row = rows.next();
                found.add(new StoredRow(row.key.get(), row.value));
            }
        }
        return found;
    }

    private <S, T> Future<Reading<T>> read(
            String key, IntFunction<StoreQueryParameters<S>> query, Function<S, Optional<T>> get) {
        return read(key, query, freshness, get);
    }

    private <S, T> Future<Reading<T>> read(
            String key,
            IntFunction<StoreQueryParameters<S>> query,
            IntFunction<Freshness> comeSoFar,
            Function<S, Optional<T>> get) {
        int partition = Partitions.of(key.getBytes(StandardCharsets.UTF_8), partitions);
        return Future.succeededFuture(readStrictly(partition, query.apply(partition), comeSoFar, get));
    }

    private <S, T> Reading<T> readStrictly(
            int partition,
            StoreQueryParameters<S> query,
            IntFunction<Freshness> comeSoFar,
            Function<S, Optional<T>> get) {
        try {
            Optional<T> value = get.apply(streams.store(query));
            return new Reading.Answered<>(value, ServedBy.OWNER, comeSoFar.apply(partition));
        } catch (StreamsNotStartedException e) {
            return new Reading.Unavailable<>(DegradedReason.STARTING);
        } catch (UnknownStateStoreException e) {
            throw e; // A bug: the graph has no such store.
        } catch (StreamsStoppedException e) {
            return new Reading.Unavailable<>(DegradedReason.STORE_ERROR);
        } catch (InvalidStateStoreException e) {
            return new Reading.Unavailable<>(DegradedReason.REBALANCING);
        } catch (RuntimeException e) {
            log.warn("Reading a state store failed. partition={}", partition, e);
            return new Reading.Unavailable<>(DegradedReason.STORE_ERROR);
        }
    }
}
