package dev.spendledger.streams.topology;

import dev.spendledger.events.AlertKind;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.TreeSpend;
import java.time.Instant;

/**
 * Hears from the stream threads what a running ledger counts. Calls come from several threads and must be quick. A
 * transaction that is repeated after a failure is heard again: these are figures for people, not the ledger's truth.
 */
public interface LedgerObserver {
    /** A record became a dead letter. */
    default void onDeadLetter(RejectReason reason) {}

    /** A record was found in another partition than its key's. */
    default void onMisplacedRecord() {}

    /**
     * A time that decides nothing looks wrong; the fact was accepted.
     *
     * @param field the field that has it: {@code created_at} or {@code set_at}
     */
    default void onOddTime(String field) {}

    /** A threshold of a limit was passed, and warned of. */
    default void onAlert(AlertKind kind, int thresholdPercent) {}

    /** The messages parked in a partition of the ledger have become this many; 0 also when the partition moves away. */
    default void onParkedMessages(int partition, long parkedMessages) {}

    /** A record was worked through: what follows from it can be read in this partition, or was sent on. */
    default void onFolded(String topic, int partition, long offset) {}

    /**
     * What a partition of the ledger sent to itself has come back.
     *
     * @param sentAt when it was sent
     */
    default void onCanary(int partition, Instant sentAt) {}

    /**
     * A partition of the ledger is ready to be folded: its stores are whole.
     *
     * @param store one that says whether of the trees or of the accounts
     */
    default void onOpened(LedgerStore<?, ?> store, int partition) {}

    /**
     * The fold is opening a partition of the trees, which may have been said to be {@link #onOpened open} already.
     *
     * @param trees those of them that are in memory, by their roots; until the partition is {@link #onClosed closed}
     */
    default void onTrees(int partition, RecentRows<String, TreeSpend> trees) {}

    /**
     * The fold has opened a partition of the accounts.
     *
     * @param accounts those of them that are in memory; until the partition is {@link #onClosed closed}
     */
    default void onAccounts(int partition, RecentAccounts accounts) {}

    /** It is not any more: what happens to its stores now is nothing to be read as an owner's. */
    default void onClosed(LedgerStore<?, ?> store, int partition) {}

    /** Has another hear the same. */
    default LedgerObserver and(LedgerObserver other) {
        return new Pair(this, other);
    }

    /** Two that hear the same. */
    record Pair(LedgerObserver first, LedgerObserver second) implements LedgerObserver {
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
        public void onAlert(AlertKind kind, int thresholdPercent) {
            first.onAlert(kind, thresholdPercent);
            second.onAlert(kind, thresholdPercent);
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

        @Override
        public void onCanary(int partition, Instant sentAt) {
            first.onCanary(partition, sentAt);
            second.onCanary(partition, sentAt);
        }

        @Override
        public void onOpened(LedgerStore<?, ?> store, int partition) {
            first.onOpened(store, partition);
            second.onOpened(store, partition);
        }

        @Override
        public void onTrees(int partition, RecentRows<String, TreeSpend> trees) {
            first.onTrees(partition, trees);
            second.onTrees(partition, trees);
        }

        @Override
        public void onAccounts(int partition, RecentAccounts accounts) {
            first.onAccounts(partition, accounts);
            second.onAccounts(partition, accounts);
        }

        @Override
        public void onClosed(LedgerStore<?, ?> store, int partition) {
            first.onClosed(store, partition);
            second.onClosed(store, partition);
        }
    }

    /** Hears and does nothing. */
    LedgerObserver NONE = new LedgerObserver() {};
}
