package dev.spendledger.api.runtime;

import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.topology.LedgerObserver;

/** Two that hear the same. */
record Observers(LedgerObserver first, LedgerObserver second) implements LedgerObserver {
    @Override
    public void onDeadLetter(RejectReason reason) {
        first.onDeadLetter(reason);
        second.onDeadLetter(reason);
    }

    @Override
    public void onMisplacedRecord() {
        first.onMisplacedRecord();
        second.onMisplacedRecord();
    }

    @Override
    public void onOddTime(String field) {
        first.onOddTime(field);
        second.onOddTime(field);
    }

    @Override
    public void onParkedMessages(int partition, long parkedMessages) {
        first.onParkedMessages(partition, parkedMessages);
        second.onParkedMessages(partition, parkedMessages);
    }

    @Override
    public void onFolded(String topic, int partition, long offset) {
        first.onFolded(topic, partition, offset);
        second.onFolded(topic, partition, offset);
    }
}
