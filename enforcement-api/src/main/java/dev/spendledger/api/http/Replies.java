package dev.spendledger.api.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.decision.Scope;
import dev.spendledger.api.http.ApiException.Validation;
import dev.spendledger.api.query.AccountSpend;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.LedgerReader.Member;
import dev.spendledger.api.query.RankedTree;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.query.SpendView;
import dev.spendledger.api.query.TreeSums;
import dev.spendledger.api.write.Chats;
import dev.spendledger.events.SpendAlert;
import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.Membership;
import dev.spendledger.streams.domain.Models;
import dev.spendledger.streams.domain.Pace;
import dev.spendledger.streams.domain.PeriodLimit;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The bodies of replies, field by field as {@code openapi.yaml} has them. Null is left out, except where a field is marked to
 * show it.
 */
final class Replies {
    private Replies() {}

    record ErrorReply(String code, String message, String detail, List<Validation> validations) {
        static ErrorReply of(ApiException error) {
            return new ErrorReply(
                    error.code().code(),
                    error.code().message(),
                    error.getMessage(),
                    error.validations().isEmpty() ? null : error.validations());
        }
    }

    record ChatReply(
            String chatId,
            @JsonInclude(Include.ALWAYS) String parentChatId,
            @JsonInclude(Include.ALWAYS) String rootChatId,
            String accountId,
            @JsonInclude(Include.ALWAYS) Long spendLimitMicros,
            String createdAt) {
        static ChatReply of(Chats.Outcome.Created created) {
            ChatFact chat = created.chat();
            return new ChatReply(
                    chat.chatId(),
                    chat.parentChatId(),
                    created.rootChatId().orElse(null),
                    chat.accountId(),
                    chat.limitMicros(),
                    Json.time(chat.createdAt()));
        }
    }

    record LimitReply(
            String chatId, @JsonInclude(Include.ALWAYS) Long spendLimitMicros, String setAt) {
        static LimitReply of(String chatId, Long micros, Instant setAt) {
            return new LimitReply(chatId, micros, Json.time(setAt));
        }
    }

    record FreezeReply(String chatId, boolean frozen, String reason, String setAt) {
        static FreezeReply frozen(String chatId, String reason, Instant setAt) {
            return new FreezeReply(chatId, true, reason, Json.time(setAt));
        }

        static FreezeReply unfrozen(String chatId, Instant setAt) {
            return new FreezeReply(chatId, false, null, Json.time(setAt));
        }
    }

    /** An account-period limit; which of the first three is there says for whom. */
    record PeriodLimitReply(
            String accountId, String groupId, long spendLimitMicros, String period, String setBy, String setAt) {
        static PeriodLimitReply of(PeriodLimitKey key, PeriodLimit limit) {
            return new PeriodLimitReply(
                    key.kind() == PeriodLimitKey.Kind.ACCOUNT ? key.id() : null,
                    key.kind() == PeriodLimitKey.Kind.GROUP ? key.id() : null,
                    limit.micros(),
                    limit.period() == null ? null : limit.period().code(),
                    limit.setBy(),
                    Json.time(limit.setAt()));
        }
    }

    record GroupsReply(String accountId, List<String> groupIds, String setAt) {
        static GroupsReply of(String accountId, Optional<Membership> membership) {
            return new GroupsReply(
                    accountId,
                    membership.map(Membership::groupIds).orElse(List.of()),
                    membership.map(known -> Json.time(known.setAt())).orElse(null));
        }
    }

    record AcceptedReply(int accepted) {}

