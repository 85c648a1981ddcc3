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
import dev.spendledger.api.query.SpendView;
import dev.spendledger.api.query.TreeHistory;
import dev.spendledger.api.query.TreeLocator;
import dev.spendledger.api.query.TreeOrder;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The routes that show people what goes on. */
final class Overviews {
    private static final int TREES_DEFAULT = 20;

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
                () -> history(chatId),
                history -> LedgerRouter.reply(context, 200, TimelineReply.of(history, ledger.terms())));
    }

    /** The check is one like any other, but no step waits for it, so it is not counted. */
    void explain(RoutingContext context) {
        String chatId = LedgerRouter.chatId(context);
        LedgerRouter.run(
                context,
                null,
                // What is read then may be read here, too, and not by the thread that the history has come to.
                () -> history(chatId)
                        .compose(history -> context.vertx().executeBlocking(() -> explain(history), false))
                        .compose(explained -> explained),
                reply -> LedgerRouter.reply(context, 200, reply));
    }

    private Future<ExplainReply> explain(TreeHistory history) {
        SpendView spend = history.spend();
        Future<Decision> decision = ledger.spendCheck().check(spend.chatId(), TreeLocator.Hints.NONE, Optional.empty());
        Future<Optional<Reading<AccountSpend>>> account = spend.accountId()
                .map(accountId -> ledger.accounts().spend(accountId).map(Optional::of))
                .orElse(Future.succeededFuture(Optional.empty()));
        return Future.all(decision, account)
                .map(read -> ExplainReply.of(
                        history,
                        decision.result(),
                        spend.rootChatId().flatMap(ledger.spendQuery()::freeze),
                        account.result(),
                        ledger.terms()));
    }

    private Future<TreeHistory> history(String chatId) {
        return ledger.histories().find(chatId).map(found -> found.orElseThrow(() -> LedgerRouter.notFound(chatId)));
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
