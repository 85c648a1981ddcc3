package dev.spendledger.api.testing;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.decision.SpendCheck;
import dev.spendledger.api.http.Access;
import dev.spendledger.api.http.BodyBudget;
import dev.spendledger.api.http.Connections;
import dev.spendledger.api.http.DirectChecks;
import dev.spendledger.api.http.EventStreams;
import dev.spendledger.api.http.Health;
import dev.spendledger.api.http.LedgerApi;
import dev.spendledger.api.http.LedgerRouter;
import dev.spendledger.api.http.LiveSource;
import dev.spendledger.api.http.RequestLog;
import dev.spendledger.api.metrics.LedgerMeters;
import dev.spendledger.api.query.AccountLimitsView;
import dev.spendledger.api.query.AccountQuery;
import dev.spendledger.api.query.AlertHistory;
import dev.spendledger.api.query.AlertPositions;
import dev.spendledger.api.query.Announcements;
import dev.spendledger.api.query.FreezesView;
import dev.spendledger.api.query.KnownTrees;
import dev.spendledger.api.query.Peers;
import dev.spendledger.api.query.Placement;
import dev.spendledger.api.query.Reading;
import dev.spendledger.api.query.RecentAlerts;
import dev.spendledger.api.query.RowRange;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.query.SpendQuery;
import dev.spendledger.api.query.StateReader;
import dev.spendledger.api.query.StateReader.StoredRow;
import dev.spendledger.api.query.TopList;
import dev.spendledger.api.query.TopTrees;
import dev.spendledger.api.query.TreeHistories;
import dev.spendledger.api.query.TreeLocator;
import dev.spendledger.api.query.TreeOrder;
import dev.spendledger.api.query.Turns;
import dev.spendledger.api.write.AccountLimits;
import dev.spendledger.api.write.Chats;
import dev.spendledger.api.write.EventWriter;
import dev.spendledger.api.write.Freezes;
import dev.spendledger.api.write.Limits;
import dev.spendledger.api.write.Messages;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerStore;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The real routes on partitions in memory, on a free port: for what a broker adds nothing to, and for what no broker
 * can be brought to do. No write is ever acknowledged.
 */
public final class StubLedger implements AutoCloseable {
    /** As an instance has them by default. */
    public static final Thresholds THRESHOLDS = new Thresholds(List.of(50, 80, 95, 100));

    private static final Duration DEADLINE = Duration.ofMillis(250);
    /** As an instance's, but for the time that a body may take: a test that waits for its end is not to wait long. */
    private static final Connections.Limits LIMITS =
            new Connections.Limits(Duration.ofSeconds(75), Duration.ofSeconds(1), 1_000);

    /** The producer never meets anybody: port 1 is nobody's. */
    private static final Map<String, Object> NO_KAFKA = Map.of(
            "bootstrap.servers",
            "127.0.0.1:1",
            "max.block.ms",
            200,
            "request.timeout.ms",
            100,
            "delivery.timeout.ms",
            200,
            "linger.ms",
            0,
            "reconnect.backoff.ms",
            10_000,
            "reconnect.backoff.max.ms",
            10_000);

    private final Vertx vertx = Vertx.vertx();
    private final EventWriter writer =
            new EventWriter(vertx, new TopicNames(""), NO_KAFKA, new EventSerde(new BundledRegistry()).serializer());
    private final EventStreams events;
    private final Router router;
    private final HttpServer server;

    private StubLedger(
            Access access,
            FakeReader reader,
            AccountLimitsView limits,
            FreezesView freezes,
            KnownTrees trees,
            LookupErrorPolicy policy,
            Health health,
            BodyBudget bodies,
            StubStreams streams) {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        LedgerMeters meters = new LedgerMeters(registry);
        Announcements announcements = new Announcements();
        TreeLocator locator = new TreeLocator(reader, announcements);
        AccountQuery accounts = new AccountQuery(reader, limits, Clock.systemUTC());
        events = new EventStreams(
                vertx, access, streams.alerts(), streams.history(), streams.sources(), streams.limits(), meters);
        Turns turns = new Turns(vertx, 2, DEADLINE);
        SpendQuery spends = new SpendQuery(reader, freezes, announcements, turns);
        LedgerApi api = new LedgerApi(
                access,
                new SpendCheck(
                        locator,
                        reader,
                        accounts,
                        freezes,
                        trees,
                        announcements,
                        Clock.systemUTC(),
                        DEADLINE,
                        Duration.ofSeconds(5),
                        policy,
                        THRESHOLDS),
                spends,
                new TopTrees(reader::top, new NobodyElse(), new NoPeers(), FakeReader.PARTITIONS, Clock.systemUTC()),
                new TreeHistories(spends, reader, turns),
                accounts,
                limits,
                new Chats(reader, locator, announcements, writer),
                new Limits(vertx, reader, announcements, writer, DEADLINE),
                new Freezes(vertx, reader, announcements, freezes, writer, DEADLINE),
                new AccountLimits(vertx, limits, writer, DEADLINE),
                new Messages(locator, writer),
                events,
                new EmptyState(),
                new NobodyElse(),
                "stub",
                health,
                meters,
                registry,
                "USD",
                THRESHOLDS,
                Clock.systemUTC());
        RequestLog requestLog = new RequestLog(RequestLog.Mode.TRACED);
        router = LedgerRouter.create(vertx, api, requestLog, bodies);
        server = vertx.createHttpServer(Connections.options(LIMITS));
        new Connections(LIMITS, meters).serve(vertx, server, new DirectChecks(api, requestLog, router));
        server.listen(0, "127.0.0.1").await();
    }

    /** An instance that is well, whatever its partitions are. */
    public static StubLedger start(FakeReader reader, LookupErrorPolicy policy) {
        return start(reader, policy, new FixedHealth(List.of(), List.of()));
    }