    record RejectedReply(
            String code,
            String message,
            String detail,
            String scope,
            String period,
            long spentMicros,
            Boolean overflow,
            long limitMicros,
            Integer thresholdPercent,
            String resetsAt,
            String limitSource,
            String chatId,
            String rootChatId,
            String accountId,
            String servedBy,
            Boolean degraded,
            String degradedReason) {
        static RejectedReply of(Decision.Rejected rejected) {
            Scope scope = rejected.scope();
            boolean inPeriod = scope.inPeriod().isPresent();
            return new RejectedReply(
                    ErrorCode.SPEND_LIMIT_EXCEEDED.code(),
                    ErrorCode.SPEND_LIMIT_EXCEEDED.message(),
                    (inPeriod
                                    ? "Account "
                                            + rejected.subject().accountId().orElseThrow()
                                    : "The tree of chat "
                                            + rejected.subject().rootChatId().orElseThrow())
                            + " has spent " + scope.spentMicros() + " micros" + (scope.overflow() ? " and more" : "")
                            + " of its limit of " + scope.limitMicros()
                            + (inPeriod ? " for this " + periodOf(scope) : "") + ".",
                    scope.name(),
                    periodOf(scope),
                    scope.spentMicros(),
                    trueOrNothing(scope.overflow()),
                    scope.limitMicros(),
                    percentOrNothing(scope.passedPercent()),
                    resetOf(scope),
                    scope.inPeriod().map(in -> in.limitSource().code()).orElse(null),
                    rejected.subject().chatId(),
                    rejected.subject().rootChatId().orElse(null),
                    inPeriod ? rejected.subject().accountId().orElseThrow() : null,
                    rejected.servedBy().code(),
                    trueOrNothing(rejected.degraded().isPresent()),
                    codeOf(rejected.degraded()));
        }
    }

    record FrozenReply(
            String code,
            String message,
            String detail,
            String chatId,
            String rootChatId,
            String servedBy,
            Boolean degraded,
            String degradedReason) {
        static FrozenReply of(Decision.Frozen frozen) {
            String rootChatId = frozen.subject().rootChatId().orElseThrow();
            String reason = frozen.freeze().reason();
            return new FrozenReply(
                    ErrorCode.FROZEN.code(),
                    ErrorCode.FROZEN.message(),
                    "The tree of chat " + rootChatId + " was frozen at "
                            + Json.time(frozen.freeze().setAt()) + (reason == null ? "." : ": " + reason),
                    frozen.subject().chatId(),
                    rootChatId,
                    ServedBy.FREEZE_VIEW.code(),
                    trueOrNothing(frozen.degraded().isPresent()),
                    codeOf(frozen.degraded()));
        }
    }

    /** What was spent on a model. */
    record ModelReply(
            @JsonInclude(Include.ALWAYS) String model,
            long spentMicros,
            Boolean overflow,
            long pricedMessages,
            long unpricedMessages,
            long inputTokens,
            long outputTokens) {
        static List<ModelReply> of(Models models) {
            return models.parts().stream()
                    .map(part -> new ModelReply(
                            Models.OTHERS.equals(part.model()) ? "(other)" : part.model(),
                            part.totals().spentMicros(),
                            trueOrNothing(part.totals().overflow()),
                            part.totals().pricedMessages(),
                            part.totals().unpricedMessages(),
                            shown(part.inputTokens()),
                            shown(part.outputTokens())))
                    .toList();
        }

        /** Below 0 is a sum beyond 2^63, of more tokens than there are. */
        private static long shown(long tokens) {
            return tokens < 0 ? Ranges.MAX_TOKENS : Math.min(tokens, Ranges.MAX_TOKENS);
        }
    }

