package dev.spendledger.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.Placement;
import dev.spendledger.api.query.RankedTree;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.RowRange;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.query.StateReader;
import dev.spendledger.api.query.StateReader.StoredRow;
import dev.spendledger.api.query.TopList;
import dev.spendledger.api.query.TreeOrder;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What instances ask each other, and the ledger's own tools ask an instance, under {@code /internal}. No contract for anybody
 * else: it changes with the state.
 */
final class InternalRoutes {
    /** What all of their paths begin with. */
    static final String PREFIX = "/internal/";

    /**
     * The rows of a store's partition that this instance has, from the key {@code from} on and before the key {@code next}
     * (base64url of their bytes), {@code most} at most; with {@code copy=true} also those of a copy.
     */
    static final String STATE_PATH = PREFIX + "state/:store/:partition";
    /** How far a partition of a store has come that this instance owns, of which all is committed. */
    static final String PROGRESS_PATH = PREFIX + "progress/:store/:partition";
    /** The greatest trees that this instance owns, as {@link RowReply rows} of the store of the trees. */
    static final String TOP_TREES_PATH = PREFIX + "top-trees/:order";
    /** Who this instance is. */
    static final String INSTANCE_PATH = PREFIX + "instance";
    /** The most rows of one reply: one more than a page of chats may have. */
    private static final int ROWS_MAX = 1_001;

    private static final Base64.Encoder TO_BASE64 = Base64.getUrlEncoder().withoutPadding();

    private InternalRoutes() {}

    /** A row of a store, its key and value in base64url. */
    record RowReply(String key, String value) {
        static RowReply of(StoredRow row) {
            return new RowReply(TO_BASE64.encodeToString(row.key()), TO_BASE64.encodeToString(row.value()));
        }
    }

    /**
     * What a partition answered.
     *
     * @param unavailable why it did not; null = it did
     * @param owner where its owner listens, as far as this instance knows; only where it did not answer
     * @param rows in the order of their keys; none = there are no more. Null = it did not answer
     */
    record RowsReply(
            String unavailable,
            String owner,
            String servedBy,
            String asOf,
            Long lagMs,
            String doubt,
            List<RowReply> rows) {
        static RowsReply of(Reading<List<StoredRow>> reading, Optional<URI> owner) {
            if (reading instanceof Reading.Answered<List<StoredRow>> answered) {
                Freshness freshness = answered.freshness();
                return new RowsReply(
                        null,
                        null,
                        answered.servedBy().code(),
                        Json.time(freshness.asOf()),
                        freshness.lagMs(),
                        freshness.doubt().map(DegradedReason::code).orElse(null),
                        answered.value().orElseThrow().stream()
                                .map(RowReply::of)
                                .toList());
            }
            return new RowsReply(
                    ((Reading.Unavailable<?>) reading).reason().code(),
                    owner.map(URI::toString).orElse(null),
                    null,
                    null,
                    null,
                    null,
                    null);
        }
    }

    /**
     * The greatest trees.
     *
     * @param rows the greatest first
     * @param partitions those of which all trees were looked at
     */
    record TopTreesReply(List<RowReply> rows, Set<Integer> partitions) {
        static TopTreesReply of(TopList top) {
            return new TopTreesReply(
                    top.trees().stream()
                            .map(ranked -> RowReply.of(new StoredRow(
                                    ranked.rootChatId().getBytes(StandardCharsets.UTF_8),
                                    LedgerTopology.SPEND_BY_ROOT.toBytes(ranked.tree()))))
                            .toList(),
                    top.partitions());
        }
    }

    /** @param asOf null = it is not known */
    record ProgressReply(String asOf) {}

    /** @param instance a name that no other process has */
    record InstanceReply(String instance) {}

    static String statePath(LedgerStore<?, ?> store, int partition, RowRange range) {
        return PREFIX + "state/" + store.name() + "/" + partition
                + "?from=" + TO_BASE64.encodeToString(range.from())
                + "&next=" + TO_BASE64.encodeToString(range.next())
                + "&most=" + Math.min(range.most(), ROWS_MAX)
                + "&copy=true";
    }

