package dev.spendledger.api.http;

import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.StateReader;
import dev.spendledger.api.query.StateReader.StoredRow;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import java.util.Base64;
import java.util.List;

/**
 * What the ledger's own tools ask an instance, under {@code /internal}. No contract for anybody else: it changes with the
 * state.
 */
final class InternalRoutes {
    /** The rows of a store's partition, from the key {@code from} (base64url of its bytes) on, {@code most} at most. */
    static final String STATE_PATH = "/internal/state/:store/:partition";
    /** The most rows of one reply. */
    private static final int ROWS_MAX = 1_000;

    private InternalRoutes() {}

    /** A row of a store, its key and value in base64url. */
    record RowReply(String key, String value) {
        private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

        static RowReply of(StoredRow row) {
            return new RowReply(BASE64.encodeToString(row.key()), BASE64.encodeToString(row.value()));
        }
    }

    /** Rows in the order of their keys; none = there are no more. */
    record RowsReply(List<RowReply> rows) {}

    static RowsReply rows(StateReader state, String storeName, String partition, String from, String most) {
        LedgerStore<?, ?> store = LedgerTopology.STORES.stream()
                .filter(candidate -> candidate.name().equals(storeName))
                .findFirst()
                .orElseThrow(() -> ApiException.invalid("store", "must be the name of a store of the ledger"));
        Reading<List<StoredRow>> reading =
                state.rows(store, partition(partition, state.partitions()), bytes(from), most(most));
        if (reading instanceof Reading.Answered<List<StoredRow>> answered) {
            return new RowsReply(
                    answered.value().orElseThrow().stream().map(RowReply::of).toList());
        }
        throw ApiException.lookupFailed(
                ((Reading.Unavailable<?>) reading).reason().code());
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

    private static byte[] bytes(String base64) {
        try {
            return base64 == null ? new byte[0] : Base64.getUrlDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("from", "must be base64url");
        }
    }
}
