package dev.spendledger.api.http;

import static dev.spendledger.api.http.Replies.codeOf;
import static dev.spendledger.api.http.Replies.lagOf;
import static dev.spendledger.api.http.Replies.timeOf;
import static dev.spendledger.api.http.Replies.trueOrNothing;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.http.Replies.AccountSpendReply;
import dev.spendledger.api.http.Replies.Terms;
import dev.spendledger.api.http.Replies.TreeReply;
import dev.spendledger.api.query.AccountSpend;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.LedgerReader.Counted;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.Reading.Answered;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.query.SpendView;
import dev.spendledger.api.query.TopTrees;
import dev.spendledger.api.query.TreeHistory;
import dev.spendledger.api.query.TreeOrder;
import dev.spendledger.streams.domain.Attribution;
import dev.spendledger.streams.domain.Freeze;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.Pricing;
import dev.spendledger.streams.domain.TreeSpend;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The bodies of the replies that show people what goes on, as {@link Replies} has those of the others. */
final class OverviewReplies {
    private OverviewReplies() {}

    record TreesReply(String currency, String sort, List<TreeReply> trees, Boolean incomplete) {
        static TreesReply of(
                TreeOrder order, TopTrees.Top top, Function<String, Optional<Freeze>> freezes, Terms terms) {
            return new TreesReply(
                    terms.currency(),
                    order.code(),
                    top.trees().stream()
                            .map(ranked -> TreeReply.of(
                                    ranked, freezes.apply(ranked.rootChatId()).isPresent(), terms))
                            .toList(),
                    trueOrNothing(top.incomplete()));
        }
    }

    record PointReply(String at, long spentMicros) {}

    record TimelineReply(
            String chatId,
            @JsonInclude(Include.ALWAYS) String rootChatId,
            String currency,
            @JsonInclude(Include.ALWAYS) Long limitMicros,
            List<PointReply> points,
            String exhaustedAt,
            boolean complete,
            String servedBy,
            String asOf,
            Long lagMs,
            boolean degraded,
            String degradedReason) {
        static TimelineReply of(TreeHistory history, Terms terms) {
            SpendView spend = history.spend();
            Optional<Freshness> freshness = Optional.of(spend.freshness());
            Optional<DegradedReason> doubt = spend.freshness().doubt();
            return new TimelineReply(
                    spend.chatId(),
                    spend.rootChatId().orElse(null),
                    terms.currency(),
                    spend.tree().map(tree -> tree.limit().micros()).orElse(null),
                    history.messages()
                            .map(messages -> messages.points().stream()
                                    .map(point -> new PointReply(Json.time(point.at()), point.spentMicros()))
                                    .toList())
                            .orElse(List.of()),
                    history.messages()
                            .flatMap(TreeHistory.Messages::exhaustedAt)
                            .map(Json::time)
                            .orElse(null),
                    history.messages().isPresent(),
                    spend.servedBy().code(),
                    timeOf(freshness),
                    lagOf(freshness),
                    doubt.isPresent(),
                    codeOf(doubt));
        }
    }

    /** Where the limit of a tree comes from. */
    record TreeLimitReply(
            @JsonInclude(Include.ALWAYS) Long spendLimitMicros, String source, String setBy, String setAt) {
        static TreeLimitReply of(Limit limit) {
            return new TreeLimitReply(
                    limit.micros(),
                    limit.offset() == Limit.AS_CREATED ? "chat_created" : "limit_set",
                    limit.setBy(),
                    limit.setAt() == null ? null : Json.time(limit.setAt()));
        }
    }

    record TreeFreezeReply(String reason, String setBy, String setAt) {
        static TreeFreezeReply of(Freeze freeze) {
            return new TreeFreezeReply(freeze.reason(), freeze.setBy(), Json.time(freeze.setAt()));
        }
    }

