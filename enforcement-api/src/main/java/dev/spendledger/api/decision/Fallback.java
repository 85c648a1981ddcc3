package dev.spendledger.api.decision;

import dev.spendledger.api.query.AccountQuery;
import dev.spendledger.api.query.AccountSpend;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.KnownTrees;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.streams.domain.TreeSpend;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What stands in where no fresh owner has answered. What is known to be exhausted is, before anything else may allow; else
 * the newest of what a copy or a stale owner has said, and of what a fresh owner last said to this instance. A fresh owner's
 * word stands above all of it, both ways.
 */
final class Fallback {
    private final KnownTrees trees;
    private final AccountQuery accounts;
    private final Clock clock;
    private final Duration staleAfter;

    /** @param staleAfter how old what is no owner's word may be without being marked */
    Fallback(KnownTrees trees, AccountQuery accounts, Clock clock, Duration staleAfter) {
        this.trees = trees;
        this.accounts = accounts;
        this.clock = clock;
        this.staleAfter = staleAfter;
    }

    /** Remembers what was found of a tree, if it is a fresh owner's word. */
    void remember(String rootChatId, Finding<TreeSpend> finding) {
        finding.found()
                .filter(Fallback::isFreshOwners)
                .ifPresent(found -> trees.onFresh(
                        rootChatId, found.spend(), found.freshness().asOf()));
    }

    /** Remembers what was found of an account, if it is a fresh owner's word. */
    void remember(Finding<AccountSpend> finding) {
        finding.found()
                .filter(Fallback::isFreshOwners)
                .ifPresent(found ->
                        accounts.onFresh(found.spend(), found.freshness().asOf()));
    }

    /**
     * What to judge a tree by.
     *
     * @param rootChatId its root; empty = it could not be found out, or there is none
     * @param said the roots that it may have, as the caller says: enough to be held to what is known to be exhausted, and
     *     to nothing else
     */
    Finding<TreeSpend> of(Finding<TreeSpend> finding, Optional<String> rootChatId, List<String> said) {
        return reason(finding, TreeSpend::exhausted)
                .map(reason -> exhausted(rootChatId, said)
                        .flatMap(trees::exhausted)
                        .<Finding<TreeSpend>>map(known -> known(known, reason))
                        .orElseGet(() -> newest(
                                finding, rootChatId.flatMap(trees::seen).map(known -> known(known, reason)), reason)))
                .orElse(finding);
    }

    /** The first of the roots that a tree may have whose tree is known to be exhausted. */
    Optional<String> exhausted(Optional<String> rootChatId, List<String> said) {
        return rootChatId.map(List::of).orElse(said).stream()
                .filter(root -> trees.exhausted(root).isPresent())
                .findFirst();
    }

    /** What to judge an account by; empty = nobody knows which. */
    Finding<AccountSpend> of(Finding<AccountSpend> finding, Optional<String> accountId) {
        return reason(finding, AccountSpend::exhausted)
                .map(reason -> {
                    Optional<Finding.Found<AccountSpend>> known =
                            accountId.flatMap(accounts::known).map(Fallback::found);
                    return known.filter(found -> found.spend().exhausted())
                            .<Finding<AccountSpend>>map(found ->
                                    withFreshness(found, found.freshness().withoutOwner(staleAfter, reason)))
                            .orElseGet(() -> newest(finding, known, reason));
                })
                .orElse(finding);
    }

    private <T> Finding<T> newest(Finding<T> finding, Optional<Finding.Found<T>> known, DegradedReason reason) {
        return known.filter(remembered -> finding.found()
                        .filter(found -> !found.freshness()
                                .asOf()
                                .isBefore(remembered.freshness().asOf()))
                        .isEmpty())
                .<Finding<T>>map(remembered ->
                        withFreshness(remembered, remembered.freshness().withoutOwner(staleAfter, reason)))
                .orElse(finding);
    }

    /**
     * Why something has to stand in for a finding; empty = nothing has to. It is a fresh owner's word, or none is needed; or
     * it rejects, and is as new as an owner's has to be.
     */
    private static <T> Optional<DegradedReason> reason(Finding<T> finding, Predicate<T> exhausted) {
        if (finding instanceof Finding.NoAnswer<?> noAnswer) {
            return Optional.of(noAnswer.reason());
        }
        if (finding instanceof Finding.Unknown<?>) {
            return Optional.of(
                    DegradedReason.UNKNOWN_CHAT); // What is known to be exhausted is there, whoever lacks it.
        }
        return finding.found()
                .filter(found -> !isFreshOwners(found))
                .filter(found -> found.freshness().doubt().isPresent() || !exhausted.test(found.spend()))
                .map(found -> found.freshness().doubt().orElse(DegradedReason.REBALANCING));
    }

    private static boolean isFreshOwners(Finding.Found<?> found) {
        return found.servedBy().isOwner() && found.freshness().doubt().isEmpty();
    }

    private Finding.Found<TreeSpend> known(KnownTrees.Known known, DegradedReason reason) {
        Freshness freshness = Freshness.at(known.asOf(), clock.instant(), Optional.empty());
        return new Finding.Found<>(known.tree(), ServedBy.STATUS_VIEW, freshness.withoutOwner(staleAfter, reason));
    }

    private static Finding.Found<AccountSpend> found(Reading.Answered<AccountSpend> answered) {
        return new Finding.Found<>(answered.value().orElseThrow(), answered.servedBy(), answered.freshness());
    }

    private static <T> Finding.Found<T> withFreshness(Finding.Found<T> found, Freshness freshness) {
        return new Finding.Found<>(found.spend(), found.servedBy(), freshness);
    }
}
