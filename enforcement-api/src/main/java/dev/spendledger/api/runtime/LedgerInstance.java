package dev.spendledger.api.runtime;

import com.sun.management.UnixOperatingSystemMXBean;
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
import dev.spendledger.api.http.LiveTrees;
import dev.spendledger.api.http.PeerClient;
import dev.spendledger.api.http.RequestLog;
import dev.spendledger.api.http.Tokens;
import dev.spendledger.api.metrics.LedgerMeters;
import dev.spendledger.api.query.AccountLimitsView;
import dev.spendledger.api.query.AccountQuery;
import dev.spendledger.api.query.Announcements;
import dev.spendledger.api.query.FreezesView;
import dev.spendledger.api.query.KnownTrees;
import dev.spendledger.api.query.LedgerReader;
import dev.spendledger.api.query.LocalRows;
import dev.spendledger.api.query.LocalStores;
import dev.spendledger.api.query.OwnMemory;
import dev.spendledger.api.query.OwnTopTrees;
import dev.spendledger.api.query.Peers;
import dev.spendledger.api.query.Placement;
import dev.spendledger.api.query.RecentAlerts;
import dev.spendledger.api.query.RoutedReader;
import dev.spendledger.api.query.SpendQuery;
import dev.spendledger.api.query.StateReader;
import dev.spendledger.api.query.TopTrees;
import dev.spendledger.api.query.TreeHistories;
import dev.spendledger.api.query.TreeLocator;
import dev.spendledger.api.query.Turns;
import dev.spendledger.api.write.AccountLimits;
import dev.spendledger.api.write.Chats;
import dev.spendledger.api.write.EventWriter;
import dev.spendledger.api.write.Freezes;
import dev.spendledger.api.write.Limits;
import dev.spendledger.api.write.Messages;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.LatestFactReader;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import dev.spendledger.streams.topology.Warnings;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One instance of the ledger: the fold and the HTTP API in one process. */
public final class LedgerInstance implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LedgerInstance.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration TRIM_PERIOD = Duration.ofSeconds(10);
    private static final int LOOK_PERIOD_MS = 250;
    /** Of a check's time, how much the readings may take, so that the answer is there in time. */
    private static final int READING_PERCENT = 80;
    /** Of a check's time, how much one call of another instance may take: two can follow each other. */
    private static final double PEER_CALL = 0.4;

    /** Of clients. Each takes some 10 KiB. */
    private static final int CONNECTIONS_MOST = 16_384;

    private static final Duration BODY_WITHIN = Duration.ofSeconds(10);

    /** In memory, for the clients of event streams that come back. Each takes some 1 KiB. */
    private static final int ALERTS_MOST = 10_000;

    /** A partition is handed on in about as long; a check waits for it twice, and is in time. */
    private static final long HANDED_ON_MS = 40;

    /** Of large trees whose chats or messages are gone through at a time: each takes up to some 20 MB. */
    private static final int TREES_MOST = 2;

    private static final Duration TREE_WAIT = Duration.ofSeconds(1);

    /** What was started, the last first: closed in this order. */
    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    private URI url;
    private StreamsHealth health;

    /** Why an instance cannot start; the message is for whoever started it, and says what to do. */
    public static final class StartException extends Exception {
        private static final long serialVersionUID = 1L;

        public StartException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private LedgerInstance() {}

    /**
     * Starts an instance and returns once its HTTP API listens. It {@link #isReady() is ready} a moment later.
     *
     * @throws StartException if it cannot start; nothing is left running then
     */
    public static LedgerInstance start(LedgerConfig config) throws StartException {
        LedgerInstance instance = new LedgerInstance();
        try {
            instance.startAll(config);
            return instance;
        } catch (StartException | RuntimeException e) {
            instance.close();
            throw e;
        }
    }

    /** Where its HTTP API listens. */
    public URI url() {
        return url;
    }

    /** Whether it should be sent requests. */
    public boolean isReady() {
        return health.ready().stream().allMatch(Health.Check::ok);
    }

    private void startAll(LedgerConfig config) throws StartException {
        config.warnings().forEach(log::warn);
        int port = freePort(config);
        url = URI.create(Tls.scheme(config) + "://" + config.text(Setting.HTTP_HOST) + ":" + port);
        int partitions = config.number(Setting.PARTITIONS);
        TopicNames names = config.topicNames();
        Serde<SpecificRecord> events = EventSerdes.of(config);

        KafkaAdmin kafka = keep(KafkaAdmin.connect(config));
        prepareTopics(config, kafka);
        EventSerdes.prepare(events, config);

        PrometheusMeterRegistry registry = Metrics.registry(Path.of(config.text(Setting.STATE_DIR)));
        LedgerMeters meters = new LedgerMeters(registry);
        URI advertised = advertised(config);
        StreamsConfig streamsConfig = new StreamsConfig(KafkaSettings.streams(config, advertised, meters));
        // Closed after the streams: what is asked of an instance that has given up its partitions, others answer.
        Vertx vertx = HttpServing.vertx();
        EventWriter writer = keep(new EventWriter(vertx, names, KafkaSettings.producer(config), events.serializer()));
        keep(() -> HttpServing.close(vertx));
        FoldClients clients = new FoldClients();
        OwnMemory memory = new OwnMemory(partitions);
        LatestFactReader latestFacts = new LatestFactReader(names, partitions, events);
        AccountLimitsView limits = new AccountLimitsView(latestFacts);
        KafkaStreams streams = new KafkaStreams(
                LedgerTopology.build(
                        names,
                        partitions,
                        events,
                        new Warnings(config.thresholds(), limits, Clock.systemUTC()),
                        meters.and(clients).and(memory)),
                streamsConfig,
                clients);
        // Leaving the group hands the partitions over at once, where there is somebody to take them.
        keep(() ->
                streams.close(CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
                        .withTimeout(CLOSE_TIMEOUT)));
        Optional<CatchUp> catchUp = catchUp(config, kafka.admin());
        FreezesView freezes = new FreezesView(latestFacts);
        KnownTrees trees = new KnownTrees(names, new FactReader(names, partitions, events), events.deserializer());
        Map<Topic, Integer> partitionsByTopic = kafka.partitions();
        ViewFeed views = keep(new ViewFeed(
                new KafkaConsumer<>(
                        KafkaSettings.view(config), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                names,
                partitionsByTopic::get,
                List.of(limits, freezes, trees)));
        Supplier<AlertReader> alertReaders = alertReaders(config, kafka, partitionsByTopic, events);
        RecentAlerts alerts = new RecentAlerts(ALERTS_MOST);
        AlertFeed alertFeed = keep(
                new AlertFeed(alertReaders.get(), alerts, ALERTS_MOST / partitionsByTopic.get(Topic.SPEND_ALERTS)));
        meters.showAlerts(config.thresholds());
        keep(new KafkaStreamsMetrics(streams)).bindTo(registry);
        PlacementWatch placement = keep(new PlacementWatch(streams, advertised, partitions));
        Access access = access(config);
        Supplier<Optional<String>> secret =
                () -> access.secrets().map(secrets -> secrets.get().get(0));
        Optional<WatchedFile<Tls.Identity>> identity = kept(Tls.identity(config));
        meters.showCertificate(() -> identity.map(file -> file.get().expires()));
        Peers peers = peers(vertx, secret, config, meters);
        LocalStores localStores = new LocalStores(streams);
        InputEnds ends = keep(new InputEnds(
                kafka.admin(),
                clients,
                Stream.of(Topic.values())
                        .filter(Topic::writtenByLedger)
                        .map(names::of)
                        .collect(Collectors.toSet()),
                Clock.systemUTC()));
        PeersWarmUp warmUp = keep(new PeersWarmUp(placement, peers, partitions));
        health = new StreamsHealth(streams, views, placement, warmUp, catchUp, Clock.systemUTC());
        FreshnessMonitor progressOfTrees = keep(progress(
                streams,
                localStores,
                clients,
                ends,
                LedgerTopology.SOURCES.stream().map(names::of).collect(Collectors.toSet()),
                LedgerTopology.STORES.stream()
                        .filter(store -> store != LedgerTopology.ACCOUNT_SPEND)
                        .toList(),
                placement,
                peers,
                config,
                streamsConfig));
        FreshnessMonitor progressOfAccounts = keep(progress(
                streams,
                localStores,
                clients,
                ends,
                Set.of(names.of(Topic.ACCOUNT_DELTAS)),
                List.of(LedgerTopology.ACCOUNT_SPEND),
                placement,
                peers,
                config,
                streamsConfig));
        Restores restores = new Restores(List.of(progressOfTrees, progressOfAccounts));
        streams.setGlobalStateRestoreListener(restores);
        streams.setStandbyUpdateListener(restores);
        meters.showPartitions(partitions, progressOfTrees::lagSeconds);

        String name = UUID.randomUUID().toString();
        LocalRows rows = new LocalRows(localStores, memory, partitions, progressOfTrees, progressOfAccounts);
        LedgerReader reader = new RoutedReader(
                rows,
                placement,
                peers,
                () -> vertx.timer(HANDED_ON_MS, TimeUnit.MILLISECONDS).mapEmpty());
        TopTrees topTrees = topTrees(vertx, rows, memory, placement, peers, config);
        EventStreams eventStreams = new EventStreams(
                vertx,
                access,
                alerts,
                from -> {
                    AlertReader missed = alertReaders.get();
                    try {
                        missed.seek(from);
                        return missed;
                    } catch (RuntimeException e) {
                        missed.close();
                        throw e;
                    }
                },
                new LiveTrees(
                                vertx,
                                topTrees,
                                reader,
                                freezes::freeze,
                                config.text(Setting.CURRENCY),
                                config.thresholds(),
                                Clock.systemUTC())
                        .sources(),
                EventStreams.Limits.USUAL,
                meters);
        listen(
                vertx,
                api(
                        access,
                        config,
                        vertx,
                        rows,
                        placement,
                        name,
                        reader,
                        topTrees,
                        limits,
                        freezes,
                        trees,
                        writer,
                        eventStreams,
                        meters,
                        registry),
                config,
                port,
                identity,
                meters);

        AdvertisedUrl.requireThatItLeadsHere(advertised, name, secret.get(), Tls.context(config));
        views.start();
        alertFeed.start();
        streams.start();
        warmUp.start();
        catchUp.ifPresent(found -> found.start(lookPeriod(config)));
        keep(new RoutingTrimmer(
                kafka.admin(),
                config.text(Setting.APPLICATION_ID),
                Stream.of(Topic.values())
                        .filter(Topic::deletedOnceRead)
                        .map(names::of)
                        .collect(Collectors.toSet()),
                TRIM_PERIOD));
        Duration drain = config.millis(Setting.DRAIN_MS);
        keep(() -> {
            health.close();
            eventStreams.close();
            Thread.sleep(drain.toMillis());
        });
    }

    /** How far the partitions of the trees, or of the accounts, have come, here and where copies are kept. */
    private FreshnessMonitor progress(
            KafkaStreams streams,
            LocalStores localStores,
            FoldClients clients,
            InputEnds ends,
            Set<String> sourceTopics,
            List<LedgerStore<?, ?>> stores,
            Placement placement,
            Peers peers,
            LedgerConfig config,
            StreamsConfig streamsConfig) {
        int partitions = config.number(Setting.PARTITIONS);
        return new FreshnessMonitor(
                clients,
                ends,
                sourceTopics,
                stores,
                keep(new CopyProgress(streams, localStores, placement, peers, stores, partitions)),
                partitions,
                config.millis(Setting.STALE_AFTER_MS),
                sessionTimeout(streamsConfig),
                Clock.systemUTC());
    }

    private LedgerApi api(
            Access access,
            LedgerConfig config,
            Vertx vertx,
            StateReader rows,
            Placement placement,
            String name,
            LedgerReader reader,
            TopTrees topTrees,
            AccountLimitsView limits,
            FreezesView freezes,
            KnownTrees trees,
            EventWriter writer,
            EventStreams eventStreams,
            LedgerMeters meters,
            PrometheusMeterRegistry registry) {
        Duration deadline = config.millis(Setting.CHECK_DEADLINE_MS);
        LookupErrorPolicy policy =
                LookupErrorPolicy.valueOf(config.text(Setting.ON_LOOKUP_ERROR).toUpperCase(Locale.ROOT));
        Announcements announcements = new Announcements();
        TreeLocator locator = new TreeLocator(reader, announcements);
        AccountQuery accounts = new AccountQuery(reader, limits, Clock.systemUTC());
        Turns turns = new Turns(vertx, TREES_MOST, TREE_WAIT);
        SpendQuery spends = new SpendQuery(reader, freezes, announcements, turns);
        return new LedgerApi(
                access,
                new SpendCheck(
                        locator,
                        reader,
                        accounts,
                        freezes,
                        trees,
                        announcements,
                        Clock.systemUTC(),
                        deadline.multipliedBy(READING_PERCENT).dividedBy(100),
                        config.millis(Setting.STALE_AFTER_MS),
                        policy,
                        config.thresholds()),
                spends,
                topTrees,
                new TreeHistories(spends, reader, turns),
                accounts,
                limits,
                new Chats(reader, locator, announcements, writer),
                new Limits(vertx, reader, announcements, writer, deadline),
                new Freezes(vertx, reader, announcements, freezes, writer, deadline),
                new AccountLimits(vertx, limits, writer, deadline),
                new Messages(locator, writer),
                eventStreams,
                rows,
                placement,
                name,
                health,
                meters,
                registry,
                config.text(Setting.CURRENCY),
                config.thresholds(),
                Clock.systemUTC());
    }

    private static TopTrees topTrees(
            Vertx vertx, StateReader rows, OwnMemory memory, Placement placement, Peers peers, LedgerConfig config) {
        OwnTopTrees own = new OwnTopTrees(
                rows, memory, vertx, Clock.systemUTC(), peerCall(config).dividedBy(2));
        return new TopTrees(own::top, placement, peers, rows.partitions(), Clock.systemUTC());
    }

    private static Duration peerCall(LedgerConfig config) {
        return Duration.ofMillis(Math.round(config.number(Setting.CHECK_DEADLINE_MS) * PEER_CALL));
    }

    private static Supplier<AlertReader> alertReaders(
            LedgerConfig config, KafkaAdmin kafka, Map<Topic, Integer> partitions, Serde<SpecificRecord> events) {
        String log = kafka.fingerprint(Topic.SPEND_ALERTS);
        return () -> new AlertReader(
                new KafkaConsumer<>(
                        KafkaSettings.view(config), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                config.topicNames().of(Topic.SPEND_ALERTS),
                partitions.get(Topic.SPEND_ALERTS),
                log,
                events.deserializer());
    }

    private Peers peers(Vertx vertx, Supplier<Optional<String>> secret, LedgerConfig config, LedgerMeters meters)
            throws StartException {
        Optional<WatchedFile<TrustManagerFactory>> trusted = kept(Tls.trusted(config));
        PeerClient peers = new PeerClient(
                vertx,
                secret,
                trusted.map(WatchedFile::get),
                peerCall(config),
                config.millis(Setting.HTTP_KEEP_ALIVE_MS).dividedBy(2),
                meters);
        trusted.ifPresent(file -> file.onContent(peers::trust));
        return peers;
    }

    private Access access(LedgerConfig config) throws StartException {
        String tokens = config.text(Setting.API_TOKENS_FILE);
        String secrets = config.text(Setting.INTERNAL_TOKEN_FILE);
        if (!tokens.isEmpty() && secrets.isEmpty()) {
            throw new StartException(
                    "LEDGER_INTERNAL_TOKEN_FILE is not set and must be, where LEDGER_API_TOKENS_FILE is: without it anybody could"
                            + " read the state by the routes of the instances.",
                    null);
        }
        if (tokens.isEmpty() && !isLoopback(config.text(Setting.HTTP_HOST))) {
            log.warn(
                    "ANYBODY WHO REACHES THIS INSTANCE MAY DO EVERYTHING, lift limits as well: LEDGER_HTTP_HOST is {}, and"
                            + " LEDGER_API_TOKENS_FILE is not set.",
                    config.text(Setting.HTTP_HOST));
        }
        return new Access(
                watched(Setting.API_TOKENS_FILE, tokens, Tokens::parse),
                watched(Setting.INTERNAL_TOKEN_FILE, secrets, Tokens::parseSecrets));
    }

    private <T> Optional<Supplier<T>> watched(Setting setting, String path, Function<String, T> parse)
            throws StartException {
        return path.isEmpty()
                ? Optional.empty()
                : Optional.of(keep(WatchedFile.open(setting.environmentName(), List.of(Path.of(path)), parse)));
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // Nobody could listen there either.
        }
    }

    private static void prepareTopics(LedgerConfig config, KafkaAdmin kafka) throws StartException {
        if (config.flag(Setting.CREATE_TOPICS)) {
            log.info("Topics were created. topics={}", kafka.createTopics());
        }
        List<String> findings = kafka.findings();
        if (!findings.isEmpty()) {
            throw new StartException(String.join(System.lineSeparator(), findings), null);
        }
    }

    private Optional<CatchUp> catchUp(LedgerConfig config, Admin admin) {
        if (config.text(Setting.READY_WHEN).equals("started")) {
            return Optional.empty();
        }
        Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                KafkaSettings.onlooker(config), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        return Optional.of(keep(new CatchUp(
                consumer,
                () -> admin.listConsumerGroupOffsets(config.text(Setting.APPLICATION_ID))
                        .partitionsToOffsetAndMetadata()
                        .get(),
                partitions(config, LedgerTopology.SOURCES.stream().filter(source -> !source.writtenByLedger())),
                partitions(config, Stream.of(Topic.values()).filter(Topic::deletedOnceRead)))));
    }

    private static Set<TopicPartition> partitions(LedgerConfig config, Stream<Topic> topics) {
        TopicNames names = config.topicNames();
        return topics.flatMap(topic -> partitions(names.of(topic), config.number(Setting.PARTITIONS)))
                .collect(Collectors.toSet());
    }

    private static Stream<TopicPartition> partitions(String topic, int partitions) {
        return IntStream.range(0, partitions).mapToObj(partition -> new TopicPartition(topic, partition));
    }

    /** Long enough that a ledger which keeps up has committed what had been routed at the look before. */
    private static Duration lookPeriod(LedgerConfig config) {
        return Duration.ofMillis(Math.max(LOOK_PERIOD_MS, 2L * config.number(Setting.COMMIT_INTERVAL_MS)));
    }

    private static void listen(
            Vertx vertx,
            LedgerApi api,
            LedgerConfig config,
            int port,
            Optional<WatchedFile<Tls.Identity>> identity,
            LedgerMeters meters)
            throws StartException {
        String host = config.text(Setting.HTTP_HOST);
        RequestLog requestLog = new RequestLog(
                RequestLog.Mode.valueOf(config.text(Setting.REQUEST_LOG).toUpperCase(Locale.ROOT)));
        Router routes = LedgerRouter.create(vertx, api, requestLog, BodyBudget.ofThisProcess());
        try {
            HttpServing.listen(
                    vertx,
                    new Connections.Limits(
                            config.millis(Setting.HTTP_KEEP_ALIVE_MS),
                            BODY_WITHIN,
                            connectionsMost() / HttpServing.EVENT_LOOPS),
                    meters,
                    new DirectChecks(api, requestLog, routes),
                    host,
                    port,
                    identity);
        } catch (IOException e) {
            throw new StartException(portTaken(host, port), e);
        }
    }

    /** No more than leave room for the files of the stores and the connections to Kafka. */
    private static int connectionsMost() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? (int) Math.min(CONNECTIONS_MOST, system.getMaxFileDescriptorCount() / 2)
                : CONNECTIONS_MOST;
    }

    /** The port to listen on, found free before anything else is started. */
    private static int freePort(LedgerConfig config) throws StartException {
        String host = config.text(Setting.HTTP_HOST);
        int port = config.number(Setting.HTTP_PORT);
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new StartException(portTaken(host, port), e);
        }
    }

    private static String portTaken(String host, int port) {
        return "Cannot listen on " + host + ":" + port + ": the port is in use or the address is not this machine's."
                + " Choose another with --http-port (--port in demo and dev) or LEDGER_HTTP_PORT.";
    }

    private URI advertised(LedgerConfig config) throws StartException {
        String advertised = config.text(Setting.ADVERTISED_URL);
        if (advertised.startsWith("http:") && url.getScheme().equals("https")) {
            throw new StartException(
                    "LEDGER_ADVERTISED_URL is " + advertised
                            + " and must begin with https, as LEDGER_TLS_CERTIFICATE_FILE is set.",
                    null);
        }
        return advertised.isEmpty() ? AdvertisedUrl.ofListener(url) : URI.create(advertised);
    }

    private static Duration sessionTimeout(StreamsConfig config) {
        Map<String, Object> consumer = config.getMainConsumerConfigs("", "", 0);
        return Duration.ofMillis(Long.parseLong(
                consumer.get(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG).toString()));
    }

    private <T extends AutoCloseable> Optional<T> kept(Optional<T> resource) {
        return resource.map(this::keep);
    }

    private <T extends AutoCloseable> T keep(T resource) {
        started.push(resource);
        return resource;
    }

    /**
     * Stops everything, the last started first. A part that does not stop is logged and does not keep the others from it.
     * Called again meanwhile, it waits for the end.
     */
    @Override
    public synchronized void close() {
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (Exception e) {
                log.warn("A part of the instance did not stop cleanly.", e);
            }
        }
    }
}
