package dev.spendledger.api.http;

import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.http.ApiException.Validation;
import dev.spendledger.api.http.OverviewReplies.ExplainReply;
import dev.spendledger.api.http.OverviewReplies.InstancesReply;
import dev.spendledger.api.http.OverviewReplies.TimelineReply;
import dev.spendledger.api.http.OverviewReplies.TreesReply;
import dev.spendledger.api.query.AccountSpend;
import dev.spendledger.api.query.OwnTopTrees;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.SpendQuery;
import dev.spendledger.api.query.SpendView;
import dev.spendledger.api.query.TreeHistory;
import dev.spendledger.api.query.TreeLocator;
import dev.spendledger.api.query.TreeOrder;
import dev.spendledger.api.query.Turns;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The routes that show people what goes on. */
final class Overviews {
    private static final int TREES_DEFAULT = 20;
    /** How long an explanation waits for the messages of a tree. */
    private static final Duration MESSAGES_WAIT = Duration.ofSeconds(2);

    private final LedgerApi ledger;

    Overviews(LedgerApi ledger) {
        this.ledger = ledger;
    }

    /**
     * Which trees are shown.
     *
     * @param most how many, 1 to {@value OwnTopTrees#MOST}
     */
    private record Wanted(TreeOrder order, int most) {
        static Wanted of(MultiMap parameters) {
            List<Validation> violations = new ArrayList<>();
            String sort = parameters.get("sort");
            String limit = parameters.get("limit");
            if (sort != null && !sort.equals(TreeOrder.SPENT.code()) && !sort.equals(TreeOrder.RATE.code())) {
                violations.add(new Validation("sort", "must be spent or rate"));
            }
            if (limit != null && !(limit.matches("[1-9]\\d{0,2}") && Integer.parseInt(limit) <= OwnTopTrees.MOST)) {
                violations.add(new Validation("limit", "must be an integer from 1 to " + OwnTopTrees.MOST));
            }
            if (!violations.isEmpty()) {
                throw ApiException.invalid(violations);
            }
            return new Wanted(
                    TreeOrder.SPENT.code().equals(sort) ? TreeOrder.SPENT : TreeOrder.RATE,
                    limit == null ? TREES_DEFAULT : Integer.parseInt(limit));
        }
    }

    void trees(RoutingContext context) {
        Wanted wanted = Wanted.of(context.queryParams());
        LedgerRouter.run(
                context,
                null,
                () -> ledger.topTrees().top(wanted.order, wanted.most),
                top -> LedgerRouter.reply(
                        context, 200, TreesReply.of(wanted.order, top, ledger.spendQuery()::freeze, ledger.terms())));
    }

    void timeline(RoutingContext context) {
        String chatId = LedgerRouter.chatId(context);
        LedgerRouter.run(
                context,
                null,
                () -> ledger.histories()
                        .find(chatId)
                        .map(found -> found.orElseThrow(() -> LedgerRouter.notFound(chatId))),
                history -> LedgerRouter.reply(context, 200, TimelineReply.of(history, ledger.terms())));
    }

    /** The check is one like any other, but no step waits for it, so it is not counted. */
    void explain(RoutingContext context) {
        String chatId = LedgerRouter.chatId(context);
        LedgerRouter.run(
                context,
                null,
                () -> spend(chatId).compose(spend -> onWorker(context, () -> explain(context, chatId, spend))),
                reply -> LedgerRouter.reply(context, 200, reply));
    }

    private Future<ExplainReply> explain(RoutingContext context, String chatId, Reading<SpendView> spend) {
        Optional<SpendView> known =
                spend instanceof Reading.Answered<SpendView> answered ? answered.value() : Optional.empty();
        Future<Optional<TreeHistory.Messages>> messages =
                known.map(this::messagesInTime).orElse(Future.succeededFuture(Optional.empty()));
        Future<Decision> decision = ledger.spendCheck().check(chatId, TreeLocator.Hints.NONE, Optional.empty());
        Future<Optional<Reading<AccountSpend>>> account = decision.compose(decided -> onWorker(
                context, () -> account(known.flatMap(SpendView::accountId).or(decided.subject()::accountId))));
        return Future.all(messages, account)
                .map(read -> ExplainReply.of(
                        chatId,
                        spend,
                        messages.result(),
                        decision.result(),
                        ledger.spendQuery()::freeze,
                        account.result(),
                        ledger.terms()));
    }

    private Future<Optional<Reading<AccountSpend>>> account(Optional<String> accountId) {
        return accountId
                .map(known -> ledger.accounts().spend(known).map(Optional::of))
                .orElse(Future.succeededFuture(Optional.empty()));
    }

    /** What is read next may be read here, too, and not by the thread that the reading before has come to. */
    private static <T> Future<T> onWorker(RoutingContext context, Callable<Future<T>> next) {
        return context.vertx().executeBlocking(next, false).compose(result -> result);
    }

    /** What cannot be read is explained as well: by what a check is answered then. */
    private Future<Reading<SpendView>> spend(String chatId) {
        return ledger.spendQuery()
                .find(chatId, Optional.empty())
                .map(found -> found.orElseThrow(() -> LedgerRouter.notFound(chatId)))
                .<Reading<SpendView>>map(
                        spend -> new Reading.Answered<>(Optional.of(spend), spend.servedBy(), spend.freshness()))
                .recover(failure -> failure instanceof SpendQuery.UnavailableException unavailable
                        ? Future.succeededFuture(new Reading.Unavailable<>(unavailable.reason()))
                        : Future.failedFuture(failure));
    }

    /** Empty also where they are not to be had in time: the rest says why without them. */
    private Future<Optional<TreeHistory.Messages>> messagesInTime(SpendView spend) {
        return ledger.histories()
                .messages(spend)
                .timeout(MESSAGES_WAIT.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> failure instanceof SpendQuery.UnavailableException
                                || failure instanceof Turns.OverloadedException
                                || failure instanceof TimeoutException
                        ? Future.succeededFuture(Optional.empty())
                        : Future.failedFuture(failure));
    }

    void instances(RoutingContext context) {
        LedgerRouter.reply(context, 200, InstancesReply.of(ledger.placement().instances()));
    }

    /** What another instance asks for. */
    void ownTopTrees(RoutingContext context) {
        TreeOrder order = InternalRoutes.order(context.pathParam("order"));
        LedgerRouter.run(
                context,
                null,
                () -> ledger.topTrees().own(order),
                top -> LedgerRouter.reply(context, 200, InternalRoutes.TopTreesReply.of(top)));
    }
}
