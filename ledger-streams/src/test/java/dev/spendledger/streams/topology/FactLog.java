package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.LimitFact;
import dev.spendledger.streams.domain.LogFold;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/** All facts that were ever appended, folded beside the ledger by the domain's rules alone, to compare the two. */
final class FactLog implements FactReader.Receiver<Void> {
    private final FactReader reader;
    private final LogFold<Fingerprint> fold = new LogFold<>();
    private final Map<RecordId, RejectReason> rejected = new HashMap<>();

    FactLog(FactReader reader) {
        this.reader = reader;
    }

    void append(Source source) {
        try {
            reader.read(source, this);
        } catch (RejectedRecordException e) {
            rejected.put(source.id(), e.rejection().reason());
        }
    }

    @Override
    public Void onChat(ChatFact chat, Source source) {
        fold.accept(chat, Fingerprint.of(source));
        return null;
    }

    @Override
    public Void onLimit(LimitFact limit, Source source) {
        fold.accept(limit, Fingerprint.of(source));
        return null;
    }

    @Override
    public Void onMessage(MessageFact message, Source source) {
        fold.accept(message, Fingerprint.of(source));
        return null;
    }

    /** Row by row and letter by letter: nothing more, nothing less, nothing else. */
    void assertLedgerHasJustThis(List<LedgerState.Stores> partitions, List<DeadLetter> deadLetters) {
        assertStoresHaveJustThis(partitions);
        Map<RecordId, RejectReason> expected = new HashMap<>(rejected);
        fold.deadLetters().forEach((record, reason) -> expected.put(record.id(), reason));
        Map<RecordId, RejectReason> actual = new LinkedHashMap<>();
        deadLetters.forEach(letter -> assertThat(actual.put(letter.source(), letter.reason()))
                .as("%s became a dead letter twice", letter.source())
                .isNull());
        assertThat(actual).as("dead letters").isEqualTo(expected);
    }

    void assertStoresHaveJustThis(List<LedgerState.Stores> partitions) {
        for (LedgerStore<?, ?> store : LedgerTopology.STORES) {
            assertThat(rows(store, partitions)).as(store.name()).isEqualTo(ExpectedRows.of(fold, store));
        }
    }

    /** What the stores have, store by store. */
    static Map<String, Map<List<String>, Object>> rows(List<LedgerState.Stores> partitions) {
        Map<String, Map<List<String>, Object>> rows = new HashMap<>();
        LedgerTopology.STORES.forEach(store -> rows.put(store.name(), rows(store, partitions)));
        return rows;
    }

    private static Map<List<String>, Object> rows(LedgerStore<?, ?> store, List<LedgerState.Stores> partitions) {
        Map<List<String>, Object> rows = new HashMap<>();
        for (LedgerState.Stores partition : partitions) {
            try (KeyValueIterator<Bytes, byte[]> iterator =
                    LedgerStore.bytesOf(partition.get(store)).all()) {
                while (iterator.hasNext()) {
                    KeyValue<Bytes, byte[]> next = iterator.next();
                    LedgerStore.Row row = store.row(next.key.get(), next.value);
                    assertThat(store.key(row.ids())).isEqualTo(next.key.get());
                    rows.put(row.ids(), row.value());
                }
            }
        }
        return rows;
    }
}
