package dev.spendledger.streams.topology;

import dev.spendledger.events.AlertKind;
import dev.spendledger.streams.domain.RejectReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Remembers what it hears. */
final class RecordingObserver implements LedgerObserver {
    final List<RejectReason> deadLetters = new ArrayList<>();
    final Map<Integer, Long> parkedMessages = new HashMap<>();
    final List<String> oddTimes = new ArrayList<>();
    final Map<Integer, Instant> canaries = new HashMap<>();
    final Set<String> open = new TreeSet<>();
    final List<String> alerts = new ArrayList<>();
    int misplacedRecords;

    @Override
    public void onDeadLetter(RejectReason reason) {
        deadLetters.add(reason);
    }

    @Override
    public void onAlert(AlertKind kind, int thresholdPercent) {
        alerts.add(kind + " " + thresholdPercent);
    }

    @Override
    public void onMisplacedRecord() {
        misplacedRecords++;
    }

    @Override
    public void onOddTime(String field) {
        oddTimes.add(field);
    }

    @Override
    public void onParkedMessages(int partition, long count) {
        parkedMessages.put(partition, count);
    }

    @Override
    public void onCanary(int partition, Instant sentAt) {
        canaries.put(partition, sentAt);
    }

    @Override
    public void onOpened(LedgerStore<?, ?> store, int partition) {
        open.add(store.name() + "/" + partition);
    }

    @Override
    public void onClosed(LedgerStore<?, ?> store, int partition) {
        open.remove(store.name() + "/" + partition);
    }

    long parkedMessages() {
        return parkedMessages.values().stream().mapToLong(Long::longValue).sum();
    }
}
