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
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads into the memory of this instance the latest alerts and, for ever, those that come: so clients that come from another
 * instance find here what they have missed on the way. A lost broker is waited for.
 */
final class AlertFeed implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AlertFeed.class);
    private static final long PAUSE_AFTER_FAILURE_MS = 500;
    private static final long END_WITHIN_MS = 5_000;

    private final AlertReader reader;
    private final RecentAlerts alerts;
    private final long latest;
    private final Thread thread = new Thread(this::run, "ledger-alerts");
    private boolean begun;
    private volatile boolean closing;

    /**
     * @param reader is this object's alone from now on
     * @param latest how far back it begins, in offsets of each partition
     */
    AlertFeed(AlertReader reader, RecentAlerts alerts, long latest) {
        this.reader = reader;
        this.alerts = alerts;
        this.latest = latest;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closing) {
                readSafely();
            }
        } catch (WakeupException | InterruptException e) {
            log.debug("Reading the alerts has ended.", e);
        } finally {
            reader.close();
        }
    }

    private void readSafely() {
        try {
            read();
        } catch (WakeupException | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            log.warn("Reading the alerts failed; it is tried again. cause={}", e.getMessage());
            pause();
        } catch (RuntimeException e) {
            log.error("Reading the alerts failed by a bug; it is tried again.", e);
            pause();
        }
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

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_AFTER_FAILURE_MS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        if (thread.getState() == Thread.State.NEW) {
            reader.close();
            return;
        }
        reader.wakeUp();
        thread.join(END_WITHIN_MS);
    }
}
