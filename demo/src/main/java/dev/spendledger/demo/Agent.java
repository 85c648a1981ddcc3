package dev.spendledger.demo;

import dev.spendledger.demo.LedgerClient.NotAcknowledgedException;
import dev.spendledger.demo.LedgerClient.Operation;
import dev.spendledger.demo.LedgerClient.Verdict;
import dev.spendledger.demo.Tally.AgentEnd;
import dev.spendledger.demo.Tally.SentMessage;
import java.time.Duration;
import java.util.concurrent.CancellationException;

/** An agent at work in its chat: before each step it asks the ledger, and at the first rejection it stops. */
final class Agent {
    private static final Duration PAUSE_BEFORE_ASKING_AGAIN = Duration.ofMillis(500);

    private final LedgerClient ledger;
    private final Tally tally;
    private final Tree tree;
    private final AgentPath path;
    private final String chatId;
    private final Service service;
    private int messagesSent;

    /** The tree that all agents work in. */
    record Tree(long seed, String rootChatId, String accountId) {}

    /** The chat service that agents work for. */
    interface Service {
        /** Sets another agent to work, as soon as it is its turn. Its chat is there already. */
        void startAgent(AgentPath path);

        boolean isClosed();
    }

    /**
     * @param path where in the tree this agent is; its chat is there already
     */
    Agent(LedgerClient ledger, Tally tally, Tree tree, AgentPath path, Service service) {
        this.ledger = ledger;
        this.tally = tally;
        this.tree = tree;
        this.path = path;
        this.chatId = path.chatId(tree.rootChatId());
        this.service = service;
    }

    /**
     * Works until the plan is done or the ledger rejects a step.
     *
     * @throws CancellationException if the service was closed; a step that was begun is done
     */
    AgentEnd work() throws InterruptedException, NotAcknowledgedException {
        for (AgentPlan.Step step : AgentPlan.of(tree.seed(), path).steps()) {
            if (service.isClosed()) {
                throw new CancellationException("The chat service was closed");
            }
            if (!mayGoOn(operation(step))) {
                return messagesSent == 0 ? AgentEnd.STOPPED_AT_ONCE : AgentEnd.STOPPED_AT_WORK;
            }
            if (step instanceof AgentPlan.Message message) {
                send(message);
            } else if (step instanceof AgentPlan.Spawn spawn) {
                spawn(path.child(spawn.child()));
            }
        }
        return AgentEnd.FINISHED;
    }

    private Operation operation(AgentPlan.Step step) {
        if (step instanceof AgentPlan.Spawn) {
            return Operation.SPAWN;
        }
        // The first answers whoever started the chat; what follows is the agent's own work on it.
        return messagesSent == 0 ? Operation.SEND_MESSAGE : Operation.MODEL_STEP;
    }

    private boolean mayGoOn(Operation operation) throws InterruptedException {
        while (true) {
            long askedNanos = System.nanoTime();
            Verdict verdict = ledger.check(chatId, tree.rootChatId(), operation);
            tally.onCheck(verdict, askedNanos, System.nanoTime());
            if (!(verdict instanceof Verdict.AskAgain)) {
                return verdict instanceof Verdict.Allowed;
            }
            Thread.sleep(PAUSE_BEFORE_ASKING_AGAIN.toMillis());
        }
    }

    private void send(AgentPlan.Message message) throws InterruptedException, NotAcknowledgedException {
        long allowedNanos = System.nanoTime();
        Thread.sleep(message.latency().toMillis()); // The model at work.
        messagesSent++;
        ledger.post(chatId + "-m" + messagesSent, chatId, tree.rootChatId(), tree.accountId(), message);
        tally.onMessage(new SentMessage(message.costMicros(), allowedNanos, System.nanoTime()));
    }

    private void spawn(AgentPath child) throws InterruptedException, NotAcknowledgedException {
        String childId = child.chatId(tree.rootChatId());
        ledger.createChild(childId, chatId, tree.rootChatId(), tree.accountId());
        tally.onChat(childId);
        service.startAgent(child);
    }
}