    /**
     * A tree.
     *
     * @param rootChatId null = of the chat that was asked for
     * @param accountId null = of the chat that was asked for
     * @param models null = not asked for, or not known
     */
    record TreeReply(
            String rootChatId,
            String accountId,
            long spentMicros,
            Boolean overflow,
            @JsonInclude(Include.ALWAYS) Long limitMicros,
            @JsonInclude(Include.ALWAYS) Long remainingMicros,
            String state,
            Boolean frozen,
            long pricedMessages,
            long unpricedMessages,
            long chats,
            long spendMicrosPerMinute,
            long chatsPerMinute,
            Integer thresholdPercent,
            List<ModelReply> models) {

        /** A tree that the reply is about besides. */
        static TreeReply of(TreeSpend tree, boolean frozen, Optional<Models> models, Terms terms) {
            return of(null, null, tree, frozen, models, terms);
        }

        /** A tree as one of several. */
        static TreeReply of(RankedTree ranked, boolean frozen, Terms terms) {
            return of(ranked.rootChatId(), ranked.tree().accountId(), ranked.tree(), frozen, Optional.empty(), terms);
        }

        private static TreeReply of(
                String rootChatId,
                String accountId,
                TreeSpend tree,
                boolean frozen,
                Optional<Models> models,
                Terms terms) {
            Totals totals = tree.totals();
            Long limit = tree.limit().micros();
            Pace.Rate rate = tree.pace().at(terms.now());
            return new TreeReply(
                    rootChatId,
                    accountId,
                    totals.spentMicros(),
                    trueOrNothing(totals.overflow()),
                    limit,
                    limit == null ? null : remaining(limit, totals),
                    tree.exhausted() ? "exhausted" : "within",
                    trueOrNothing(frozen),
                    totals.pricedMessages(),
                    totals.unpricedMessages(),
                    tree.chats(),
                    rate.spendMicros(),
                    rate.chats(),
                    percentOrNothing(tree.passed(terms.thresholds())),
                    models.map(ModelReply::of).orElse(null));
        }
    }

    /**
     * In which terms amounts are shown.
     *
     * @param currency what all amounts are millionths of
     * @param thresholds of the limits
     * @param now when it is shown
     */
    record Terms(String currency, Thresholds thresholds, Instant now) {}

    record ChatSpendReply(
            String chatId,
            @JsonInclude(Include.ALWAYS) String parentChatId,
            long spentMicros,
            Boolean overflow,
            Long subtreeMicros,
            long pricedMessages,
            long unpricedMessages,
            List<ModelReply> models) {
        static ChatSpendReply of(Member member, Optional<TreeSums> sums) {
            Totals totals = member.spend().totals();
            return new ChatSpendReply(
                    member.chatId(),
                    member.spend().parentChatId(),
                    totals.spentMicros(),
                    trueOrNothing(totals.overflow()),
                    subtreeOf(member.chatId(), sums),
                    totals.pricedMessages(),
                    totals.unpricedMessages(),
                    ModelReply.of(member.spend().models()));
        }
    }

    record SpendReply(
            String chatId,
            @JsonInclude(Include.ALWAYS) String rootChatId,
            @JsonInclude(Include.ALWAYS) String accountId,
            String currency,
            long spentMicros,
            Boolean overflow,
            Long subtreeMicros,
            long parkedMicros,
            long parkedMessages,
            List<ModelReply> models,
            TreeReply tree,
            List<ChatSpendReply> chats,
            String nextPageToken,
            String servedBy,
            String asOf,
            Long lagMs,
            boolean degraded,
            String degradedReason) {
        static SpendReply of(SpendView view, Terms terms, String nextPageToken) {
            Optional<Freshness> freshness = Optional.of(view.freshness());
            Optional<DegradedReason> doubt = view.freshness().doubt();
            return new SpendReply(
                    view.chatId(),
                    view.rootChatId().orElse(null),
                    view.accountId().orElse(null),
                    terms.currency(),
                    view.own().spentMicros(),
                    trueOrNothing(view.own().overflow()),
                    subtreeOf(view.chatId(), view.sums()),
                    view.parked().spentMicros(),
                    view.parked().messages(),
                    ModelReply.of(view.models()),
                    view.tree()
                            .map(tree -> TreeReply.of(
                                    tree, view.frozen(), view.sums().map(TreeSums::models), terms))
                            .orElse(null),
                    view.chats()
                            .map(page -> page.stream()
                                    .map(member -> ChatSpendReply.of(member, view.sums()))
                                    .toList())
                            .orElse(null),
                    nextPageToken,
                    view.servedBy().code(),
                    timeOf(freshness),
                    lagOf(freshness),
                    doubt.isPresent(),
                    codeOf(doubt));
        }
    }

