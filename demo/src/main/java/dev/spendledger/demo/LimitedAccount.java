package dev.spendledger.demo;

import dev.spendledger.demo.LedgerClient.NotAcknowledgedException;
import dev.spendledger.demo.LedgerClient.Operation;
import dev.spendledger.demo.LedgerClient.Verdict;
import java.util.Optional;

/**
 * An account that spends, in a tree without a limit, until the ledger stops it at its own.
 *
 * @param limitMicros what it may spend in a period
 * @param messages how many messages it had sent by then
 * @param answer what the ledger then said
 */
record LimitedAccount(String accountId, long limitMicros, int messages, Verdict.Rejected answer) {
    private static final AgentPlan.Message MESSAGE = new AgentPlan.Message(Model.CLAUDE_SONNET_4, 2_500, 600);
    /** Many times what the limit takes. */
    private static final int MESSAGES_MOST = 500;

    /** Sets the limit, and then asks before each message, as every chat service should; empty = nothing stopped it. */
    static Optional<LimitedAccount> spendUntilStopped(
            LedgerClient ledger, String accountId, String rootChatId, long limitMicros)
            throws InterruptedException, NotAcknowledgedException {
        ledger.limitAccount(accountId, limitMicros);
        ledger.createRoot(rootChatId, accountId);
        for (int sent = 0; sent < MESSAGES_MOST; sent++) {
            Verdict verdict = ledger.check(rootChatId, rootChatId, Operation.SEND_MESSAGE);
            if (verdict instanceof Verdict.Rejected rejected) {
                return Optional.of(new LimitedAccount(accountId, limitMicros, sent, rejected));
            }
            Thread.sleep(MESSAGE.latency().toMillis()); // The model at work.
            ledger.post(rootChatId + "-m" + (sent + 1), rootChatId, rootChatId, accountId, MESSAGE);
        }
        return Optional.empty();
    }
}
