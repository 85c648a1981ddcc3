package dev.spendledger.api.query;

import dev.spendledger.api.query.Placement.Holders;
import dev.spendledger.api.query.Reading.Answered;
import dev.spendledger.api.query.Reading.Unavailable;
import dev.spendledger.api.query.StateReader.StoredRow;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.DaySpend;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import dev.spendledger.streams.topology.StoreKeys;
import io.vertx.core.Future;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.utils.Bytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each partition's owner: this instance, or else another one by a single call. Without the word of a fresh owner it
 * looks once more who the owner is, and then takes the newest that there is, marked: of an owner that is stale, or of a copy.
 */
public final class RoutedReader implements LedgerReader {
    private static final Logger log = LoggerFactory.getLogger(RoutedReader.class);
    /** Of those that keep a copy, how many are asked at once. */
    private static final int COPIES_MOST = 2;
    /** How often it is asked once more where nobody has a partition just now: to hand it on takes a moment. */
    private static final int REPEATS_MOST = 2;

    private final StateReader local;
    private final Placement placement;
    private final Peers peers;
    private final Supplier<Future<Void>> pause;

    /** @param pause how long to wait before it is asked once more; not so long that a check is too late */
    public RoutedReader(StateReader local, Placement placement, Peers peers, Supplier<Future<Void>> pause) {
        this.pause = pause;
        this.local = local;
        this.placement = placement;
        this.peers = peers;
    }

    @Override
    public Future<Reading<Lineage>> lineage(String chatId) {
        return one(LedgerTopology.ROOT_BY_CHAT, chatId, utf8(chatId), true);
    }

    @Override
    public Future<Reading<TreeSpend>> tree(String rootChatId) {
        return local.ownTree(partitionOf(rootChatId), rootChatId)
                .<Future<Reading<TreeSpend>>>map(Future::succeededFuture)
                .orElseGet(() -> one(LedgerTopology.SPEND_BY_ROOT, rootChatId, utf8(rootChatId), false));
    }

    @Override
    public Optional<Answered<TreeSpend>> treeInMemory(String rootChatId) {
        return local.ownTreeInMemory(partitionOf(rootChatId), rootChatId);
    }

    @Override
    public Future<Reading<ChatSpend>> member(String rootChatId, String chatId) {
        return one(
                LedgerTopology.SPEND_BY_CHAT,
                rootChatId,
                StoreKeys.of(rootChatId, chatId).get(),
                true);
    }

    @Override
    public Future<Reading<List<Member>>> members(String rootChatId, String afterChatId, int most) {
        return ofTree(LedgerTopology.SPEND_BY_CHAT, rootChatId, afterChatId, most, Member::new);
    }

    @Override
    public Future<Reading<List<Counted>>> messages(String rootChatId, String afterMessageId, int most) {
        return ofTree(LedgerTopology.MESSAGE_REVISIONS, rootChatId, afterMessageId, most, Counted::new);
    }

    /** The rows of a tree in a store whose keys are made of its root and a second id. */
    private <V, T> Future<Reading<List<T>>> ofTree(
            LedgerStore<?, V> store, String rootChatId, String afterId, int most, BiFunction<String, V, T> row) {
        byte[] from = RowRange.successor(StoreKeys.of(rootChatId, afterId).get());
        byte[] next = Bytes.increment(StoreKeys.prefix(rootChatId)).get();
        return ask(
                store,
                rootChatId,
                new RowRange(from, next, most),
                false,
                rows -> Optional.of(rows.stream()
                        .map(stored ->
                                row.apply(StoreKeys.second(Bytes.wrap(stored.key())), store.valueOf(stored.value())))
                        .toList()));
    }

    @Override
    public Optional<Answered<Totals>> accountInMemory(String accountId, LocalDate first, LocalDate next) {
        return local.ownAccountInMemory(partitionOf(accountId), accountId, first, next);
    }

    @Override
    public Future<Reading<Totals>> account(String accountId, LocalDate first, LocalDate next) {
        return local.ownAccount(partitionOf(accountId), accountId, first, next)
                .<Future<Reading<Totals>>>map(Future::succeededFuture)
                .orElseGet(() -> askForAccount(accountId, first, next));
    }

