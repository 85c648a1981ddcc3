package dev.spendledger.streams.topology;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.spendledger.events.AlertKind;
import dev.spendledger.events.SpendAlert;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.state.AccountChangeRow;
import dev.spendledger.streams.domain.AccountChange;
import dev.spendledger.streams.domain.AccountDay;
import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.DaySpend;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sums up what each account spends, a row for each UTC day, and warns on {@code spend-alerts} before an account reaches its
 * limit. Owns the accounts whose id hashes to this partition. The changes come from the fold of the trees, one for each
 * message that a tree counts or re-prices, in the transaction that does so.
 */
final class AccountSpendProcessor implements Processor<byte[], byte[], Object, Object> {
    private static final Logger log = LoggerFactory.getLogger(AccountSpendProcessor.class);
    private static final Deserializer<AccountChangeRow> ROWS = LedgerTopology.ACCOUNT_CHANGE_SERDE.deserializer();
    private static final Duration LIMITS_PERIOD = Duration.ofMillis(250);
    /** In each of these periods: whatever is looked at, the fold waits. */
    private static final int LOOKED_AT_MOST = 100;

    private final int partitions;
    private final long recentRows;
    private final Warnings warnings;
    private final LedgerObserver observer;
    private ProcessorContext<Object, Object> context;
    private KeyValueStore<Bytes, DaySpend> accountSpend;
    private RecentRows<Bytes, DaySpend> days;
    private RecentAccounts recentAccounts;
    /** What the accounts that have a limit have spent in their period. */
    private Cache<String, PeriodSum> sums;

    private long limitsVersion;
    /** The accounts whose limit may have changed. */
    private Set<String> toLookAt;

    /**
     * What an account has spent in a period.
     *
     * @param limitId the limit that it is held to
     * @param warnedPercent the greatest threshold of it that was warned of
     */
    private record PeriodSum(Period.Span span, String limitId, Totals totals, int warnedPercent) {
        private PeriodSum plus(Totals more) {
            return new PeriodSum(span, limitId, totals.and(more), warnedPercent);
        }

        private PeriodSum warned(int percent) {
            return new PeriodSum(span, limitId, totals, percent);
        }
    }

    /**
     * @param partitions how many partitions the accounts are spread over
     * @param recentRows how many days of accounts, and periods, are kept in memory of this partition
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
        recentAccounts = new RecentAccounts(this::storedTotals, recentRows);
        sums = Caffeine.newBuilder()
                .maximumSize(recentRows)
                .executor(Runnable::run)
                .build();
        limitsVersion = 0;
        toLookAt = new LinkedHashSet<>();
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
            add(read(source), Instant.ofEpochMilli(record.timestamp()));
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

    private void add(AccountChange change, Instant at) {
        AccountDay day = change.at();
        Bytes key = StoreKeys.ofDay(day.accountId(), day.day());
        DaySpend after =
                Optional.ofNullable(days.get(key)).orElse(DaySpend.NONE).and(change.change());
        Optional<AccountLimit> limit =
                limitOf(day.accountId()).filter(found -> present(found).contains(day.day()));
        Optional<PeriodSum> sum =
                limit.flatMap(found -> sum(day.accountId(), found)).map(before -> before.plus(change.change()));
        if (sum.isEmpty()) {
            sums.invalidate(day.accountId()); // What is counted without it must not be missing in it later.
            put(day, after);
        } else {
            warn(day, after, limit.get(), sum.get(), at);
        }
    }

    private void put(AccountDay at, DaySpend day) {
        Bytes key = StoreKeys.ofDay(at.accountId(), at.day());
        // A day that all messages have been moved away from is as if there had never been one.
        try {
            days.put(key, day.totals().equals(Totals.ZERO) ? null : day);
        } catch (RuntimeException e) {
            recentAccounts.forget(at.accountId());
            sums.invalidate(at.accountId());
            throw e;
        }
        recentAccounts.put(at, day.totals());
    }

    private Map<LocalDate, Totals> storedTotals(String accountId, LocalDate first) {
        Map<LocalDate, Totals> found = new HashMap<>();
        storedDays(accountId, first, LocalDate.MAX).forEach((day, spend) -> found.put(day, spend.totals()));
        return found;
    }

    private NavigableMap<LocalDate, DaySpend> storedDays(String accountId, LocalDate first, LocalDate last) {
        NavigableMap<LocalDate, DaySpend> found = new TreeMap<>();
        try (KeyValueIterator<Bytes, DaySpend> rows =
                accountSpend.range(StoreKeys.ofDay(accountId, first), StoreKeys.ofDay(accountId, last))) {
            rows.forEachRemaining(row -> found.put(StoreKeys.day(row.key), row.value));
        }
        return found;
    }

    // ---- warnings ----

    private Optional<AccountLimit> limitOf(String accountId) {
        return warnings.accountLimits()
                .of(accountId)
                .filter(limit -> limit.inForce().isPresent());
    }

    private Period.Span present(AccountLimit limit) {
        return limit.period().at(warnings.clock().instant());
    }

    /** Empty = a row cannot be read, which must keep nothing from being counted. */
    private Optional<PeriodSum> sum(String accountId, AccountLimit limit) {
        Period.Span span = present(limit);
        String limitId = limit.inForceId().orElseThrow();
        PeriodSum known = sums.getIfPresent(accountId);
        if (known != null && known.span.equals(span) && known.limitId.equals(limitId)) {
            return Optional.of(known);
        }
        try {
            Map<LocalDate, DaySpend> spent =
                    storedDays(accountId, span.first(), span.next().minusDays(1));
            Totals totals = Totals.ZERO;
            int warnedPercent = Thresholds.NONE_PASSED;
            for (DaySpend day : spent.values()) {
                totals = totals.and(day.totals());
                warnedPercent = Math.max(warnedPercent, day.warned().percentOf(limitId));
            }
            return Optional.of(new PeriodSum(span, limitId, totals, warnedPercent));
        } catch (SerializationException e) {
            logUnreadable(accountId, e);
            return Optional.empty();
        }
    }

