package dev.spendledger.demo;

import dev.spendledger.demo.LedgerClient.NotAcknowledgedException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A simulated chat service with one tree of chats: an agent in every chat, a few of them at work at once, the others
 * waiting for their turn. It knows the ledger by its HTTP API only.
 */
final class ChatService implements Agent.Service, AutoCloseable {
    /** Also the most messages that can be under way at once. */
    static final int AGENTS_AT_WORK_MOST = 8;

    private static final Duration STEP_TIMEOUT = Duration.ofSeconds(5);

    private final LedgerClient ledger;
    private final Tally tally;
    private final Agent.Tree tree;
    private final ExecutorService turns = Executors.newFixedThreadPool(AGENTS_AT_WORK_MOST);
    private final AtomicInteger agentsNotEnded = new AtomicInteger();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean closed;

    private ChatService(LedgerClient ledger, Tally tally, Agent.Tree tree) {
        this.ledger = ledger;
        this.tally = tally;
        this.tree = tree;
    }

    /**
     * Opens a root chat and sets its agent to work.
     *
     * @param limitMicros what the tree may spend
     */
    static ChatService start(LedgerClient ledger, Tally tally, Agent.Tree tree, long limitMicros)
            throws InterruptedException, NotAcknowledgedException {
        ledger.createRoot(tree.rootChatId(), tree.accountId(), limitMicros);
        tally.onChat(tree.rootChatId());
        ChatService service = new ChatService(ledger, tally, tree);
        service.startAgent(AgentPath.ROOT);
        return service;
    }

    @Override
    public void startAgent(AgentPath path) {
        agentsNotEnded.incrementAndGet();
        turns.execute(() -> run(new Agent(ledger, tally, tree, path, this)));
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    private void run(Agent agent) {
        try {
            tally.onAgentEnd(agent.work());
            // An agent starts others before it ends, so none is left once this is 0.
            if (agentsNotEnded.decrementAndGet() == 0) {
                ended.complete(null);
            }
        } catch (InterruptedException | CancellationException | RejectedExecutionException e) {
            // This service is being closed: whoever waits for the end is told by close().
            ended.cancel(false);
        } catch (NotAcknowledgedException | RuntimeException e) {
            ended.completeExceptionally(e);
        }
    }

    /**
     * Waits for the end of all agents.
     *
     * @return whether they have ended within the time
     * @throws CancellationException if this service was closed before
     * @throws NotAcknowledgedException if one of them could not tell the ledger what it did
     */
    boolean awaitEnd(Duration time) throws InterruptedException, NotAcknowledgedException {
        try {
            ended.get(time.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NotAcknowledgedException cause) {
                throw cause;
            }
            throw new IllegalStateException("An agent failed", e.getCause());
        }
    }

    /** Has every agent stop after the step that it is at, and waits for that: the ledger may be closed next. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        ended.cancel(false);
        turns.shutdown();
        if (!turns.awaitTermination(STEP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
            turns.shutdownNow();
            throw new IllegalStateException("Agents were still at work after " + STEP_TIMEOUT.toSeconds() + " s");
        }
    }
}