    record AccountSpendReply(
            String accountId,
            String currency,
            String period,
            String startsAt,
            String resetsAt,
            long spentMicros,
            Boolean overflow,
            @JsonInclude(Include.ALWAYS) Long limitMicros,
            @JsonInclude(Include.ALWAYS) Long remainingMicros,
            @JsonInclude(Include.ALWAYS) String limitSource,
            String limitSetBy,
            String limitSetAt,
            String state,
            long pricedMessages,
            long unpricedMessages,
            String servedBy,
            String asOf,
            Long lagMs,
            boolean degraded,
            String degradedReason) {
        static AccountSpendReply of(Reading.Answered<AccountSpend> answered, String currency) {
            AccountSpend account = answered.value().orElseThrow();
            Totals totals = account.totals();
            Optional<AccountLimit.InForce> limit = account.limit().inForce();
            Optional<Freshness> freshness = Optional.of(answered.freshness());
            Optional<DegradedReason> doubt = answered.freshness().doubt();
            return new AccountSpendReply(
                    account.accountId(),
                    currency,
                    account.limit().period().code(),
                    Json.time(account.span().startsAt()),
                    Json.time(account.span().resetsAt()),
                    totals.spentMicros(),
                    trueOrNothing(totals.overflow()),
                    limit.map(AccountLimit.InForce::micros).orElse(null),
                    limit.map(inForce -> remaining(inForce.micros(), totals)).orElse(null),
                    limit.map(inForce -> inForce.source().code()).orElse(null),
                    limit.map(AccountLimit.InForce::setBy).orElse(null),
                    limit.map(inForce -> Json.time(inForce.setAt())).orElse(null),
                    account.exhausted() ? "exhausted" : "within",
                    totals.pricedMessages(),
                    totals.unpricedMessages(),
                    answered.servedBy().code(),
                    timeOf(freshness),
                    lagOf(freshness),
                    doubt.isPresent(),
                    codeOf(doubt));
        }
    }

    record AlertReply(
            String alertId,
            String kind,
            int thresholdPercent,
            String rootChatId,
            String accountId,
            String period,
            String startsAt,
            String resetsAt,
            String limitSource,
            long spentMicros,
            long limitMicros,
            String at) {
        static AlertReply of(SpendAlert alert) {
            return new AlertReply(
                    alert.getAlertId(),
                    Subscription.code(alert.getKind()),
                    alert.getThresholdPercent(),
                    alert.getRootChatId(),
                    alert.getAccountId(),
                    alert.getPeriod(),
                    timeOf(alert.getStartsAt()),
                    timeOf(alert.getResetsAt()),
                    alert.getLimitSource(),
                    alert.getSpentMicros(),
                    alert.getLimitMicros(),
                    Json.time(alert.getAt()));
        }

        private static String timeOf(Instant instant) {
            return instant == null ? null : Json.time(instant);
        }
    }

    record HealthReply(String status, List<CheckReply> checks) {}

    record CheckReply(String name, String status, String detail) {}

    private static String periodOf(Scope scope) {
        return scope.inPeriod().map(in -> in.period().code()).orElse(null);
    }

    private static String resetOf(Scope scope) {
        return scope.inPeriod().map(in -> Json.time(in.resetsAt())).orElse(null);
    }

    static String timeOf(Optional<Freshness> freshness) {
        return freshness.map(known -> Json.time(known.asOf())).orElse(null);
    }

    static Long lagOf(Optional<Freshness> freshness) {
        return freshness.map(Freshness::lagMs).orElse(null);
    }

    static String codeOf(Optional<DegradedReason> reason) {
        return reason.map(DegradedReason::code).orElse(null);
    }

    private static Long subtreeOf(String chatId, Optional<TreeSums> sums) {
        return sums.map(known -> known.subtree(chatId).spentMicros()).orElse(null);
    }

    private static long remaining(long limitMicros, Totals totals) {
        return Math.max(0, limitMicros - totals.spentMicros());
    }

    private static Integer percentOrNothing(int percent) {
        return percent == Thresholds.NONE_PASSED ? null : percent;
    }

    static Boolean trueOrNothing(boolean flag) {
        return flag ? Boolean.TRUE : null;
    }
}
