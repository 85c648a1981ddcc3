package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.RejectReason;

/**
 * Hears from the stream threads what a running ledger counts. Calls come from several threads and must be quick. A
 * transaction that is repeated after a failure is heard again: these are figures for people, not the ledger's truth.
 */
public interface LedgerObserver {
    /** A record became a dead letter. */
    void onDeadLetter(RejectReason reason);

    /** A record was found in another partition than its key's. */
    void onMisplacedRecord();

    /** The messages parked in a partition of the ledger have become this many; 0 also when the partition moves away. */
    void onParkedMessages(int partition, long parkedMessages);

    /** Hears and does nothing. */
    LedgerObserver NONE = new LedgerObserver() {
        @Override
        public void onDeadLetter(RejectReason reason) {}

        @Override
        public void onMisplacedRecord() {}

        @Override
        public void onParkedMessages(int partition, long parkedMessages) {}
    };
}
