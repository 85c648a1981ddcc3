package dev.spendledger.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a command has opened. It is closed, the newest first, when the command ends or when the process is told to stop,
 * whichever comes first.
 */
public final class Lifetime implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Lifetime.class);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private boolean closed;
    private volatile boolean toldToStop;

    public Lifetime() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "ledger-stop"));
    }

    private void stop() {
        toldToStop = true;
        close();
    }

    /**
     * Opens something. Told to stop meanwhile, the process waits until it is open: what is half open cannot be closed.
     *
     * @throws CancellationException if the process has been told to stop
     */
    public synchronized <T extends AutoCloseable> T open(Callable<T> start) throws Exception {
        if (closed) {
            throw new CancellationException("The process is being stopped");
        }
        T opened = start.call();
        open.push(opened);
        return opened;
    }

    /** Waits until the process is told to stop. */
    public void await() throws InterruptedException {
        new CountDownLatch(1).await(); // The process ends, and this thread with it.
    }

    /** Whether the process is ending, be it that it was told to or that its command has ended. */
    public boolean isToldToStop() {
        return toldToStop;
    }

    /** Closes everything. What does not close is logged and does not keep the rest open. */
    @Override
    public synchronized void close() {
        closed = true;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                log.warn("A part of the command did not stop cleanly.", e);
            }
        }
    }
}