    private Future<Reading<Totals>> askForAccount(String accountId, LocalDate first, LocalDate next) {
        RowRange days = new RowRange(
                StoreKeys.ofDay(accountId, first).get(),
                StoreKeys.ofDay(accountId, next).get(),
                Integer.MAX_VALUE);
        LedgerStore<?, DaySpend> store = LedgerTopology.ACCOUNT_SPEND;
        return ask(
                store,
                accountId,
                days,
                false,
                rows -> Optional.of(rows.stream()
                        .map(row -> store.valueOf(row.value()).totals())
                        .reduce(Totals.ZERO, Totals::and)));
    }

    /** @param lasting whether what a row says is so for ever, as where a chat belongs: then any copy that has it will do */
    private <V> Future<Reading<V>> one(LedgerStore<?, V> store, String id, byte[] key, boolean lasting) {
        return ask(
                store,
                id,
                RowRange.of(key),
                lasting,
                rows -> rows.stream().findFirst().map(row -> store.valueOf(row.value())));
    }

    /** @param id decides the partition */
    private <T> Future<Reading<T>> ask(
            LedgerStore<?, ?> store,
            String id,
            RowRange range,
            boolean lasting,
            Function<List<StoredRow>, Optional<T>> answer) {
        Question question = new Question(store, partitionOf(id), range);
        return ask(() -> question.ask().map(rows -> answer(store, rows, lasting, answer)), REPEATS_MOST);
    }

    private <T> Future<Reading<T>> ask(Supplier<Future<Reading<T>>> question, int repeats) {
        return question.get()
                .compose(reading -> repeats > 0 && isPassing(reading)
                        ? pause.get().compose(later -> ask(question, repeats - 1))
                        : Future.succeededFuture(reading));
    }

    /** Whether the partition is being handed on, or those that have it have only been too slow. */
    private static boolean isPassing(Reading<?> reading) {
        return reading instanceof Unavailable<?> unavailable
                && (unavailable.reason() == DegradedReason.REBALANCING
                        || unavailable.reason() == DegradedReason.OWNER_UNREACHABLE);
    }

    private static <T> Reading<T> answer(
            LedgerStore<?, ?> store,
            Reading<List<StoredRow>> rows,
            boolean lasting,
            Function<List<StoredRow>, Optional<T>> answer) {
        if (rows instanceof Unavailable<List<StoredRow>> unavailable) {
            return new Unavailable<>(unavailable.reason());
        }
        Answered<List<StoredRow>> answered = (Answered<List<StoredRow>>) rows;
        try {
            Optional<T> value = answered.value().flatMap(answer);
            // That a copy lacks a row does not mean that there is none; and one that is still being filled has no sums.
            boolean usable =
                    value.isPresent() && (lasting || answered.freshness().isKnown());
            // Nor does it where one lacks it who may be behind.
            boolean lacking = value.isEmpty() && answered.freshness().doubt().isPresent();
            return lacking || answered.servedBy() == ServedBy.STANDBY && !usable
                    ? new Unavailable<>(doubt(answered))
                    : new Answered<>(value, answered.servedBy(), answered.freshness());
        } catch (SerializationException e) {
            log.warn("A row cannot be read. store={}", store.name(), e);
            return new Unavailable<>(DegradedReason.STORE_ERROR);
        }
    }

    private int partitionOf(String id) {
        return Partitions.of(utf8(id), local.partitions());
    }

    private static byte[] utf8(String id) {
        return id.getBytes(StandardCharsets.UTF_8);
    }

    /** One question to one partition, on its way. */
    private final class Question {
        private final LedgerStore<?, ?> store;
        private final int partition;
        private final RowRange range;

        Question(LedgerStore<?, ?> store, int partition, RowRange range) {
            this.store = store;
            this.partition = partition;
            this.range = range;
        }

