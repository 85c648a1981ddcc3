package dev.spendledger.api.runtime;

import dev.spendledger.api.query.Alert;
import dev.spendledger.api.query.RecentAlerts;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the alerts that come from now on into the memory of this instance, for ever. A lost broker is waited for. */
final class AlertFeed implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AlertFeed.class);
    private static final long PAUSE_AFTER_FAILURE_MS = 500;
    private static final long END_WITHIN_MS = 5_000;

    private final AlertReader reader;
    private final RecentAlerts alerts;
    private final Thread thread = new Thread(this::run, "ledger-alerts");
    private boolean begun;
    private volatile boolean closing;

    /** @param reader is this object's alone from now on */
    AlertFeed(AlertReader reader, RecentAlerts alerts) {
        this.reader = reader;
        this.alerts = alerts;
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
            reader.seekToEnd();
            begun = true;
            alerts.begin(reader.readTo());
        }
        List<Alert> read = reader.next();
        alerts.add(read, reader.readTo());
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
