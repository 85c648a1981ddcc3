package dev.spendledger.api.decision;

import dev.spendledger.api.query.AccountSpend;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.streams.domain.TreeSpend;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
     */
    public static Decision decide(
            Subject subject,
            FreezeFinding freeze,
            Finding<TreeSpend> tree,
            Finding<AccountSpend> account,
            LookupErrorPolicy policy) {
        if (freeze instanceof FreezeFinding.Frozen frozen) {
            return new Decision.Frozen(
                    new Subject(subject.chatId(), Optional.of(frozen.rootChatId()), subject.accountId()),
                    frozen.freeze(),
                    frozen.doubt());
        }
        return tree.found()
                .filter(found -> found.spend().exhausted())
                .map(found -> rejected(subject, Scope.of(found.spend()), found))
                .or(() -> account.found()
                        .filter(found -> found.spend().exhausted())
                        .map(found -> rejected(subject, Scope.of(found.spend()), found)))
                .orElseGet(() -> decideUnexhausted(subject, freeze, tree, account, policy));
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
            LookupErrorPolicy policy) {
        // That nobody has heard of a chat is no failed look-up: there is nothing to hold against it.
        Optional<DegradedReason> failed = Stream.of(tree, account)
                .filter(Finding.NoAnswer.class::isInstance)
                .flatMap(finding -> finding.missing().stream())
                .findFirst()
                .or(() -> freeze instanceof FreezeFinding.NotRead
                        ? Optional.of(DegradedReason.STARTING)
                        : Optional.empty());
        if (failed.isPresent() && policy == LookupErrorPolicy.CLOSED) {
            return new Decision.Undecided(subject, failed.get());
        }
        List<Finding.Found<?>> found = Stream.<Finding<?>>of(tree, account)
                .<Finding.Found<?>>flatMap(finding -> finding.found().stream())
                .toList();
        Optional<DegradedReason> missing = failed.or(tree::missing);
        Optional<DegradedReason> doubt = found.stream()
                .flatMap(each -> each.freshness().doubt().stream())
                .findFirst();
        List<Scope> scopes = Stream.concat(
                        tree.found().flatMap(each -> Scope.of(each.spend())).stream(),
                        account.found().flatMap(each -> Scope.of(each.spend())).stream())
                .toList();
        return new Decision.Allowed(
                subject,
                scopes,
                found.stream()
                        .findFirst()
                        .<ServedBy>map(Finding.Found::servedBy)
                        .orElse(ServedBy.NONE),
                found.stream()
                        .<Freshness>map(Finding.Found::freshness)
                        .reduce((one, other) -> worse(one, other, doubt)),
                missing.or(() -> doubt),
                missing.isPresent());
    }

    /** As old as the older, and as far behind as the one that is further. */
    private static Freshness worse(Freshness one, Freshness other, Optional<DegradedReason> doubt) {
        Instant asOf = one.asOf().isBefore(other.asOf()) ? one.asOf() : other.asOf();
        return new Freshness(asOf, Math.max(one.lagMs(), other.lagMs()), doubt);
    }
}
