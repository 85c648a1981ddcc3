package dev.spendledger.api.decision;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.query.AccountQuery;
import dev.spendledger.api.query.AccountSpend;
import dev.spendledger.api.query.Announcements;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.FreezesView;
import dev.spendledger.api.query.KnownTrees;
import dev.spendledger.api.query.LedgerReader;
import dev.spendledger.api.query.Location;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.TreeLocator;
import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.domain.TreeSpend;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A check from question to decision: find the chat's tree, see whether it is frozen, read its spend and that of its
 * account, decide.
 */
public final class SpendCheck {
    private static final DegradedReason TOO_LATE = DegradedReason.DEADLINE;

    private final TreeLocator locator;
    private final LedgerReader reader;
    private final AccountQuery accounts;
    private final FreezesView freezes;
    private final Fallback fallback;
    private final Announcements announcements;
    private final Duration deadline;
    private final LookupErrorPolicy policy;
    private final Thresholds thresholds;

    /**
     * @param deadline how long finding and reading may take
     * @param staleAfter how old what is no owner's word may be without being marked
     * @param policy what to do when they fail
     * @param thresholds of which parts of a limit it is said that they are passed
     */
    public SpendCheck(
            TreeLocator locator,
            LedgerReader reader,
            AccountQuery accounts,
            FreezesView freezes,
            KnownTrees trees,
            Announcements announcements,
            Clock clock,
            Duration deadline,
            Duration staleAfter,
            LookupErrorPolicy policy,
            Thresholds thresholds) {
        this.locator = locator;
        this.reader = reader;
        this.accounts = accounts;
        this.freezes = freezes;
        this.fallback = new Fallback(trees, accounts, clock, staleAfter);
        this.announcements = announcements;
        this.deadline = deadline;
        this.policy = policy;
        this.thresholds = thresholds;
    }

    /**
     * Whether a chat may go on: by its tree, and by its account.
     *
     * @param chatId the chat that wants to go on
     * @param accountId the account that pays, if the caller says so
     */
    public Future<Decision> check(String chatId, TreeLocator.Hints hints, Optional<String> accountId) {
        Future<Location> locating = locator.locate(chatId, hints);
        // Begun all before any is waited for.
        Future<FreezeFinding> freeze = inTime(locating.map(Optional::of), Optional.<Location>empty())
                .map(location -> freeze(chatId, hints, location));
        Future<Finding<TreeSpend>> tree = inTime(locating.compose(this::tree), new Finding.NoAnswer<>(TOO_LATE))
                .map(found -> fallback.of(found, rootOf(locating), maybeRoots(chatId, hints, found(locating))));
        Future<Finding<AccountSpend>> account = inTime(
                        accountId.isPresent()
                                ? account(accountId)
                                : locating.compose(location -> account(accountOf(location))),
                        new Finding.NoAnswer<>(TOO_LATE))
                .map(found ->
                        fallback.of(found, accountId.or(() -> found(locating).flatMap(SpendCheck::accountOf))));
        return freeze.compose(freezeFound -> freezeFound instanceof FreezeFinding.Frozen
                // Of no use any more, and it may be long before they come.
                ? Future.succeededFuture(decide(
                        chatId,
                        hints,
                        accountId,
                        locating,
                        freezeFound,
                        new Finding.Nothing<>(),
                        new Finding.Nothing<>()))
                : tree.compose(treeFound -> account.map(accountFound ->
                        decide(chatId, hints, accountId, locating, freezeFound, treeFound, accountFound))));
    }

    /**
     * The same, if all that it takes is in this instance's memory and a fresh owner's word; empty = it has to be asked for.
     * Reads no store.
     */
    public Optional<Decision> checkInMemory(String chatId, Optional<String> accountId) {
        return freezes.isLoaded()
                ? locator.cached(chatId).flatMap(place -> checkInMemory(chatId, place, accountId.or(place::accountId)))
                : Optional.empty();
    }

    private Optional<Decision> checkInMemory(String chatId, Location.InTree place, Optional<String> accountId) {
        String rootChatId = place.rootChatId();
        FreezeFinding freeze = freeze(Stream.of(rootChatId), Optional.empty());
        return reader.treeInMemory(rootChatId)
                .flatMap(tree -> accountInMemory(accountId)
                        .map(account -> Decider.decide(
                                new Subject(chatId, Optional.of(rootChatId), accountId),
                                freeze,
                                tree(rootChatId, tree),
                                account,
                                policy,
                                thresholds)));
    }

    private Optional<Finding<AccountSpend>> accountInMemory(Optional<String> accountId) {
        return accountId.isEmpty()
                ? Optional.of(new Finding.Nothing<>())
                : accounts.limitOf(accountId.get()).flatMap(limit -> accountInMemory(accountId.get(), limit));
    }

    private Optional<Finding<AccountSpend>> accountInMemory(String accountId, AccountLimit limit) {
        if (limit.inForce().isEmpty()) {
            return Optional.of(new Finding.Nothing<>());
        }
        Optional<Finding<AccountSpend>> found =
                accounts.spendInMemory(accountId, limit).map(Finding::of);
        found.ifPresent(fallback::remember);
        return found;
    }

