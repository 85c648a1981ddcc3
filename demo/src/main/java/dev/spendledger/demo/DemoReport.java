package dev.spendledger.demo;

import dev.spendledger.demo.Tally.Agents;
import dev.spendledger.demo.Tally.Checks;
import dev.spendledger.demo.Tally.Rejection;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** The words of the demo: what happened, in numbers, and what to try next. */
final class DemoReport {
    private final PrintWriter out;
    private final Agent.Tree tree;
    private final long limitMicros;

    DemoReport(PrintWriter out, Agent.Tree tree, long limitMicros) {
        this.out = out;
        this.tree = tree;
        this.limitMicros = limitMicros;
    }

    void opening(URI ledger) {
        line("The ledger listens on %s.", ledger);
        line("Watch the tree in a browser: %s/#/tree/%s", ledger, tree.rootChatId());
        line("");
        line("A simulated chat service (seed %d) starts an agent in the chat %s.", tree.seed(), tree.rootChatId());
        line("Agents spawn agents, each in a chat of its own, and all call paid models. The whole tree");
        line("may spend %s. Each agent asks the ledger before every message and every spawn.", micros(limitMicros));
        line("");
    }

    void rejection(Rejection rejection, Duration sinceStart) {
        line("");
        line(
                "After %.1f s the ledger answered a check with %d:",
                seconds(sinceStart), rejection.answer().status());
        line("");
        line("%s", rejection.answer().body());
        line("");
        line(
                "%s: the tree has spent all that it ever may, until somebody raises its limit.",
                rejection.answer().scope());
    }

    /** @param account another one, which has met its limit in a tree that has none */
    void account(LimitedAccount account) {
        line("");
        line(
                "Another account, %s, may spend %s a month, in however many trees. After %d messages",
                account.accountId(), micros(account.limitMicros()), account.messages());
        line(
                "in a tree without a limit the ledger answered its check with %d:",
                account.answer().status());
        line("");
        line("%s", account.answer().body());
        line("");
        line(
                "%s: the account has spent all that it may this month; it may go on at %s.",
                account.answer().scope(), account.answer().resetsAt().orElse("an unknown time"));
    }

    void agents(Agents agents, Checks checks) {
        line("");
        line(
                "All %,d agents have stopped: %,d were done, %,d were stopped at work, and %,d before their",
                agents.all(), agents.finished(), agents.stoppedAtWork(), agents.stoppedAtOnce());
        line("first message.");
        line(
                "Checks: %,d allowed and %,d rejected; %,d of those asked after the first 409 were allowed.",
                checks.allowed(), checks.rejected(), checks.allowedAfterRejection());
    }

    void aftermath(Aftermath after) {
        after.spend()
                .ifPresent(spend -> line(
                        "The ledger has counted all %,d messages of %,d chats: %s.",
                        spend.messages(), spend.chats(), micros(spend.spentMicros())));
        line(
                "Asked once more for each of the %,d chats, it rejected %,d; its sum has %s.",
                after.chatsAsked(),
                after.chatsRejected(),
                after.spend().equals(after.spendAfterwards()) ? "stayed the same" : "CHANGED");
    }

    void overshoot(Overshoot overshoot) {
        line("");
        line(
                "The tree spent %s (%.1f %%) more than its limit. A message is checked before",
                micros(overshoot.micros()), 100.0 * overshoot.micros() / limitMicros);
        line("the model runs and priced after, so what is under way at the limit is still spent:");
        line("%,10d  that the message which reached the limit went beyond it,", overshoot.crossingMicros());
        line(
                "%,10d  for %d messages that were under way at that moment,",
                overshoot.underWay().costMicros(), overshoot.underWay().messages());
        line(
                "%,10d  for %d that were allowed in the moments until the sum showed it.",
                overshoot.late().costMicros(), overshoot.late().messages());
        line(
                "%d agents work at once, so there were never more than %d messages under way.",
                ChatService.AGENTS_AT_WORK_MOST, ChatService.AGENTS_AT_WORK_MOST);
    }

    void troubles(Map<String, Integer> troubles) {
        line("");
        if (troubles.isEmpty()) {
            line("Every request was answered, and no answer was degraded.");
        } else {
            line("Answers that were not as they should be:");
            troubles.forEach((what, count) -> line("%,6d  %s", count, what));
        }
    }

    /** @param chatId some chat deep in the tree */
    void curls(URI ledger, String chatId) {
        String check = "curl -i -X POST " + ledger + "/v1/chats/" + chatId + "/check";
        String root = ledger + "/v1/chats/" + tree.rootChatId();
        line("");
        line("To try while the ledger runs:");
        line("");
        curl("May this chat go on? 409: its tree has spent its limit.", check);
        curl(
                "What has it spent, and what have the others in its tree?",
                "curl '" + root + "/spend?breakdown=true&page_size=5'");
        curl(
                "Give the tree twice as much ...",
                "curl -X PUT " + root + "/limit -H 'Content-Type: application/json' -d '{\"spend_limit_micros\": "
                        + 2 * limitMicros + "}'");
        curl("... and it may go on: 200.", check);
        line("");
    }

    private void curl(String comment, String command) {
        line("# %s", comment);
        line("%s", command);
    }

    private static String micros(long micros) {
        return String.format(Locale.ROOT, "%,d micros", micros);
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1_000.0;
    }

    private void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