    static RowsReply rows(
            StateReader state, Placement placement, String storeName, String partitionText, MultiMap query) {
        LedgerStore<?, ?> store = store(storeName);
        RowRange range = new RowRange(
                bytes("from", query.get("from")), bytes("next", query.get("next")), most(query.get("most")));
        int partition = partition(partitionText, state.partitions());
        return RowsReply.of(
                state.rows(store, partition, range, "true".equals(query.get("copy"))),
                placement.of(store, partition).owner());
    }

    /**
     * What a peer's reply says.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Reading<List<StoredRow>> reading(Buffer body) {
        try {
            JsonNode reply = Json.read(body);
            if (reply.hasNonNull("unavailable")) {
                return new Reading.Unavailable<>(reason(reply.get("unavailable")));
            }
            List<StoredRow> rows = rows(reply);
            return new Reading.Answered<>(
                    Optional.of(rows),
                    ServedBy.valueOf(reply.required("served_by").textValue().toUpperCase(Locale.ROOT)),
                    new Freshness(
                            Instant.parse(reply.required("as_of").textValue()),
                            reply.required("lag_ms").longValue(),
                            Optional.ofNullable(reply.get("doubt")).map(InternalRoutes::reason)));
        } catch (ApiException | DateTimeException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static List<StoredRow> rows(JsonNode reply) {
        List<StoredRow> rows = new ArrayList<>();
        for (JsonNode row : reply.required("rows")) {
            rows.add(new StoredRow(
                    bytes("key", row.required("key").textValue()),
                    bytes("value", row.required("value").textValue())));
        }
        return rows;
    }

    static String topTreesPath(TreeOrder order) {
        return PREFIX + "top-trees/" + order.code();
    }

    static TreeOrder order(String code) {
        return Stream.of(TreeOrder.values())
                .filter(order -> order.code().equals(code))
                .findFirst()
                .orElseThrow(() -> ApiException.invalid("order", "must be spent or rate"));
    }

    /**
     * What a peer's reply says.
     *
     * @throws IllegalArgumentException if it is none
     */
    static TopList topTrees(Buffer body) {
        try {
            JsonNode reply = Json.read(body);
            Set<Integer> partitions = new HashSet<>();
            reply.required("partitions").forEach(partition -> partitions.add(partition.intValue()));
            return new TopList(
                    rows(reply).stream()
                            .map(row -> new RankedTree(
                                    new String(row.key(), StandardCharsets.UTF_8),
                                    LedgerTopology.SPEND_BY_ROOT.valueOf(row.value())))
                            .toList(),
                    partitions);
        } catch (ApiException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    static ProgressReply progress(StateReader state, String storeName, String partitionText) {
        return new ProgressReply(state.committedAsOf(store(storeName), partition(partitionText, state.partitions()))
                .map(Json::time)
                .orElse(null));
    }

    static String progressPath(LedgerStore<?, ?> store, int partition) {
        return PREFIX + "progress/" + store.name() + "/" + partition;
    }

    /**
     * What a peer's reply says.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Optional<Instant> committedAsOf(Buffer body) {
        try {
            return Optional.ofNullable(Json.read(body).get("as_of")).map(asOf -> Instant.parse(asOf.textValue()));
        } catch (ApiException | DateTimeException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static LedgerStore<?, ?> store(String name) {
        return LedgerTopology.STORES.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> ApiException.invalid("store", "must be the name of a store of the ledger"));
    }

    private static DegradedReason reason(JsonNode code) {
        return DegradedReason.valueOf(code.textValue().toUpperCase(Locale.ROOT));
    }

    private static int partition(String text, int partitions) {
        if (!text.matches("\\d{1,5}") || Integer.parseInt(text) >= partitions) {
            throw ApiException.invalid("partition", "must be from 0 to " + (partitions - 1));
        }
        return Integer.parseInt(text);
    }

    private static int most(String text) {
        if (text == null) {
            return ROWS_MAX;
        }
        if (!text.matches("[1-9]\\d{0,3}") || Integer.parseInt(text) > ROWS_MAX) {
            throw ApiException.invalid("most", "must be from 1 to " + ROWS_MAX);
        }
        return Integer.parseInt(text);
    }

    private static byte[] bytes(String name, String base64) {
        try {
            return base64 == null ? new byte[0] : Base64.getUrlDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(name, "must be base64url");
        }
    }
}
