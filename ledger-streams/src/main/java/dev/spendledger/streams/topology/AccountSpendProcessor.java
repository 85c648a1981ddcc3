package dev.spendledger.streams.topology;

import dev.spendledger.events.AlertKind;
import dev.spendledger.events.SpendAlert;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.state.AccountChangeRow;
import dev.spendledger.streams.domain.AccountChange;
import dev.spendledger.streams.domain.AccountDay;
import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.DaySpend;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.PeriodSpend;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Sums up what each account spends, a row for each UTC day, and warns on {@code spend-alerts} before an account reaches its
 * limit. Owns the accounts whose id hashes to this partition. The changes come from the fold of the trees, one for each
 * message that a tree counts or re-prices, in the transaction that does so.
 */
final class AccountSpendProcessor implements Processor<byte[], byte[], Object, Object> {
    private static final Deserializer<AccountChangeRow> ROWS = LedgerTopology.ACCOUNT_CHANGE_SERDE.deserializer();
    private static final Duration LIMITS_PERIOD = Duration.ofSeconds(1);

    private final int partitions;
    private final long recentRows;
    private final Warnings warnings;
    private final LedgerObserver observer;
    private ProcessorContext<Object, Object> context;
    private KeyValueStore<Bytes, DaySpend> accountSpend;
    private RecentRows<Bytes, DaySpend> days;
    private RecentAccounts recentAccounts;
    private long limitsVersion;

    /**
     * @param partitions how many partitions the accounts are spread over
     * @param recentRows how many days of accounts are kept in memory of this partition
     * @param warnings what is warned of
     */
    AccountSpendProcessor(int partitions, long recentRows, Warnings warnings, LedgerObserver observer) {
        this.partitions = partitions;
        this.recentRows = recentRows;
        this.warnings = warnings;
        this.observer = observer;
    }

    @Override
    public void init(ProcessorContext<Object, Object> processorContext) {
        context = processorContext;
        accountSpend = LedgerTopology.ACCOUNT_SPEND.in(context);
        days = new RecentRows<>(accountSpend::get, accountSpend::put, recentRows);
        recentAccounts = new RecentAccounts(this::storedDays, recentRows);
        limitsVersion = 0;
        context.schedule(LIMITS_PERIOD, PunctuationType.WALL_CLOCK_TIME, this::followLimits);
        observer.onAccounts(here(), recentAccounts);
        observer.onOpened(LedgerTopology.ACCOUNT_SPEND, here());
    }

    @Override
    public void close() {
        observer.onClosed(LedgerTopology.ACCOUNT_SPEND, here());
    }

    private int here() {
        return context.taskId().partition();
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Source source = Sources.of(context, record);
        try {
            AccountChange change = read(source);
            add(change);
            warn(change.at(), Instant.ofEpochMilli(record.timestamp()));
        } catch (RejectedRecordException e) {
            observer.onDeadLetter(e.rejection().reason());
            context.forward(
                    DeadLetters.of(source, e.rejection(), record.timestamp()), LedgerTopology.DEAD_LETTERS_SINK);
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
        Bytes key = StoreKeys.ofDay(change.at().accountId(), change.at().day());
        put(
                change.at(),
                Optional.ofNullable(days.get(key)).orElse(DaySpend.NONE).and(change.change()));
    }

    private void put(AccountDay at, DaySpend day) {
        Bytes key = StoreKeys.ofDay(at.accountId(), at.day());
        // A day that all messages have been moved away from is as if there had never been one.
        try {
            days.put(key, day.totals().equals(Totals.ZERO) ? null : day);
        } catch (RuntimeException e) {
            recentAccounts.forget(at.accountId());
            throw e;
        }
        recentAccounts.put(at, day);
    }

    private Map<LocalDate, DaySpend> storedDays(String accountId, LocalDate first) {
        Map<LocalDate, DaySpend> found = new HashMap<>();
        try (KeyValueIterator<Bytes, DaySpend> rows =
                accountSpend.range(StoreKeys.ofDay(accountId, first), StoreKeys.ofDay(accountId, LocalDate.MAX))) {
            rows.forEachRemaining(row -> found.put(StoreKeys.day(row.key), row.value));
        }
        return found;
    }

    // ---- warnings ----

    /** Limits come in by another way than the spend, and one that is lowered may meet a spend that stands still. */
    private void followLimits(long nowMs) {
        Warnings.Changes changes = warnings.accountLimits().changesSince(limitsVersion);
        limitsVersion = changes.version();
        (changes.all()
                        ? recentAccounts.held().stream()
                        : changes.accountIds().stream().filter(this::isHere))
                .forEach(accountId -> warn(accountId, Instant.ofEpochMilli(nowMs)));
    }

    private boolean isHere(String accountId) {
        return Partitions.of(accountId.getBytes(StandardCharsets.UTF_8), partitions) == here();
    }

    /** Of a day of another period than the present one nobody wants to hear. */
    private void warn(AccountDay changed, Instant at) {
        warnings.accountLimits()
                .of(changed.accountId())
                .filter(limit -> limit.inForce().isPresent())
                .filter(limit -> present(limit).contains(changed.day()))
                .ifPresent(limit -> warn(changed.accountId(), limit, at));
    }

    private void warn(String accountId, Instant at) {
        warnings.accountLimits()
                .of(accountId)
                .filter(limit -> limit.inForce().isPresent())
                .ifPresent(limit -> warn(accountId, limit, at));
    }

    private Period.Span present(AccountLimit limit) {
        return limit.period().at(warnings.clock().instant());
    }

    private void warn(String accountId, AccountLimit limit, Instant at) {
        Period.Span span = present(limit);
        PeriodSpend spend = recentAccounts.spent(accountId, span.first(), span.next());
        long spentMicros = spend.totals().spentMicros();
        int passed = warnings.thresholds()
                .passed(spentMicros, limit.inForce().orElseThrow().micros());
        String limitId = limit.inForceId().orElseThrow();
        int warned = spend.warnedPercent(limitId);
        if (passed <= warned) {
            return;
        }
        Map.Entry<LocalDate, DaySpend> latest = spend.days().lastEntry();
        put(
                new AccountDay(accountId, latest.getKey()),
                latest.getValue().withWarned(new DaySpend.Warned(passed, limitId)));
        warnings.thresholds().between(warned, passed).forEach(percent -> {
            SpendAlert alert = alert(accountId, limit, span, spentMicros, percent, at);
            context.forward(new Record<>(accountId, alert, at.toEpochMilli()), LedgerTopology.SPEND_ALERTS_SINK);
        });
    }

    private static SpendAlert alert(
            String accountId, AccountLimit limit, Period.Span span, long spentMicros, int percent, Instant at) {
        AccountLimit.InForce inForce = limit.inForce().orElseThrow();
        return SpendAlert.newBuilder()
                .setAlertId(String.join(
                        ":",
                        "account",
                        accountId,
                        limit.inForceId().orElseThrow(),
                        span.first().toString(),
                        Integer.toString(percent)))
                .setKind(AlertKind.ACCOUNT_THRESHOLD)
                .setThresholdPercent(percent)
                .setAccountId(accountId)
                .setSpentMicros(spentMicros)
                .setLimitMicros(inForce.micros())
                .setPeriod(limit.period().code())
                .setStartsAt(span.startsAt())
                .setResetsAt(span.resetsAt())
                .setLimitSource(inForce.source().code())
                .setAt(at)
                .build();
    }
}
