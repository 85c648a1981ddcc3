package dev.spendledger.api.runtime;

import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that reads from Kafka for ever. A lost broker is waited for, and a bug is logged and does not end it. */
final class ReadLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReadLoop.class);
    private static final long PAUSE_AFTER_FAILURE_MS = 500;
    private static final long END_WITHIN_MS = 5_000;

    private final String what;
    private final Runnable read;
    private final Runnable wakeUp;
    private final Runnable release;
    private final Thread thread;
    private volatile boolean closing;

    /**
     * @param what is read, for people: "views" for the thread "ledger-views"
     * @param read reads what there is, and waits a moment where there is nothing
     * @param wakeUp has a reading that waits for Kafka end with a {@link WakeupException}
     * @param release what was read from; called once, when nothing is read any more
     */
    ReadLoop(String what, Runnable read, Runnable wakeUp, Runnable release) {
        this.what = what;
        this.read = read;
        this.wakeUp = wakeUp;
        this.release = release;
        this.thread = new Thread(this::run, "ledger-" + what);
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
            log.debug("Reading the {} has ended.", what, e);
        } finally {
            release.run();
        }
    }

    private void readSafely() {
        try {
            read.run();
        } catch (WakeupException | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            log.warn("Reading the {} failed; it is tried again. cause={}", what, e.getMessage());
            pause();
        } catch (RuntimeException e) {
            log.error("Reading the {} failed by a bug; it is tried again.", what, e);
            pause();
        }
    }

    private static void pause() {
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
            release.run();
            return;
        }
        wakeUp.run();
        thread.join(END_WITHIN_MS);
    }
}
