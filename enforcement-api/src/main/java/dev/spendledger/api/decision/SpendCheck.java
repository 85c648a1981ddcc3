package dev.spendledger.api.decision;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.query.AccountQuery;
import dev.spendledger.api.query.AccountSpend;
import dev.spendledger.api.query.Announcements;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.KnownTrees;
import dev.spendledger.api.query.LedgerReader;
import dev.spendledger.api.query.Location;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.TreeLocator;
import dev.spendledger.streams.domain.TreeSpend;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A check from question to decision: find the chat's tree, read its spend and that of its account, decide. */
public final class SpendCheck {
    private final TreeLocator locator;
    private final LedgerReader reader;
    private final AccountQuery accounts;
    private final Fallback fallback;
    private final Announcements announcements;
    private final Duration deadline;
    private final LookupErrorPolicy policy;

    /**
     * @param deadline how long finding and reading may take
     * @param staleAfter how old what is no owner's word may be without being marked
     * @param policy what to do when they fail
     */
    public SpendCheck(
            TreeLocator locator,
            LedgerReader reader,
            AccountQuery accounts,
            KnownTrees trees,
            Announcements announcements,
            Clock clock,
            Duration deadline,
            Duration staleAfter,
            LookupErrorPolicy policy) {
        this.locator = locator;
        this.reader = reader;
        this.accounts = accounts;
        this.fallback = new Fallback(trees, accounts, clock, staleAfter);
        this.announcements = announcements;
        this.deadline = deadline;
        this.policy = policy;
    }

    /**
     * Whether a chat may go on: by its tree, and by its account.
     *
     * @param chatId the chat that wants to go on
     * @param accountId the account that pays, if the caller says so
     */
    public Future<Decision> check(String chatId, TreeLocator.Hints hints, Optional<String> accountId) {
        Future<Location> locating = locator.locate(chatId, hints);
        // Begun both before either is waited for.
        Future<Finding<TreeSpend>> tree = inTime(locating.compose(this::tree))
                .map(found -> fallback.of(found, rootOf(locating), rootsSaid(chatId, hints, locating)));
        Future<Finding<AccountSpend>> account = inTime(
                        accountId.isPresent()
                                ? account(accountId)
                                : locating.compose(location -> account(accountOf(location))))
                .map(found ->
                        fallback.of(found, accountId.or(() -> found(locating).flatMap(SpendCheck::accountOf))));
        return tree.compose(treeFound -> account.map(accountFound ->
                Decider.decide(subject(chatId, hints, accountId, locating), treeFound, accountFound, policy)));
    }

    /** Whether an account may begin something, before there is a chat. */
    public Future<Decision> checkAccount(String accountId) {
        return inTime(account(Optional.of(accountId)))
                .map(found -> fallback.of(found, Optional.of(accountId)))
                .map(found -> Decider.decide(Subject.ofAccount(accountId), new Finding.Nothing<>(), found, policy));
    }

    private <T> Future<Finding<T>> inTime(Future<Finding<T>> finding) {
        return finding.timeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> failure instanceof TimeoutException
                        ? Future.succeededFuture(new Finding.NoAnswer<>(DegradedReason.DEADLINE))
                        : Future.failedFuture(failure));
    }

    private Future<Finding<TreeSpend>> tree(Location location) {
        if (location instanceof Location.InTree inTree) {
            return reader.tree(inTree.rootChatId()).map(reading -> tree(inTree.rootChatId(), reading));
        }
        return Future.succeededFuture(
                location instanceof Location.Unreadable unreadable
                        ? new Finding.NoAnswer<>(unreadable.reason())
                        : new Finding.Unknown<>());
    }

    private Finding<TreeSpend> tree(String rootChatId, Reading<TreeSpend> reading) {
        Finding<TreeSpend> finding = Finding.of(
                reading instanceof Reading.Answered<TreeSpend> answered
                        ? new Reading.Answered<>(
                                answered.value().or(() -> announcements.openedTree(rootChatId)),
                                answered.servedBy(),
                                answered.freshness())
                        : reading);
        fallback.remember(rootChatId, finding);
        return finding;
    }

    /** @param accountId empty = nobody knows whose chat it is, so that no limit can be held against it */
    private Future<Finding<AccountSpend>> account(Optional<String> accountId) {
        return accountId.isEmpty()
                ? Future.succeededFuture(new Finding.Nothing<>())
                : accounts.spendIfLimited(accountId.get())
                        .map(reading -> reading.map(Finding::of).orElseGet(Finding.Nothing::new))
                        .onSuccess(fallback::remember);
    }

    private Subject subject(
            String chatId, TreeLocator.Hints hints, Optional<String> accountId, Future<Location> locating) {
        return new Subject(
                chatId,
                rootOf(locating).or(() -> fallback.exhausted(Optional.empty(), rootsSaid(chatId, hints, locating))),
                accountId.or(() -> found(locating).flatMap(SpendCheck::accountOf)));
    }

    private static Optional<String> rootOf(Future<Location> locating) {
        return found(locating)
                .filter(Location.InTree.class::isInstance)
                .map(location -> ((Location.InTree) location).rootChatId());
    }

    /** Where the chat could not be looked up: the roots that it may have, the likeliest first. */
    private static List<String> rootsSaid(String chatId, TreeLocator.Hints hints, Future<Location> locating) {
        return found(locating)
                        .filter(location -> !(location instanceof Location.Unreadable))
                        .isPresent()
                ? List.of()
                : Stream.of(hints.rootChatId(), Optional.of(chatId), hints.parentChatId())
                        .flatMap(Optional::stream)
                        .toList();
    }

    private static Optional<Location> found(Future<Location> locating) {
        return locating.succeeded() ? Optional.of(locating.result()) : Optional.empty();
    }

    private static Optional<String> accountOf(Location location) {
        if (location instanceof Location.InTree inTree) {
            return inTree.accountId();
        }
        return location instanceof Location.Nowhere nowhere ? nowhere.accountId() : Optional.empty();
    }
}