        Future<Reading<List<StoredRow>>> ask() {
            if (local.owns(store, partition)) {
                return freshOr(askHere(), Optional.of(placement.self()));
            }
            Optional<URI> owner = holders().owner();
            return askOwner(owner).compose(reading -> freshOr(reading, owner));
        }

        private Future<Reading<List<StoredRow>>> freshOr(Reading<List<StoredRow>> reading, Optional<URI> asked) {
            if (isFresh(reading)) {
                return Future.succeededFuture(reading);
            }
            placement.refresh();
            Optional<URI> owner = holders().owner();
            return owner.equals(asked)
                    ? askCopies(reading, asked)
                    : askOwner(owner)
                            .compose(again -> isFresh(again)
                                    ? Future.succeededFuture(again)
                                    : askCopies(newest(List.of(reading, again)), owner));
        }

        private Future<Reading<List<StoredRow>>> askOwner(Optional<URI> owner) {
            if (owner.isEmpty()) {
                return Future.succeededFuture(new Unavailable<>(DegradedReason.REBALANCING));
            }
            return owner.get().equals(placement.self())
                    ? Future.succeededFuture(askHere())
                    : peers.rows(owner.get(), store, partition, range).map(this::ofPeer);
        }

        /** One of them may be the owner by now, and says so. */
        private Future<Reading<List<StoredRow>>> askCopies(Reading<List<StoredRow>> before, Optional<URI> asked) {
            DegradedReason reason = doubt(before);
            List<Future<Reading<List<StoredRow>>>> asking = Stream.concat(
                            Stream.of(Future.succeededFuture(askHere())),
                            holders().copies().stream()
                                    .filter(copy -> !copy.equals(placement.self()) && !asked.equals(Optional.of(copy)))
                                    .limit(COPIES_MOST)
                                    .map(copy -> peers.rows(copy, store, partition, range)
                                            .map(this::ofPeer)))
                    .toList();
            return Future.all(asking).map(all -> {
                List<Reading<List<StoredRow>>> readings = new ArrayList<>();
                readings.add(before);
                asking.forEach(each -> readings.add(withReason(each.result(), reason)));
                return newest(readings);
            });
        }

        private Reading<List<StoredRow>> askHere() {
            return local.rows(store, partition, range, true);
        }

        private Reading<List<StoredRow>> ofPeer(Reading<List<StoredRow>> reading) {
            return reading instanceof Answered<List<StoredRow>> answered && answered.servedBy() == ServedBy.OWNER
                    ? new Answered<>(answered.value(), ServedBy.PEER, answered.freshness())
                    : reading;
        }

        private Holders holders() {
            return placement.of(store, partition);
        }
    }

    private static boolean isFresh(Reading<?> reading) {
        return reading instanceof Answered<?> answered
                && answered.servedBy().isOwner()
                && answered.freshness().doubt().isEmpty();
    }

    /** Why there is no fresh owner's word. */
    private static DegradedReason doubt(Reading<?> reading) {
        return reading instanceof Unavailable<?> unavailable
                ? unavailable.reason()
                : ((Answered<?>) reading).freshness().doubt().orElse(DegradedReason.REBALANCING);
    }

    /** A copy answers because the owner does not: what counts is why that one does not. */
    private static <T> Reading<T> withReason(Reading<T> reading, DegradedReason reason) {
        return reading instanceof Answered<T> answered && answered.servedBy() == ServedBy.STANDBY
                ? new Answered<>(
                        answered.value(),
                        answered.servedBy(),
                        answered.freshness()
                                .withDoubt(answered.freshness().doubt().map(any -> reason)))
                : reading;
    }

    /** The fresh one, else the newest, else the first that says why there is none. */
    private static <T> Reading<T> newest(List<Reading<T>> readings) {
        return readings.stream()
                .filter(Answered.class::isInstance)
                .map(reading -> (Answered<T>) reading)
                .max(Comparator.comparing((Answered<T> answered) -> isFresh(answered))
                        .thenComparing(answered -> answered.freshness().asOf()))
                .<Reading<T>>map(answered -> answered)
                .orElseGet(() -> readings.get(0));
    }
}
