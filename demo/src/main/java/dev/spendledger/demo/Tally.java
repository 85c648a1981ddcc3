package dev.spendledger.demo;

import dev.spendledger.demo.LedgerClient.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the chat service has seen so far. Its agents write into it from many threads. */
final class Tally {
    private final List<String> chatIds = new ArrayList<>();
    private final List<SentMessage> messages = new ArrayList<>();
    private final Map<String, Integer> troubles = new TreeMap<>();
    private int checksAllowed;
    private int checksRejected;
    private int checksAllowedAfterRejection;
    private Rejection firstRejection;

    private int agentsFinished;
    private int agentsStoppedAtWork;
    private int agentsStoppedAtOnce;

    /**
     * A message on its way through the chat service; times are of {@link System#nanoTime()}.
     *
     * @param allowedNanos when its check was answered
     * @param acknowledgedNanos when the ledger had acknowledged what it cost
     */
    record SentMessage(long costMicros, long allowedNanos, long acknowledgedNanos) {}

    /** The first rejection of all, and when it was received. */
    record Rejection(Verdict.Rejected answer, long receivedNanos) {}

    /** How many checks were answered how. */
    record Checks(int allowed, int rejected, int allowedAfterRejection) {}

    /** How the agents came to their end. */
    record Agents(int finished, int stoppedAtWork, int stoppedAtOnce) {
        int all() {
            return finished + stoppedAtWork + stoppedAtOnce;
        }
    }

    /** How an agent came to its end. */
    enum AgentEnd {
        /** Its plan was done. */
        FINISHED,
        /** A check was rejected after it had sent messages. */
        STOPPED_AT_WORK,
        /** Its very first check was rejected. */
        STOPPED_AT_ONCE
    }

    synchronized void onChat(String chatId) {
        chatIds.add(chatId);
    }

    synchronized void onMessage(SentMessage message) {
        messages.add(message);
    }

    /**
     * @param askedNanos when the question was sent
     * @param answeredNanos when the answer was received
     */
    synchronized void onCheck(Verdict verdict, long askedNanos, long answeredNanos) {
        if (verdict instanceof Verdict.Allowed) {
            checksAllowed++;
            // One that was under way at the rejection is no surprise.
            if (firstRejection != null && askedNanos - firstRejection.receivedNanos() > 0) {
                checksAllowedAfterRejection++;
            }
        } else if (verdict instanceof Verdict.Rejected rejected) {
            checksRejected++;
            if (firstRejection == null) {
                firstRejection = new Rejection(rejected, answeredNanos);
            }
        }
    }

    synchronized void onAgentEnd(AgentEnd end) {
        switch (end) {
            case FINISHED -> agentsFinished++;
            case STOPPED_AT_WORK -> agentsStoppedAtWork++;
            case STOPPED_AT_ONCE -> agentsStoppedAtOnce++;
        }
    }

    /** An answer of the ledger was not as it should be. */
    synchronized void onTrouble(String what) {
        troubles.merge(what, 1, Integer::sum);
    }

    synchronized List<String> chatIds() {
        return List.copyOf(chatIds);
    }

    synchronized List<SentMessage> messages() {
        return List.copyOf(messages);
    }

    synchronized Checks checks() {
        return new Checks(checksAllowed, checksRejected, checksAllowedAfterRejection);
    }

    synchronized Agents agents() {
        return new Agents(agentsFinished, agentsStoppedAtWork, agentsStoppedAtOnce);
    }

    synchronized Optional<Rejection> firstRejection() {
        return Optional.ofNullable(firstRejection);
    }

    /** How often each kind of answer that is not as it should be has come. */
    synchronized Map<String, Integer> troubles() {
        return new TreeMap<>(troubles);
    }
}
