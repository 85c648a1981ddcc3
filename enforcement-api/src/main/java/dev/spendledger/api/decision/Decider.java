package dev.spendledger.api.decision;

import dev.spendledger.api.query.AccountSpend;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.domain.TreeSpend;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The decision itself: from what was found to the answer, and nothing else. */
public final class Decider {
    private Decider() {}

    /** What a check without an answer does. */
    public enum LookupErrorPolicy {
        /** Allow, and say that it was for want of an answer. */
        OPEN,
        /** Leave it undecided. */
        CLOSED
    }

    /**
     * A frozen tree is rejected before any limit is looked at. The tree is judged first, then the account. What is known to
     * be exhausted rejects, whatever else is not known.
     *
     * @param thresholds of the limits: which of them are passed is said, and decides nothing
     */
    public static Decision decide(
            Subject subject,
            FreezeFinding freeze,
            Finding<TreeSpend> tree,
            Finding<AccountSpend> account,
            LookupErrorPolicy policy,
            Thresholds thresholds) {
        if (freeze instanceof FreezeFinding.Frozen frozen) {
            return new Decision.Frozen(
                    new Subject(subject.chatId(), Optional.of(frozen.rootChatId()), subject.accountId()),
                    frozen.freeze(),
                    frozen.doubt());
        }
        if (tree instanceof Finding.Found<TreeSpend> found && found.spend().exhausted()) {
            return rejected(subject, Scope.of(found.spend(), thresholds), found);
        }
        if (account instanceof Finding.Found<AccountSpend> found
                && found.spend().exhausted()) {
            return rejected(subject, Scope.of(found.spend(), thresholds), found);
        }
        return decideUnexhausted(subject, freeze, tree, account, policy, thresholds);
    }

    private static Decision rejected(Subject subject, Optional<Scope> scope, Finding.Found<?> found) {
        return new Decision.Rejected(
                subject,
                scope.orElseThrow(),
                found.servedBy(),
                found.freshness().doubt());
    }

    private static Decision decideUnexhausted(
            Subject subject,
            FreezeFinding freeze,
            Finding<TreeSpend> tree,
            Finding<AccountSpend> account,
            LookupErrorPolicy policy,
            Thresholds thresholds) {
        Optional<DegradedReason> failed = failed(freeze, tree, account);
        if (failed.isPresent() && policy == LookupErrorPolicy.CLOSED) {
            return new Decision.Undecided(subject, failed.get());
        }
        List<Scope> scopes = new ArrayList<>(2);
        tree.found().flatMap(found -> Scope.of(found.spend(), thresholds)).ifPresent(scopes::add);
        account.found().flatMap(found -> Scope.of(found.spend(), thresholds)).ifPresent(scopes::add);
        Optional<Freshness> ofTree = tree.found().map(Finding.Found::freshness);
        Optional<Freshness> ofAccount = account.found().map(Finding.Found::freshness);
        Optional<DegradedReason> missing = failed.or(tree::missing);
        Optional<DegradedReason> doubt = ofTree.flatMap(Freshness::doubt).or(() -> ofAccount.flatMap(Freshness::doubt));
        return new Decision.Allowed(
                subject,
                scopes,
                tree.found()
                        .map(Finding.Found::servedBy)
                        .or(() -> account.found().map(Finding.Found::servedBy))
                        .orElse(ServedBy.NONE),
                ofTree.isPresent() && ofAccount.isPresent()
                        ? Optional.of(worse(ofTree.get(), ofAccount.get(), doubt))
                        : ofTree.or(() -> ofAccount),
                missing.or(() -> doubt),
                missing.isPresent());
    }

    /** That nobody has heard of a chat is no failed look-up: there is nothing to hold against it. */
    private static Optional<DegradedReason> failed(
            FreezeFinding freeze, Finding<TreeSpend> tree, Finding<AccountSpend> account) {
        if (tree instanceof Finding.NoAnswer<TreeSpend> noAnswer) {
            return Optional.of(noAnswer.reason());
        }
        if (account instanceof Finding.NoAnswer<AccountSpend> noAnswer) {
            return Optional.of(noAnswer.reason());
        }
        return freeze instanceof FreezeFinding.NotRead ? Optional.of(DegradedReason.STARTING) : Optional.empty();
    }

    /** As old as the older, and as far behind as the one that is further. */
    private static Freshness worse(Freshness one, Freshness other, Optional<DegradedReason> doubt) {
        Instant asOf = one.asOf().isBefore(other.asOf()) ? one.asOf() : other.asOf();
        return new Freshness(asOf, Math.max(one.lagMs(), other.lagMs()), doubt);
    }
}