    record MessageReply(
            String messageId,
            String chatId,
            String accountId,
            @JsonInclude(Include.ALWAYS) Long costMicros,
            String model,
            Long inputTokens,
            Long outputTokens,
            String pricedAt) {
        static MessageReply of(Counted counted) {
            Attribution attribution = counted.message().attribution();
            Pricing pricing = counted.message().pricing();
            return new MessageReply(
                    counted.messageId(),
                    attribution.chatId(),
                    attribution.accountId(),
                    pricing.costMicros(),
                    pricing.model(),
                    pricing.inputTokens(),
                    pricing.outputTokens(),
                    Json.time(attribution.pricedAt()));
        }
    }

    /**
     * Why a check is answered as it is.
     *
     * @param check the body of that answer, as it is sent
     */
    record ExplainReply(
            String chatId,
            @JsonInclude(Include.ALWAYS) String rootChatId,
            @JsonInclude(Include.ALWAYS) String accountId,
            String currency,
            int status,
            @JsonRawValue String check,
            TreeReply tree,
            TreeLimitReply limit,
            TreeFreezeReply freeze,
            AccountSpendReply account,
            List<MessageReply> lastMessages,
            String servedBy,
            String asOf,
            Long lagMs,
            boolean degraded,
            String degradedReason) {
        /**
         * @param messages empty = they are not shown
         * @param account empty = nobody knows whose chat it is
         */
        static ExplainReply of(
                String chatId,
                Reading<SpendView> spend,
                Optional<TreeHistory.Messages> messages,
                Decision decision,
                Function<String, Optional<Freeze>> freezes,
                Optional<Reading<AccountSpend>> account,
                Terms terms) {
            Optional<Answered<SpendView>> answered = answered(spend);
            Optional<SpendView> known = answered.flatMap(Answered::value);
            Optional<TreeSpend> tree = known.flatMap(SpendView::tree);
            Optional<String> rootChatId =
                    known.map(SpendView::rootChatId).orElse(decision.subject().rootChatId());
            Optional<Freshness> freshness = answered.map(Answered::freshness);
            Optional<DegradedReason> doubt = doubt(spend).or(() -> account.flatMap(ExplainReply::doubt));
            return new ExplainReply(
                    chatId,
                    rootChatId.orElse(null),
                    known.map(SpendView::accountId)
                            .orElse(decision.subject().accountId())
                            .orElse(null),
                    terms.currency(),
                    DecisionReply.status(decision),
                    DecisionReply.body(decision).toString(),
                    tree.map(shown -> TreeReply.of(shown, known.get().frozen(), Optional.empty(), terms))
                            .orElse(null),
                    tree.map(shown -> TreeLimitReply.of(shown.limit())).orElse(null),
                    rootChatId.flatMap(freezes).map(TreeFreezeReply::of).orElse(null),
                    account.flatMap(ExplainReply::answered)
                            .map(reading -> AccountSpendReply.of(reading, terms.currency()))
                            .orElse(null),
                    messages.map(shown -> shown.latest().stream()
                                    .map(MessageReply::of)
                                    .toList())
                            .orElse(null),
                    answered.map(Answered::servedBy).orElse(ServedBy.NONE).code(),
                    timeOf(freshness),
                    lagOf(freshness),
                    doubt.isPresent(),
                    codeOf(doubt));
        }

        private static <T> Optional<Answered<T>> answered(Reading<T> reading) {
            return reading instanceof Answered<T> answered ? Optional.of(answered) : Optional.empty();
        }

        private static Optional<DegradedReason> doubt(Reading<?> reading) {
            return reading instanceof Reading.Unavailable<?> unavailable
                    ? Optional.of(unavailable.reason())
                    : ((Answered<?>) reading).freshness().doubt();
        }
    }

    record InstancesReply(List<String> instances) {
        static InstancesReply of(Set<URI> instances) {
            return new InstancesReply(
                    instances.stream().map(URI::toString).sorted().toList());
        }
    }
}
