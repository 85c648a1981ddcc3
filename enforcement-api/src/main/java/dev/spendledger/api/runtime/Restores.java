package dev.spendledger.api.runtime;

import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StandbyUpdateListener;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.TaskId;

/** Tells of partitions whose state is being restored. */
record Restores(List<FreshnessMonitor> monitors) implements StateRestoreListener, StandbyUpdateListener {
    @Override
    public void onRestoreStart(TopicPartition changelog, String store, long from, long end) {
        monitors.forEach(monitor -> monitor.onRestoreStart(store, changelog.partition(), from));
    }

    @Override
    public void onBatchRestored(TopicPartition changelog, String store, long end, long records) {
        // Only the beginning matters.
    }

    @Override
    public void onRestoreEnd(TopicPartition changelog, String store, long records) {
        // It is seen by that it can be read.
    }

    @Override
    public void onUpdateStart(TopicPartition changelog, String store, long from) {
        monitors.forEach(monitor -> monitor.onRestoreStart(store, changelog.partition(), from));
    }

    @Override
    public void onBatchLoaded(TopicPartition changelog, String store, TaskId task, long last, long records, long end) {
        // Only the beginning matters.
    }

    @Override
    public void onUpdateSuspended(TopicPartition changelog, String store, long offset, long end, SuspendReason reason) {
        // The copy goes, or becomes the owner's: Kafka Streams tells who has it.
    }
}
