package dev.spendledger.api.runtime;

import dev.spendledger.api.query.Alert;
import dev.spendledger.api.query.AlertPositions;
import dev.spendledger.api.query.RecentAlerts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads into the memory of this instance the latest alerts and, for ever, those that come: so clients that come from another
 * instance find here what they have missed on the way. A lost broker is waited for.
 */
final class AlertFeed implements AutoCloseable {
    private final AlertReader reader;
    private final RecentAlerts alerts;
    private final long latest;
    private final ReadLoop loop;
    private boolean begun;

    /**
     * @param reader is this object's alone from now on
     * @param latest how far back it begins, in offsets of each partition
     */
    AlertFeed(AlertReader reader, RecentAlerts alerts, long latest) {
        this.reader = reader;
        this.alerts = alerts;
        this.latest = latest;
        this.loop = new ReadLoop("alerts", this::read, reader::wakeUp, reader::close);
    }

    void start() {
        loop.start();
    }

    private void read() {
        if (!begun) {
            begin();
        }
        List<Alert> read = reader.next();
        alerts.add(read, reader.readTo());
    }

    /** All of it at once: else what came long ago would be told to those who want what comes from now on. */
    private void begin() {
        AlertPositions end = reader.end();
        AlertPositions from = end.back(latest);
        reader.seek(from);
        List<Alert> read = new ArrayList<>();
        while (!reader.readTo().reach(end)) {
            read.addAll(reader.next());
        }
        begun = true;
        alerts.begin(from, inOrderOfTime(read, from), reader.readTo());
    }

    /** One partition was read after the other, and the last of all are asked for; each partition stays in its order. */
    private static List<Alert> inOrderOfTime(List<Alert> read, AlertPositions from) {
        Map<Integer, Instant> latestByPartition = new HashMap<>();
        Map<Alert, Instant> times = new IdentityHashMap<>();
        for (Alert alert : read) {
            times.put(
                    alert,
                    latestByPartition.merge(
                            alert.partition(), alert.what().getAt(), (before, at) -> at.isAfter(before) ? at : before));
        }
        List<Alert> ordered = new ArrayList<>();
        AlertPositions upTo = from;
        for (Alert alert :
                read.stream().sorted(Comparator.comparing(times::get)).toList()) {
            upTo = upTo.with(alert.partition(), alert.offset() + 1);
            ordered.add(new Alert(alert.partition(), alert.offset(), alert.what(), upTo));
        }
        return ordered;
    }

    @Override
    public void close() throws InterruptedException {
        loop.close();
    }
}
