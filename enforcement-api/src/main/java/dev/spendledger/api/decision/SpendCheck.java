package dev.spendledger.api.decision;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.query.Announcements;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.LedgerReader;
import dev.spendledger.api.query.Location;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.TreeLocator;
import dev.spendledger.streams.domain.TreeSpend;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A check from question to decision: find the chat's tree, read its spend, decide. */
public final class SpendCheck {
    private final TreeLocator locator;
    private final LedgerReader reader;
    private final Announcements announcements;
    private final Duration deadline;
    private final LookupErrorPolicy policy;

    /**
     * @param deadline how long finding and reading may take
     * @param policy what to do when they fail
     */
    public SpendCheck(
            TreeLocator locator,
            LedgerReader reader,
            Announcements announcements,
            Duration deadline,
            LookupErrorPolicy policy) {
        this.locator = locator;
        this.reader = reader;
        this.announcements = announcements;
        this.deadline = deadline;
        this.policy = policy;
    }

    /**
     * @param chatId the chat that wants to go on
     * @param accountId the account that pays, if the caller says so
     */
    public Future<Decision> check(String chatId, TreeLocator.Hints hints, Optional<String> accountId) {
        return locator.locate(chatId, hints)
                .compose(location -> decide(chatId, accountId, location))
                .timeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> failure instanceof TimeoutException
                        ? Future.succeededFuture(late(chatId, accountId))
                        : Future.failedFuture(failure));
    }

    private Future<Decision> decide(String chatId, Optional<String> accountId, Location location) {
        if (location instanceof Location.InTree inTree) {
            Subject subject = new Subject(chatId, Optional.of(inTree.rootChatId()), accountId.or(inTree::accountId));
            return reader.tree(inTree.rootChatId())
                    .map(reading -> Decider.decide(subject, finding(inTree.rootChatId(), reading), policy));
        }
        if (location instanceof Location.Nowhere nowhere) {
            Subject subject = new Subject(chatId, Optional.empty(), accountId.or(nowhere::accountId));
            return Future.succeededFuture(Decider.decide(subject, new Finding.NoTree(), policy));
        }
        DegradedReason reason = ((Location.Unreadable) location).reason();
        return Future.succeededFuture(
                Decider.decide(unlocated(chatId, accountId), new Finding.NoAnswer(reason), policy));
    }

    private Finding finding(String rootChatId, Reading<TreeSpend> reading) {
        if (reading instanceof Reading.Unavailable<TreeSpend> unavailable) {
            return new Finding.NoAnswer(unavailable.reason());
        }
        Reading.Answered<TreeSpend> answered = (Reading.Answered<TreeSpend>) reading;
        return answered.value()
                .or(() -> announcements.openedTree(rootChatId))
                .<Finding>map(tree -> new Finding.OfTree(tree, answered.servedBy(), answered.freshness()))
                .orElseGet(Finding.NoTree::new);
    }

    private Decision late(String chatId, Optional<String> accountId) {
        return Decider.decide(unlocated(chatId, accountId), new Finding.NoAnswer(DegradedReason.DEADLINE), policy);
    }

    private static Subject unlocated(String chatId, Optional<String> accountId) {
        return new Subject(chatId, Optional.empty(), accountId);
    }
}