    private static void logUnreadable(String accountId, SerializationException cause) {
        log.warn("An account is not warned of: a day of it cannot be read. account={}", accountId, cause);
    }

    /** Writes a day, and what is to be warned of with it. */
    private void warn(AccountDay at, DaySpend day, AccountLimit limit, PeriodSum sum, Instant now) {
        int passed = passed(limit, sum);
        if (passed <= sum.warnedPercent) {
            put(at, day);
            sums.put(at.accountId(), sum);
            return;
        }
        put(at, day.withWarned(new DaySpend.Warned(passed, sum.limitId)));
        sums.put(at.accountId(), sum.warned(passed));
        warnings.thresholds().between(sum.warnedPercent, passed).forEach(percent -> {
            SpendAlert alert = alert(at.accountId(), limit, sum, percent, now);
            context.forward(new Record<>(at.accountId(), alert, now.toEpochMilli()), LedgerTopology.SPEND_ALERTS_SINK);
            observer.onAlert(AlertKind.ACCOUNT_THRESHOLD, percent);
        });
    }

    private int passed(AccountLimit limit, PeriodSum sum) {
        return warnings.thresholds()
                .passed(sum.totals.spentMicros(), limit.inForce().orElseThrow().micros());
    }

    private static SpendAlert alert(String accountId, AccountLimit limit, PeriodSum sum, int percent, Instant at) {
        AccountLimit.InForce inForce = limit.inForce().orElseThrow();
        return SpendAlert.newBuilder()
                .setAlertId(String.join(
                        ":",
                        "account",
                        accountId,
                        sum.limitId,
                        Long.toString(inForce.setAt().toEpochMilli()),
                        sum.span.first().toString(),
                        Integer.toString(percent)))
                .setKind(AlertKind.ACCOUNT_THRESHOLD)
                .setThresholdPercent(percent)
                .setAccountId(accountId)
                .setSpentMicros(sum.totals.spentMicros())
                .setLimitMicros(inForce.micros())
                .setPeriod(limit.period().code())
                .setStartsAt(sum.span.startsAt())
                .setResetsAt(sum.span.resetsAt())
                .setLimitSource(inForce.source().code())
                .setAt(at)
                .build();
    }

    // ---- limits that change ----

    /** Limits come in by another way than the spend, and one that is lowered may meet a spend that stands still. */
    private void followLimits(long nowMs) {
        Warnings.Changes changes = warnings.accountLimits().changesSince(limitsVersion);
        limitsVersion = changes.version();
        changes.accountIds().stream().filter(this::isHere).forEach(toLookAt::add);
        if (changes.all()) {
            days.forEachHeld((key, day) -> toLookAt.add(StoreKeys.first(key)));
        }
        Iterator<String> accountIds = toLookAt.iterator();
        for (int i = 0; i < LOOKED_AT_MOST && accountIds.hasNext(); i++) {
            String accountId = accountIds.next();
            accountIds.remove();
            try {
                lookAt(accountId, Instant.ofEpochMilli(nowMs));
            } catch (SerializationException e) {
                logUnreadable(accountId, e);
            }
        }
    }

    private boolean isHere(String accountId) {
        return Partitions.of(accountId.getBytes(StandardCharsets.UTF_8), partitions) == here();
    }

    private void lookAt(String accountId, Instant now) {
        limitOf(accountId)
                .ifPresent(limit -> sum(accountId, limit)
                        .filter(sum -> passed(limit, sum) > sum.warnedPercent)
                        .ifPresent(sum -> warn(accountId, limit, sum, now)));
    }

    private void warn(String accountId, AccountLimit limit, PeriodSum sum, Instant now) {
        // Of an account that has spent there is a day.
        Map.Entry<LocalDate, DaySpend> latest = storedDays(
                        accountId, sum.span.first(), sum.span.next().minusDays(1))
                .lastEntry();
        warn(new AccountDay(accountId, latest.getKey()), latest.getValue(), limit, sum, now);
    }
}