    private Decision decide(
            String chatId,
            TreeLocator.Hints hints,
            Optional<String> accountId,
            Future<Location> locating,
            FreezeFinding freeze,
            Finding<TreeSpend> tree,
            Finding<AccountSpend> account) {
        return Decider.decide(subject(chatId, hints, accountId, locating), freeze, tree, account, policy, thresholds);
    }

    /** Whether an account may begin something, before there is a chat. */
    public Future<Decision> checkAccount(String accountId) {
        return inTime(account(Optional.of(accountId)), new Finding.NoAnswer<>(TOO_LATE))
                .map(found -> fallback.of(found, Optional.of(accountId)))
                .map(found -> decide(accountId, found));
    }

    /** The same, if {@link #checkInMemory the memory} has it. */
    public Optional<Decision> checkAccountInMemory(String accountId) {
        return accountInMemory(Optional.of(accountId)).map(found -> decide(accountId, found));
    }

    private Decision decide(String accountId, Finding<AccountSpend> found) {
        return Decider.decide(
                Subject.ofAccount(accountId),
                new FreezeFinding.NotFrozen(),
                new Finding.Nothing<>(),
                found,
                policy,
                thresholds);
    }

    private <T> Future<T> inTime(Future<T> future, T otherwise) {
        return future.timeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> failure instanceof TimeoutException
                        ? Future.succeededFuture(otherwise)
                        : Future.failedFuture(failure));
    }

    /**
     * Whether the chat's tree is frozen. If nobody can tell the tree, the chat at which the way up has ended may be its
     * root, and the caller's hints count: a frozen tree must not go on for want of a reading.
     *
     * @param location empty = it was not found out in time
     */
    private FreezeFinding freeze(String chatId, TreeLocator.Hints hints, Optional<Location> location) {
        if (!freezes.isLoaded()) {
            return new FreezeFinding.NotRead();
        }
        if (location.orElse(null) instanceof Location.InTree inTree) {
            return freeze(Stream.of(inTree.rootChatId()), Optional.empty());
        }
        return freeze(
                maybeRoots(chatId, hints, location).stream(),
                Optional.of(location.map(SpendCheck::doubt).orElse(TOO_LATE)));
    }

    /** Where nobody can tell the tree: the roots that it may have, the likeliest first. */
    private List<String> maybeRoots(String chatId, TreeLocator.Hints hints, Optional<Location> location) {
        if (location.orElse(null) instanceof Location.InTree) {
            return List.of();
        }
        return Stream.of(
                        Optional.of(location.map(SpendCheck::topmost).orElse(chatId)),
                        hints.rootChatId(),
                        hints.parentChatId(),
                        hints.parentChatId().flatMap(locator::cached).map(Location.InTree::rootChatId))
                .flatMap(Optional::stream)
                .toList();
    }

    private FreezeFinding freeze(Stream<String> maybeRoots, Optional<DegradedReason> doubt) {
        return maybeRoots
                .flatMap(
                        root -> freezes
                                .freeze(root)
                                .<FreezeFinding>map(freeze -> new FreezeFinding.Frozen(root, freeze, doubt))
                                .stream())
                .findFirst()
                .orElseGet(FreezeFinding.NotFrozen::new);
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
        Finding<TreeSpend> finding = Finding.of(reading);
        fallback.remember(rootChatId, finding);
        if (reading instanceof Reading.Answered<TreeSpend> answered
                && answered.value().isEmpty()
                && fallback.exhausted(Optional.of(rootChatId), List.of()).isEmpty()) {
            // What was announced is nobody's word of what is spent, and not to be remembered.
            return Finding.of(new Reading.Answered<>(
                    announcements.openedTree(rootChatId), answered.servedBy(), answered.freshness()));
        }
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
                rootOf(locating).or(() -> fallback.exhausted(Optional.empty(), rootsIfUnread(chatId, hints, locating))),
                accountId.or(() -> found(locating).flatMap(SpendCheck::accountOf)));
    }

    /** Of a chat that nobody has heard of there is no tree that could be exhausted. */
    private List<String> rootsIfUnread(String chatId, TreeLocator.Hints hints, Future<Location> locating) {
        return found(locating).orElse(null) instanceof Location.Nowhere
                ? List.of()
                : maybeRoots(chatId, hints, found(locating));
    }

    private static Optional<String> rootOf(Future<Location> locating) {
        return found(locating)
                .filter(Location.InTree.class::isInstance)
                .map(location -> ((Location.InTree) location).rootChatId());
    }

    private static Optional<Location> found(Future<Location> locating) {
        return locating.succeeded() ? Optional.of(locating.result()) : Optional.empty();
    }

    private static String topmost(Location location) {
        return location instanceof Location.Unreadable unreadable
                ? unreadable.topmostChatId()
                : ((Location.Nowhere) location).topmostChatId();
    }

    private static DegradedReason doubt(Location location) {
        return location instanceof Location.Unreadable unreadable ? unreadable.reason() : DegradedReason.UNKNOWN_CHAT;
    }

    private static Optional<String> accountOf(Location location) {
        if (location instanceof Location.InTree inTree) {
            return inTree.accountId();
        }
        return location instanceof Location.Nowhere nowhere ? nowhere.accountId() : Optional.empty();
    }
}
