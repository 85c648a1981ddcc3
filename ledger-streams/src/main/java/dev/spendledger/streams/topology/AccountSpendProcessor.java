package dev.spendledger.streams.topology;

import dev.spendledger.state.AccountChangeRow;
import dev.spendledger.streams.domain.AccountChange;
import dev.spendledger.streams.domain.AccountDay;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Sums up what each account spends, a row for each UTC day. Owns the accounts whose id hashes to this partition. The changes
 * come from the fold of the trees, one for each message that a tree counts or re-prices, in the transaction that does so.
 */
final class AccountSpendProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private static final Deserializer<AccountChangeRow> ROWS = LedgerTopology.ACCOUNT_CHANGE_SERDE.deserializer();

    private final long recentRows;
    private final Warnings warnings;
    private final LedgerObserver observer;
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<Bytes, Totals> accountSpend;
    private RecentRows<Bytes, Totals> days;
    private RecentAccounts recentAccounts;

    /**
     * @param recentRows how many days of accounts are kept in memory of this partition
     * @param warnings what is warned of
     */
    AccountSpendProcessor(long recentRows, Warnings warnings, LedgerObserver observer) {
        this.recentRows = recentRows;
        this.warnings = warnings;
        this.observer = observer;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> processorContext) {
        context = processorContext;
        accountSpend = LedgerTopology.ACCOUNT_SPEND.in(context);
        days = new RecentRows<>(accountSpend::get, accountSpend::put, recentRows);
        recentAccounts = new RecentAccounts(this::storedDays, recentRows);
        int partition = context.taskId().partition();
        observer.onAccounts(partition, recentAccounts);
        observer.onOpened(LedgerTopology.ACCOUNT_SPEND, partition);
    }

    @Override
    public void close() {
        observer.onClosed(LedgerTopology.ACCOUNT_SPEND, context.taskId().partition());
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Source source = Sources.of(context, record);
        try {
            add(read(source));
        } catch (RejectedRecordException e) {
            observer.onDeadLetter(e.rejection().reason());
            context.forward(DeadLetters.of(source, e.rejection(), record.timestamp()));
        } finally {
            observer.onFolded(source.topic(), source.partition(), source.offset());
        }
    }

    private static AccountChange read(Source source) throws RejectedRecordException {
        FactReader.requireKey(source);
        AccountChangeRow row = FactReader.decode(ROWS, source, AccountChangeRow.class);
        return new AccountChange(
                new AccountDay(
                        new String(source.key(), StandardCharsets.UTF_8), LocalDate.ofEpochDay(row.getEpochDay())),
                StateSerdes.fromRow(row.getChange()));
    }

    private void add(AccountChange change) {
        AccountDay at = change.at();
        Bytes key = StoreKeys.ofDay(at.accountId(), at.day());
        Totals after = Optional.ofNullable(days.get(key)).orElse(Totals.ZERO).and(change.change());
        // A day that all messages have been moved away from is as if there had never been one.
        try {
            days.put(key, after.equals(Totals.ZERO) ? null : after);
        } catch (RuntimeException e) {
            recentAccounts.forget(at.accountId());
            throw e;
        }
        recentAccounts.put(at, after);
    }

    private Map<LocalDate, Totals> storedDays(String accountId, LocalDate first) {
        Map<LocalDate, Totals> found = new HashMap<>();
        try (KeyValueIterator<Bytes, Totals> rows =
                accountSpend.range(StoreKeys.ofDay(accountId, first), StoreKeys.ofDay(accountId, LocalDate.MAX))) {
            rows.forEachRemaining(row -> found.put(StoreKeys.day(row.key), row.value));
        }
        return found;
    }
}
