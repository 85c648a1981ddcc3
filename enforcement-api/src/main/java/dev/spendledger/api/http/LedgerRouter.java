package dev.spendledger.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.http.Replies.AcceptedReply;
import dev.spendledger.api.http.Replies.AccountSpendReply;
import dev.spendledger.api.http.Replies.ChatReply;
import dev.spendledger.api.http.Replies.CheckReply;
import dev.spendledger.api.http.Replies.ErrorReply;
import dev.spendledger.api.http.Replies.FreezeReply;
import dev.spendledger.api.http.Replies.GroupsReply;
import dev.spendledger.api.http.Replies.HealthReply;
import dev.spendledger.api.http.Replies.LimitReply;
import dev.spendledger.api.http.Replies.PeriodLimitReply;
import dev.spendledger.api.http.Replies.SpendReply;
import dev.spendledger.api.query.AccountLimitsView;
import dev.spendledger.api.query.AccountSpend;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.SpendQuery;
import dev.spendledger.api.query.SpendView;
import dev.spendledger.api.query.Turns;
import dev.spendledger.api.write.Chats;
import dev.spendledger.api.write.Freezes;
import dev.spendledger.api.write.KafkaUnavailableException;
import dev.spendledger.api.write.Limits;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.streams.domain.Membership;
import dev.spendledger.streams.domain.PeriodLimit;
import dev.spendledger.streams.domain.PeriodLimitKey;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The routes of {@code openapi.yaml}. Each method below reads the request, calls the ledger, and writes the reply. */
public final class LedgerRouter {
    private static final Logger log = LoggerFactory.getLogger(LedgerRouter.class);
    private static final int WRITE_THREADS = 8;
    private static final CharSequence APPLICATION_JSON = HttpHeaders.createOptimized("application/json");
    /** What these are asked with beside the path is not read. */
    private static final Set<HttpMethod> BODILESS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.DELETE);

    private final Vertx vertx;
    private final LedgerApi ledger;
    private final RequestLog requestLog;
    private final BodyBudget bodies;
    /** Their own: writes that wait for Kafka must not keep checks from being asked. */
    private final BodyBudget bodiesOfChecks = BodyBudget.ofThisProcess();

    private final WorkerExecutor writes;
    private final Buffer openApi = resource("/openapi.yaml");

    private LedgerRouter(Vertx vertx, LedgerApi ledger, RequestLog requestLog, BodyBudget bodies) {
        this.vertx = vertx;
        this.ledger = ledger;
        this.requestLog = requestLog;
        this.bodies = bodies;
        // Threads of their own: while Kafka is away writes wait, and checks must not wait behind them.
        this.writes = vertx.createSharedWorkerExecutor("ledger-writes", WRITE_THREADS);
    }

    /** A router of all routes. */
    public static Router create(Vertx vertx, LedgerApi ledger, RequestLog requestLog, BodyBudget bodies) {
        return new LedgerRouter(vertx, ledger, requestLog, bodies).router();
    }

    private Router router() {
        Router router = Router.router(vertx);
        router.route().handler(context -> {
            RequestLog.mark(context.request());
            context.next();
        });
        path(router, "/v1/chats", Map.of(HttpMethod.POST, to(Permission.WRITE, this::createChat)));
        path(
                router,
                "/v1/chats/:chat_id/limit",
                Map.of(
                        HttpMethod.PUT, to(Permission.ADMIN, this::setLimit),
                        HttpMethod.DELETE, to(Permission.ADMIN, this::removeLimit)));
        path(
                router,
                "/v1/chats/:chat_id/freeze",
                Map.of(
                        HttpMethod.PUT, to(Permission.ADMIN, this::freeze),
                        HttpMethod.DELETE, to(Permission.ADMIN, this::unfreeze)));
        path(router, "/v1/messages", Map.of(HttpMethod.POST, to(Permission.WRITE, this::postMessages)));
        path(router, "/v1/chats/:chat_id/check", Map.of(HttpMethod.POST, to(Permission.CHECK, this::checkChat)));
        path(router, "/v1/chats/:chat_id/spend", Map.of(HttpMethod.GET, to(Permission.CHECK, this::getSpend)));
        path(
                router,
                "/v1/accounts/:account_id/check",
                Map.of(HttpMethod.POST, to(Permission.CHECK, this::checkAccount)));
        path(
                router,
                "/v1/accounts/:account_id/spend",
                Map.of(HttpMethod.GET, to(Permission.CHECK, this::getAccountSpend)));
        path(
                router,
                "/v1/accounts/:account_id/groups",
                Map.of(
                        HttpMethod.GET, to(Permission.ADMIN, this::getGroups),
                        HttpMethod.PUT, to(Permission.ADMIN, this::setGroups)));
        Overviews overviews = new Overviews(ledger);
        path(router, "/v1/chats/:chat_id/timeline", Map.of(HttpMethod.GET, to(Permission.CHECK, overviews::timeline)));
        path(router, "/v1/chats/:chat_id/explain", Map.of(HttpMethod.GET, to(Permission.CHECK, overviews::explain)));
        path(router, "/v1/instances", Map.of(HttpMethod.GET, to(Permission.CHECK, overviews::instances)));
        path(router, "/v1/trees", Map.of(HttpMethod.GET, to(Permission.CHECK, overviews::trees)));
        path(router, "/v1/events", Map.of(HttpMethod.GET, to(Permission.CHECK, ledger.events()::open)));
        limitPath(router, "/v1/limits/default", context -> PeriodLimitKey.DEFAULT);
        limitPath(
                router,
                "/v1/limits/accounts/:account_id",
                context -> PeriodLimitKey.ofAccount(id(context, "account_id")));
        limitPath(router, "/v1/limits/groups/:group_id", context -> PeriodLimitKey.ofGroup(id(context, "group_id")));
        path(
                router,
                "/livez",
                Map.of(
                        HttpMethod.GET,
                        to(
                                Permission.OPEN,
                                context -> reply(context, ledger.health().live()))));
        path(
                router,
                "/readyz",
                Map.of(
                        HttpMethod.GET,
                        to(
                                Permission.OPEN,
                                context -> reply(context, ledger.health().ready()))));
        path(router, "/metrics", Map.of(HttpMethod.GET, to(Permission.METRICS, this::getMetrics)));
        path(router, "/openapi.yaml", Map.of(HttpMethod.GET, to(Permission.ANY, this::getOpenApi)));
        path(router, InternalRoutes.STATE_PATH, Map.of(HttpMethod.GET, to(Permission.INTERNAL, this::getState)));
        path(router, InternalRoutes.PROGRESS_PATH, Map.of(HttpMethod.GET, to(Permission.INTERNAL, this::getProgress)));
        path(
                router,
                InternalRoutes.TOP_TREES_PATH,
                Map.of(HttpMethod.GET, to(Permission.INTERNAL, overviews::ownTopTrees)));
        path(
                router,
                InternalRoutes.INSTANCE_PATH,
                Map.of(
                        HttpMethod.GET,
                        to(
                                Permission.INTERNAL,
                                context -> reply(context, 200, new InternalRoutes.InstanceReply(ledger.instance())))));
        PageFiles page = new PageFiles();
        Endpoint file = to(Permission.OPEN, page::reply);
        page.paths().forEach(path -> path(router, path, Map.of(HttpMethod.GET, file, HttpMethod.HEAD, file)));
        router.route().handler(context -> {
            throw routeNotFound(context);
        });
        router.route().failureHandler(this::replyFailure);
        // A path or query that cannot be decoded matches no route, not even one for failures.
        router.errorHandler(ErrorCode.INVALID_REQUEST.status(), context -> {
            RequestLog.mark(context.request());
            reply(context, ApiException.invalid("$", "the request is malformed"));
        });
        return router;
    }

    /** The path of an account-period limit. */
    private void limitPath(Router router, String path, Function<RoutingContext, PeriodLimitKey> key) {
        path(
                router,
                path,
                Map.of(
                        HttpMethod.GET,
                        to(Permission.ADMIN, context -> getPeriodLimit(context, key.apply(context))),
                        HttpMethod.PUT,
                        to(Permission.ADMIN, context -> setPeriodLimit(context, key.apply(context))),
                        HttpMethod.DELETE,
                        to(Permission.ADMIN, context -> removePeriodLimit(context, key.apply(context)))));
    }

    /** What a path does for a method, and what a caller must be allowed to do for that. */
    private record Endpoint(Permission permission, Handler<RoutingContext> handler) {}

    private static Endpoint to(Permission permission, Handler<RoutingContext> handler) {
        return new Endpoint(permission, handler);
    }

    /** One path with the methods it answers; any other method is a 405 that names them. */
    private void path(Router router, String path, Map<HttpMethod, Endpoint> methods) {
        methods.forEach((method, endpoint) -> {
            // A route of its own: before anything of the body is read.
            router.route(method, path).handler(context -> {
                ledger.access().require(endpoint.permission(), context.request());
                if (endpoint.permission().isLogged()) {
                    requestLog.watch(context);
                }
                context.next();
            });
            if (BODILESS.contains(method)) {
                router.route(method, path).handler(endpoint.handler());
            } else {
                BodyBudget budget = endpoint.permission() == Permission.CHECK ? bodiesOfChecks : bodies;
                router.route(method, path).handler(context -> {
                    budget.take(context);
                    context.next();
                });
                router.route(method, path)
                        .handler(BodyHandler.create(false).setBodyLimit(BodyBudget.BODY_BYTES_MAX))
                        .handler(LedgerRouter::requireJson)
                        .handler(endpoint.handler());
            }
        });
        String allow = methods.keySet().stream().map(HttpMethod::name).sorted().collect(Collectors.joining(", "));
        router.route(path).handler(context -> {
            throw new ApiException(
                    ErrorCode.METHOD_NOT_ALLOWED,
                    context.request().method() + " is not among the methods of this path; see the header Allow.",
                    Map.of("Allow", allow));
        });
    }

    private static void requireJson(RoutingContext context) {
        String contentType = context.request().getHeader(HttpHeaders.CONTENT_TYPE);
        boolean json =
                contentType != null && contentType.split(";", 2)[0].trim().equalsIgnoreCase("application/json");
        // Of such a form the body handler leaves no body, and a check need not have one.
        boolean form =
                contentType != null && contentType.toLowerCase(Locale.ROOT).startsWith("multipart/form-data");
        if (form || context.body().length() > 0 && !json) {
            throw new ApiException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    contentType == null ? "There is no content type." : "The content type is " + contentType + ".");
        }
        context.next();
    }

    private void createChat(RoutingContext context) {
        Requests.CreateChat request = Requests.createChat(body(context), now());
        run(context, writes, () -> ledger.chats().create(request.chat(), request.rootHint()), outcome -> {
            if (outcome instanceof Chats.Outcome.Created created) {
                reply(context, 201, ChatReply.of(created));
            } else if (outcome instanceof Chats.Outcome.Conflict conflict) {
                throw new ApiException(
                        ErrorCode.CHAT_CONFLICT,
                        "Chat " + conflict.standing().chatId() + " was created with another parent, account or limit.");
            } else if (outcome instanceof Chats.Outcome.WrongRoot wrong) {
                throw ApiException.invalid(
                        "root_chat_id", "the root of the parent " + wrong.parentChatId() + " is " + wrong.rootChatId());
            }
        });
    }

    private void setLimit(RoutingContext context) {
        String chatId = chatId(context);
        Requests.SetLimit request = Requests.setLimit(body(context));
        setLimit(context, chatId, request.micros(), request.setBy());
    }

    private void removeLimit(RoutingContext context) {
        setLimit(context, chatId(context), null, null);
    }

    private void setLimit(RoutingContext context, String chatId, Long micros, String setBy) {
        Instant now = now();
        run(context, writes, () -> ledger.limits().set(chatId, micros, setBy, now), outcome -> {
            if (outcome instanceof Limits.Outcome.Set) {
                reply(context, 200, LimitReply.of(chatId, micros, now));
            } else if (outcome instanceof Limits.Outcome.OnChild child) {
                throw notARoot(chatId, child.parentChatId());
            } else if (outcome instanceof Limits.Outcome.UnknownChat) {
                throw notFound(chatId);
            } else if (outcome instanceof Limits.Outcome.Unreadable unreadable) {
                throw ApiException.lookupFailed(unreadable.reason().code());
            }
        });
    }

    private void freeze(RoutingContext context) {
        String chatId = chatId(context);
        Requests.Freeze request = context.body().length() > 0 ? Requests.freeze(body(context)) : Requests.Freeze.PLAIN;
        Instant now = now();
        run(
                context,
                writes,
                () -> ledger.freezes().freeze(chatId, request.reason(), request.setBy(), now),
                outcome -> reply(context, chatId, outcome, FreezeReply.frozen(chatId, request.reason(), now)));
    }

    private void unfreeze(RoutingContext context) {
        String chatId = chatId(context);
        Instant now = now();
        run(
                context,
                writes,
                () -> ledger.freezes().unfreeze(chatId),
                outcome -> reply(context, chatId, outcome, FreezeReply.unfrozen(chatId, now)));
    }

    private static void reply(RoutingContext context, String chatId, Freezes.Outcome outcome, FreezeReply done) {
        if (outcome instanceof Freezes.Outcome.Done) {
            reply(context, 200, done);
        } else if (outcome instanceof Freezes.Outcome.OnChild child) {
            throw notARoot(chatId, child.parentChatId());
        } else if (outcome instanceof Freezes.Outcome.UnknownChat) {
            throw notFound(chatId);
        }
    }

    private void postMessages(RoutingContext context) {
        // Read on the worker thread too: a thousand messages take milliseconds that the event loop has not.
        Callable<Future<Integer>> write = () -> {
            List<MessagePriced> messages = Requests.messages(body(context), now());
            return ledger.messages().write(messages).map(messages.size());
        };
        run(context, writes, write, count -> reply(context, 202, new AcceptedReply(count)));
    }

    private void checkChat(RoutingContext context) {
        long startNanos = System.nanoTime();
        String chatId = chatId(context);
        Requests.Check request = context.body().length() > 0 ? Requests.check(body(context)) : Requests.Check.PLAIN;
        decide(
                context,
                ledger.spendCheck().checkInMemory(chatId, request.accountId()),
                () -> ledger.spendCheck().check(chatId, request.hints(), request.accountId()),
                decision -> ledger.meters()
                        .onCheck(request.operation(), decision, Duration.ofNanos(System.nanoTime() - startNanos)));
    }

    private void checkAccount(RoutingContext context) {
        long startNanos = System.nanoTime();
        String accountId = id(context, "account_id");
        decide(
                context,
                ledger.spendCheck().checkAccountInMemory(accountId),
                () -> ledger.spendCheck().checkAccount(accountId),
                decision -> ledger.meters().onAccountCheck(decision, Duration.ofNanos(System.nanoTime() - startNanos)));
    }

    /** Answers with what is decided: from memory where that has it all, else as soon as it has been asked for. */
    private void decide(
            RoutingContext context,
            Optional<Decision> inMemory,
            Callable<Future<Decision>> asking,
            Consumer<Decision> onDecided) {
        Handler<Decision> reply = decision -> {
            DecisionReply.write(context.response(), decision, now());
            onDecided.accept(decision);
        };
        inMemory.ifPresentOrElse(reply::handle, () -> run(context, null, asking, reply));
    }

    private void getAccountSpend(RoutingContext context) {
        String accountId = id(context, "account_id");
        run(context, null, () -> ledger.accounts().spend(accountId), reading -> {
            if (reading instanceof Reading.Answered<AccountSpend> answered) {
                reply(context, 200, AccountSpendReply.of(answered, ledger.currency()));
            } else if (reading instanceof Reading.Unavailable<AccountSpend> unavailable) {
                throw ApiException.lookupFailed(unavailable.reason().code());
            }
        });
    }

    private void getPeriodLimit(RoutingContext context, PeriodLimitKey key) {
        PeriodLimit limit = limitsView()
                .limit(key)
                .orElseThrow(() -> new ApiException(ErrorCode.LIMIT_NOT_FOUND, "No limit is set for " + key + "."));
        reply(context, 200, PeriodLimitReply.of(key, limit));
    }

    private void setPeriodLimit(RoutingContext context, PeriodLimitKey key) {
        PeriodLimit limit = key.equals(PeriodLimitKey.DEFAULT)
                ? Requests.setDefaultLimit(body(context), now())
                : Requests.setPeriodLimit(body(context), now());
        run(
                context,
                writes,
                () -> ledger.accountLimits().set(key, limit),
                done -> reply(context, 200, PeriodLimitReply.of(key, limit)));
    }

    private void removePeriodLimit(RoutingContext context, PeriodLimitKey key) {
        run(
                context,
                writes,
                () -> ledger.accountLimits().remove(key),
                done -> context.response().setStatusCode(204).end());
    }

    private void getGroups(RoutingContext context) {
        String accountId = id(context, "account_id");
        reply(context, 200, GroupsReply.of(accountId, limitsView().groups(accountId)));
    }

    private void setGroups(RoutingContext context) {
        String accountId = id(context, "account_id");
        Membership membership = Requests.setGroups(body(context), now());
        run(
                context,
                writes,
                () -> ledger.accountLimits().setGroups(accountId, membership),
                done -> reply(context, 200, GroupsReply.of(accountId, Optional.of(membership))));
    }

    private AccountLimitsView limitsView() {
        if (!ledger.limitsView().isLoaded()) {
            throw ApiException.lookupFailed(DegradedReason.STARTING.code());
        }
        return ledger.limitsView();
    }

    private void getSpend(RoutingContext context) {
        String chatId = chatId(context);
        Optional<SpendQuery.Page> page = Pages.read(context.queryParams());
        // Written on a worker thread, too: a thousand chats take milliseconds that the event loop has not.
        run(
                context,
                null,
                () -> ledger.spendQuery()
                        .find(chatId, page)
                        .compose(found -> vertx.executeBlocking(
                                () -> Json.write(spend(found.orElseThrow(() -> notFound(chatId)))), false)),
                json -> reply(context.response(), 200, json));
    }

    private SpendReply spend(SpendView view) {
        return SpendReply.of(view, ledger.terms(), Pages.nextToken(view));
    }

    private void getState(RoutingContext context) {
        String store = context.pathParam("store");
        String partition = context.pathParam("partition");
        run(
                context,
                null,
                () -> Future.succeededFuture(Json.write(InternalRoutes.rows(
                        ledger.state(), ledger.placement(), store, partition, context.queryParams()))),
                json -> reply(context.response(), 200, json));
    }

    private void getProgress(RoutingContext context) {
        reply(
                context,
                200,
                InternalRoutes.progress(ledger.state(), context.pathParam("store"), context.pathParam("partition")));
    }

    private void getMetrics(RoutingContext context) {
        context.vertx()
                .executeBlocking(() -> ledger.registry().scrape(), false)
                .onSuccess(text -> context.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                        .end(text))
                .onFailure(context::fail);
    }

    private void getOpenApi(RoutingContext context) {
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/yaml")
                .end(openApi);
    }

    /**
     * Runs a call of the ledger on a worker thread, because it may read stores or wait for Kafka, and its reply on the
     * request's own.
     *
     * @param executor the threads; null = those of the reads
     */
    static <T> void run(RoutingContext context, WorkerExecutor executor, Callable<Future<T>> call, Handler<T> reply) {
        Runnable done = BodyBudget.hold(context);
        Future<Future<T>> running =
                executor == null ? context.vertx().executeBlocking(call, false) : executor.executeBlocking(call, false);
        running.compose(result -> result)
                .onComplete(any -> done.run())
                .map(result -> {
                    reply.handle(result);
                    return null;
                })
                .onFailure(context::fail);
    }

    private Instant now() {
        return ledger.clock().instant();
    }

    private static JsonNode body(RoutingContext context) {
        if (context.body().length() <= 0) {
            throw ApiException.invalid("$", "a body is required");
        }
        return Json.read(context.body().buffer());
    }

    static String chatId(RoutingContext context) {
        return id(context, "chat_id");
    }

    /** The id that the path has in place of a name. */
    private static String id(RoutingContext context, String name) {
        // Unencoded, a character beyond ASCII arrives as one character for each of its bytes, and makes another id.
        if (context.request().path().chars().anyMatch(character -> character >= 0x80)) {
            throw ApiException.invalid(name, "must be percent-encoded");
        }
        String id = context.pathParam(name);
        Fields.idViolation(id).ifPresent(violation -> {
            throw ApiException.invalid(name, violation);
        });
        return id;
    }

    private static ApiException routeNotFound(RoutingContext context) {
        return new ApiException(
                ErrorCode.ROUTE_NOT_FOUND,
                context.request().method() + " " + context.request().path());
    }

    private static ApiException notARoot(String chatId, String parentChatId) {
        return ApiException.invalid("chat_id", "must be a root chat; " + chatId + " has the parent " + parentChatId);
    }

    static ApiException notFound(String chatId) {
        return new ApiException(ErrorCode.CHAT_NOT_FOUND, "Nothing is known of chat " + chatId + ".");
    }

    private static void reply(RoutingContext context, List<Health.Check> checks) {
        boolean ok = checks.stream().allMatch(Health.Check::ok);
        List<CheckReply> found = checks.stream()
                .map(check -> new CheckReply(check.name(), check.ok() ? "ok" : "failed", check.detail()))
                .toList();
        reply(context, ok ? 200 : 503, new HealthReply(ok ? "ok" : "failed", found));
    }

    /** Answers with JSON. */
    static void reply(RoutingContext context, int status, Object body) {
        reply(context.response(), status, body);
    }

    /** Answers with JSON. */
    static void reply(HttpServerResponse response, int status, Object body) {
        reply(response, status, Json.write(body));
    }

    /** Answers with JSON that is written already. */
    static void reply(HttpServerResponse response, int status, Buffer json) {
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, APPLICATION_JSON)
                .end(json);
    }

    private void replyFailure(RoutingContext context) {
        if (context.response().ended() || context.response().closed()) {
            return; // Nobody is there to be told.
        }
        reply(context, error(context));
    }

    private static void reply(RoutingContext context, ApiException error) {
        reply(context.response(), error);
    }

    /** Answers with an error. */
    static void reply(HttpServerResponse response, ApiException error) {
        error.headers().forEach(response::putHeader);
        reply(response, error.code().status(), ErrorReply.of(error));
    }

    private static ApiException error(RoutingContext context) {
        Throwable failure = context.failure();
        if (failure instanceof ApiException error) {
            return error;
        }
        if (failure instanceof KafkaUnavailableException) {
            log.warn(
                    "A write was not acknowledged. cause={} request_id={}",
                    failure.getMessage(),
                    RequestLog.idOf(context.request()));
            return new ApiException(
                    ErrorCode.KAFKA_UNAVAILABLE,
                    "It may have been written. Sending the same again is safe.",
                    ApiException.RETRY_SOON);
        }
        if (failure instanceof SpendQuery.UnavailableException) {
            return ApiException.lookupFailed(failure.getMessage());
        }
        if (failure instanceof Turns.OverloadedException) {
            return new ApiException(
                    ErrorCode.OVERLOADED, "Others read as much just now. Ask again.", ApiException.RETRY_SOON);
        }
        if (context.statusCode() == ErrorCode.BODY_TOO_LARGE.status()) {
            return BodyBudget.tooLarge();
        }
        // Not ended: its body, where one is read, could not be, for instance because a chunk of it is none.
        if (context.statusCode() == ErrorCode.INVALID_REQUEST.status()
                || !context.request().isEnded()
                        && !BODILESS.contains(context.request().method())) {
            return ApiException.invalid("$", "the request is malformed");
        }
        if (context.statusCode() == ErrorCode.ROUTE_NOT_FOUND.status()) {
            return routeNotFound(context); // What asks for no path, as OPTIONS * does, is failed before any route.
        }
        log.error(
                "A request failed. method={} path={} request_id={}",
                context.request().method(),
                RequestLog.visible(context.request().path()),
                RequestLog.idOf(context.request()),
                failure);
        return new ApiException(ErrorCode.INTERNAL_ERROR, "The instance's log says why.");
    }

    private static Buffer resource(String name) {
        try (InputStream in = LedgerRouter.class.getResourceAsStream(name)) {
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("The jar's own " + name + " cannot be read", e);
        }
    }
}
