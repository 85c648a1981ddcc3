package dev.spendledger.api.testing;

import dev.spendledger.api.query.Alert;
import dev.spendledger.api.query.AlertHistory;
import dev.spendledger.api.query.AlertPositions;
import dev.spendledger.api.query.RecentAlerts;
import dev.spendledger.events.AlertKind;
import dev.spendledger.events.SpendAlert;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A log of alerts in two partitions that a test makes up. All of it can be read again, a few at a time. */
public final class FakeAlerts implements AlertHistory {
    private static final int A_FEW = 3;

    private final RecentAlerts recent;
    private final List<Alert> all = new ArrayList<>();
    private final AtomicInteger readers = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private AlertPositions readTo = AlertPositions.startOf("log", 2);
    private RuntimeException failure;

    /** @param most how many are held in memory */
    public FakeAlerts(int most) {
        recent = new RecentAlerts(most);
    }

    public FakeAlerts begin() {
        recent.begin(readTo, List.of(), readTo);
        return this;
    }

    /** The memory of them. */
    public RecentAlerts recent() {
        return recent;
    }

    /** How many have been read again, and are not closed. */
    public int readers() {
        return readers.get();
    }

    /** How often it has been begun to read them again. */
    public int opened() {
        return opened.get();
    }

    /** From now on nothing can be read again. */
    public void fail(RuntimeException cause) {
        failure = cause;
    }

    /** A tree has passed a threshold. */
    public void tell(int partition, String rootChatId, String accountId, int percent) {
        tell(
                partition,
                alert(AlertKind.TREE_THRESHOLD, accountId, percent)
                        .setAlertId(rootChatId + ":" + percent)
                        .setRootChatId(rootChatId)
                        .build());
    }

    /** An account has. */
    public void tell(int partition, String accountId, int percent) {
        tell(
                partition,
                alert(AlertKind.ACCOUNT_THRESHOLD, accountId, percent)
                        .setAlertId(accountId + ":" + percent)
                        .setPeriod("month")
                        .setStartsAt(Instant.parse("2026-11-01T00:00:00Z"))
                        .setResetsAt(Instant.parse("2026-12-01T00:00:00Z"))
                        .setLimitSource("default")
                        .build());
    }

    private static SpendAlert.Builder alert(AlertKind kind, String accountId, int percent) {
        return SpendAlert.newBuilder()
                .setKind(kind)
                .setThresholdPercent(percent)
                .setAccountId(accountId)
                .setSpentMicros(percent)
                .setLimitMicros(100)
                .setAt(Instant.parse("2026-11-23T12:00:00.123Z"));
    }

    private void tell(int partition, SpendAlert what) {
        Alert alert;
        synchronized (all) {
            long offset = readTo.of(partition);
            readTo = readTo.with(partition, offset + 1);
            alert = new Alert(partition, offset, what, readTo);
            all.add(alert);
        }
        recent.add(List.of(alert), readTo);
    }

    /** A transaction has ended: the log goes on without an alert. */
    public void pass(int partition) {
        readTo = readTo.with(partition, readTo.of(partition) + 1);
        recent.add(List.of(), readTo);
    }

    @Override
    public Reader open(AlertPositions from) {
        readers.incrementAndGet();
        opened.incrementAndGet();
        return new Reader() {
            private AlertPositions at = from;

            @Override
            public List<Alert> next() {
                if (failure != null) {
                    throw failure;
                }
                List<Alert> found = new ArrayList<>();
                synchronized (all) {
                    for (Alert alert : all) {
                        if (!alert.isBefore(at) && found.size() < A_FEW) {
                            at = at.with(alert.partition(), alert.offset() + 1);
                            found.add(new Alert(alert.partition(), alert.offset(), alert.what(), at));
                        }
                    }
                }
                return found;
            }

            @Override
            public AlertPositions readTo() {
                return at;
            }

            @Override
            public void close() {
                readers.decrementAndGet();
            }
        };
    }
}