    public static StubLedger start(FakeReader reader, LookupErrorPolicy policy, Health health) {
        return start(reader, new FakeLimits().view(), new FakeFreezes().view(), policy, health);
    }

    public static StubLedger start(
            FakeReader reader, AccountLimitsView limits, FreezesView freezes, LookupErrorPolicy policy, Health health) {
        return start(Access.OPEN, reader, limits, freezes, policy, health);
    }

    public static StubLedger start(
            FakeReader reader, AccountLimitsView limits, KnownTrees trees, LookupErrorPolicy policy) {
        return new StubLedger(
                Access.OPEN,
                reader,
                limits,
                new FakeFreezes().view(),
                trees,
                policy,
                new FixedHealth(List.of(), List.of()),
                BodyBudget.ofThisProcess(),
                StubStreams.empty());
    }

    /** An instance whose alerts a test makes up. */
    public static StubLedger start(Access access, StubStreams streams) {
        return start(
                access,
                new FakeReader(),
                new FakeLimits().view(),
                new FakeFreezes().view(),
                LookupErrorPolicy.OPEN,
                new FixedHealth(List.of(), List.of()),
                BodyBudget.ofThisProcess(),
                streams);
    }

    /** An instance that may ask for tokens. */
    public static StubLedger start(
            Access access,
            FakeReader reader,
            AccountLimitsView limits,
            FreezesView freezes,
            LookupErrorPolicy policy,
            Health health) {
        return start(access, reader, limits, freezes, policy, health, BodyBudget.ofThisProcess(), StubStreams.empty());
    }

    /** An instance that holds no more of bodies at once than this, and has these event streams. */
    public static StubLedger start(
            Access access,
            FakeReader reader,
            AccountLimitsView limits,
            FreezesView freezes,
            LookupErrorPolicy policy,
            Health health,
            BodyBudget bodies,
            StubStreams streams) {
        return new StubLedger(
                access, reader, limits, freezes, new FakeKnownTrees().view(), policy, health, bodies, streams);
    }

    /**
     * What the event streams of an instance are made of.
     *
     * @param history what the memory has not
     * @param sources what is shown beside the alerts
     */
    public record StubStreams(
            RecentAlerts alerts, AlertHistory history, List<LiveSource> sources, EventStreams.Limits limits) {
        /** There is no alert, and never was. */
        public static StubStreams empty() {
            RecentAlerts alerts = new RecentAlerts(1);
            AlertPositions start = AlertPositions.startOf("stub", 2);
            alerts.begin(start, List.of(), start);
            return new StubStreams(
                    alerts,
                    from -> {
                        throw new IllegalStateException("There is no history");
                    },
                    List.of(),
                    EventStreams.Limits.USUAL);
        }
    }

    /** The event streams, to be closed as an instance does that is told to stop. */
    public EventStreams events() {
        return events;
    }

    /** Health that a test makes up. */
    public record FixedHealth(List<Check> live, List<Check> ready) implements Health {}

    public Http http() {
        return new Http(URI.create("http://127.0.0.1:" + port()));
    }

    public int port() {
        return server.actualPort();
    }

    /** The routes themselves, for looking at. */
    public Router router() {
        return router;
    }

    @Override
    public void close() {
        events.close();
        server.close().await(); // Else the threads were gone before whoever needs them.
        vertx.close().await();
        writer.close();
    }

    /** Two partitions without a row. */
    /** There is no other instance. */
    private static final class NoPeers implements Peers {
        @Override
        public Future<Reading<List<StoredRow>>> rows(
                URI instance, LedgerStore<?, ?> store, int partition, RowRange range) {
            return Future.failedFuture("There is no other instance.");
        }

        @Override
        public Future<TopList> topTrees(URI instance, TreeOrder order) {
            return Future.failedFuture("There is no other instance.");
        }

        @Override
        public Future<Optional<Instant>> committedAsOf(URI instance, LedgerStore<?, ?> store, int partition) {
            return Future.failedFuture("There is no other instance.");
        }
    }

    private static final class NobodyElse implements Placement {
        @Override
        public Holders of(LedgerStore<?, ?> store, int partition) {
            return Holders.NOBODY;
        }

        @Override
        public Set<URI> instances() {
            return Set.of(self());
        }

        @Override
        public URI self() {
            return URI.create("http://127.0.0.1:1");
        }

        @Override
        public void refresh() {
            // There is nothing to be found out.
        }
    }

    private static final class EmptyState implements StateReader {
        @Override
        public int partitions() {
            return FakeReader.PARTITIONS;
        }

        @Override
        public boolean owns(LedgerStore<?, ?> store, int partition) {
            return true;
        }

        @Override
        public Optional<Reading.Answered<TreeSpend>> ownTree(int partition, String rootChatId) {
            return Optional.empty();
        }

        @Override
        public Optional<Reading.Answered<TreeSpend>> ownTreeInMemory(int partition, String rootChatId) {
            return Optional.empty();
        }

        @Override
        public Optional<Reading.Answered<Totals>> ownAccount(
                int partition, String accountId, LocalDate first, LocalDate next) {
            return Optional.empty();
        }

        @Override
        public Optional<Reading.Answered<Totals>> ownAccountInMemory(
                int partition, String accountId, LocalDate first, LocalDate next) {
            return Optional.empty();
        }

        @Override
        public Optional<Instant> committedAsOf(LedgerStore<?, ?> store, int partition) {
            return Optional.empty();
        }

        @Override
        public Reading<List<StoredRow>> rows(LedgerStore<?, ?> store, int partition, RowRange range, boolean orCopy) {
            return new Reading.Answered<>(Optional.of(List.of()), ServedBy.OWNER, FakeReader.FRESH);
        }
    }
}
