package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.RejectReason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Remembers what it hears. */
final class RecordingObserver implements LedgerObserver {
    final List<RejectReason> deadLetters = new ArrayList<>();
    final Map<Integer, Long> parkedMessages = new HashMap<>();
    final List<String> oddTimes = new ArrayList<>();
    int misplacedRecords;

    @Override
    public void onDeadLetter(RejectReason reason) {
        deadLetters.add(reason);
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

    long parkedMessages() {
        return parkedMessages.values().stream().mapToLong(Long::longValue).sum();
    }
}
