package dev.spendledger.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.fault.LoggingFaultHandler;
import org.slf4j.LoggerFactory;

/**
 * A real Kafka broker with its KRaft controller, one node of each, inside this JVM and on 127.0.0.1 only.
 *
 * <p>All of its state is in its folder: started there again, after {@link #close()} or after its process was killed, it
 * has the same cluster id, topics, records and offsets. Several may run at once, each on its own folder and port. Its
 * threads keep the JVM alive until {@link #close()}.
 */
public final class EmbeddedKafka implements AutoCloseable {
    /** The user of a {@link #startSecured secured} broker who may do everything. */
    public static final String ADMIN = "admin";

    private static final String HOST = "127.0.0.1";
    private static final int NODE_ID = 1;
    private static final String BROKER = "BROKER";
    private static final String PROXIED = "PROXIED";
    private static final String CONTROLLER = "CONTROLLER";
    private static final String SCRAM = "SCRAM-SHA-512";
    private static final String SCRAM_LOGIN =
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";";

    /** What differs from Kafka's defaults; callers may override each. */
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            // A listener's name says nothing of its protocol, so that a test can turn on SASL or TLS.
            Map.entry("listener.security.protocol.map", "BROKER:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT"),

            // There is one node to hold a replica.
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("share.coordinator.state.topic.min.isr", "1"),
            Map.entry("share.coordinator.state.topic.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"),
            Map.entry("transaction.state.log.replication.factor", "1"),

            // Each of the 50 by default costs files, and time on first use.
            Map.entry("offsets.topic.num.partitions", "4"),
            Map.entry("share.coordinator.state.topic.num.partitions", "4"),
            Map.entry("transaction.state.log.num.partitions", "4"),

            // A misspelt topic is an error, not a new topic.
            Map.entry("auto.create.topics.enable", "false"),

            // The first consumer of a group need not wait 3 s for others.
            Map.entry("group.initial.rebalance.delay.ms", "0"),

            // Tests of a dying consumer should not have to wait 6 s, the default, for its session to end.
            Map.entry("group.min.session.timeout.ms", "500"),

            // A folder may rest for months and its groups still go on where they stopped.
            Map.entry("offsets.retention.minutes", "" + Integer.MAX_VALUE),

            // 128 MiB by default, more than a small heap has.
            Map.entry("log.cleaner.dedupe.buffer.size", "2097152"),

            // An idle broker need not write to its disk twice a second.
            Map.entry("metadata.max.idle.interval.ms", "0"),

            // After a kill, the new broker is let in when the session of the dead one ends: 3 s, not 9.
            Map.entry("broker.heartbeat.interval.ms", "500"),
            Map.entry("broker.session.timeout.ms", "3000"),

            // A start that hangs becomes an exception; by default it waits for ever.
            Map.entry("server.max.startup.time.ms", "60000"));

    /** What is open, the newest first: the order in which to close it. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** Users and their passwords; empty = whoever reaches the broker may do everything. */
    private final Map<String, String> passwords;

    private int port;
    private int proxiedPort;

    private EmbeddedKafka(Map<String, String> passwords) {
        this.passwords = Map.copyOf(passwords);
    }

    /** Starts a broker on a free port; see {@link #start(Path, int, Map)}. */
    public static EmbeddedKafka start(Path dataDir) {
        return start(dataDir, 0);
    }

    /** Starts a broker on the given port; see {@link #start(Path, int, Map)}. */
    public static EmbeddedKafka start(Path dataDir, int port) {
        return start(dataDir, port, Map.of());
    }

    /**
     * Starts a broker and returns once it serves clients. A failed start leaves nothing running.
     *
     * @param dataDir a folder for this broker alone: missing, empty, or made by an earlier start
     * @param port the port for clients, 0 for any free one
     * @param brokerProperties more broker properties, or other values for those set here. Clients' listener is named
     *     {@code BROKER}, for instance in {@code listener.name.broker.plain.sasl.jaas.config}
     * @throws IllegalStateException if the folder or the port is in use or cannot be used, or the folder holds files
     *     that are not a broker's
     * @throws IllegalArgumentException if the port is out of range, or {@code brokerProperties} names what this class
     *     must set, such as {@code listeners}
     * @throws RuntimeException Kafka's own, if it rejects a property or cannot start
     */
    public static EmbeddedKafka start(Path dataDir, int port, Map<String, String> brokerProperties) {
        return new EmbeddedKafka(Map.of()).started(dataDir, port, OptionalInt.empty(), brokerProperties);
    }

    /**
     * Starts a broker that takes clients with a password only (SASL/SCRAM-SHA-512, without encryption), and on which everybody
     * but {@link #ADMIN} may do what ACLs allow and nothing else. See {@link #login}.
     *
     * @param passwords of each user, letters and digits; that of {@link #ADMIN} must be among them, for it is the broker's own
     *     as well. A folder keeps the users that it was first started with
     * @param brokerProperties as in {@link #start(Path, int, Map)}; for instance another protocol in
     *     {@code listener.security.protocol.map}, whose listeners are {@code BROKER} and {@code CONTROLLER}
     * @throws IllegalStateException as {@link #start(Path, int, Map)}
     * @throws IllegalArgumentException as there, or if {@link #ADMIN} has no password
     */
    public static EmbeddedKafka startSecured(
            Path dataDir, int port, Map<String, String> passwords, Map<String, String> brokerProperties) {
        if (!passwords.containsKey(ADMIN)) {
            throw new IllegalArgumentException(
                    "The user " + ADMIN + " must have a password, and has none in passwords");
        }
        return new EmbeddedKafka(passwords).started(dataDir, port, OptionalInt.empty(), brokerProperties);
    }

    /** What a client of a {@link #startSecured secured} broker sets, beside where it is, to be this user. */
    public static Map<String, String> login(String user, String password) {
        return Map.of(
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                SCRAM,
                "sasl.jaas.config",
                SCRAM_LOGIN.formatted(user, password));
    }

    /**
     * Starts a broker that some clients reach through a proxy, so that they can be cut off and others not: clients go on to
     * the address that a broker tells them, wherever they first called. It listens for the proxy at a second port, {@link
     * #proxiedPort()}, and tells whoever comes in there that its address is the proxy's.
     *
     * @param port the port for the other clients, 0 for any free one
     * @param proxyPort the port of the proxy, on 127.0.0.1; it need not listen yet
     * @throws IllegalStateException as {@link #start(Path, int, Map)}
     */
    public static EmbeddedKafka startBehindProxy(Path dataDir, int port, int proxyPort) {
        return new EmbeddedKafka(Map.of()).started(dataDir, port, OptionalInt.of(proxyPort), Map.of());
    }

    private EmbeddedKafka started(Path dataDir, int port, OptionalInt proxyPort, Map<String, String> brokerProperties) {
        try {
            run(dataDir, port, proxyPort, brokerProperties);
            return this;
        } catch (Throwable e) { // Kafka's Scala code throws checked exceptions without declaring them
            try (this) {
                throw e instanceof RuntimeException unchecked
                        ? unchecked
                        : new IllegalStateException("Kafka did not start on " + dataDir + ": " + e, e);
            }
        }
    }

    /** Where clients connect, as {@code host:port}. */
    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    /** The port for clients. */
    public int port() {
        return port;
    }

    /** The port for the proxy; 0 if the broker is not behind one. */
    public int proxiedPort() {
        return proxiedPort;
    }

    /** Stops the broker and returns once its threads have ended and its port and folder are free. May be repeated. */
    @Override
    public synchronized void close() {
        // An interrupt would stop Kafka's shutdown halfway and leave threads behind.
        boolean interrupted = Thread.interrupted();
        RuntimeException failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = new IllegalStateException("Kafka did not stop cleanly");
                }
                failure.addSuppressed(e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Does what {@link KafkaRaftServer} does, with three differences: the sockets are bound first, so a port in use is
     * known before anything runs; a fatal fault, such as a failed start, is logged instead of halting the JVM; and the
     * metrics stay out of JMX, where the names of two brokers would clash.
     */
    private void run(Path dataDir, int wantedPort, OptionalInt proxyPort, Map<String, String> brokerProperties)
            throws Exception {
        Path folder = toClose(FolderLock.acquire(dataDir)).folder();
        Map<String, ServerSocketChannel> sockets = new HashMap<>();
        port = bind(sockets, BROKER, wantedPort);
        int controllerPort = bind(sockets, CONTROLLER, 0);
        if (proxyPort.isPresent()) {
            proxiedPort = bind(sockets, PROXIED, 0);
        }

        KafkaConfig config = config(folder, controllerPort, proxyPort, brokerProperties);
        if (!Files.exists(folder.resolve("meta.properties"))) {
            format(folder);
        }
        var state = KafkaRaftServer.initializeLogDirs(config, LoggerFactory.getLogger(EmbeddedKafka.class), "");
        SharedServer node = new SharedServer(
                config,
                state._1(),
                Time.SYSTEM,
                toClose(new Metrics()),
                CompletableFuture.completedFuture(Map.of(NODE_ID, new InetSocketAddress(HOST, controllerPort))),
                List.of(),
                (name, fatal, action) -> new LoggingFaultHandler(name, action),
                (listener, address, backlog, buffer) -> sockets.get(listener));

        ControllerServer controller = new ControllerServer(node, KafkaRaftServer.configSchema(), state._2());
        toClose(() -> {
            // Its registration manager closes this channel; closing it again, as shutdown() would, logs a warning.
            controller.registrationChannelManager_$eq(null);
            controller.shutdown();
        });
        controller.startup();

        BrokerServer broker = new BrokerServer(node);
        toClose(broker::shutdown);
        broker.startup();
    }

    private int bind(Map<String, ServerSocketChannel> sockets, String listener, int wantedPort) throws IOException {
        ServerSocketChannel socket = toClose(listen(wantedPort));
        sockets.put(listener, socket);
        return socket.socket().getLocalPort();
    }

    private <T extends AutoCloseable> T toClose(T resource) {
        open.push(resource);
        return resource;
    }

    private static ServerSocketChannel listen(int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(HOST, port);
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.configureBlocking(false);
            return channel.bind(address);
        } catch (IOException e) {
            channel.close();
            throw new IllegalStateException(
                    "Cannot listen on " + HOST + ":" + port + " (" + e.getMessage()
                            + "): stop the program that uses this port, or choose another port (0 takes a free one)",
                    e);
        }
    }

    private KafkaConfig config(
            Path folder, int controllerPort, OptionalInt proxyPort, Map<String, String> brokerProperties) {
        String controllerAddress = HOST + ":" + controllerPort;
        String clients = BROKER + "://" + bootstrapServers();
        Map<String, String> own = Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "" + NODE_ID),
                Map.entry("log.dirs", folder.toString()),
                Map.entry(
                        "listeners",
                        clients + proxied(proxyPort, proxiedPort) + "," + CONTROLLER + "://" + controllerAddress),
                Map.entry("advertised.listeners", clients + proxied(proxyPort, proxyPort.orElse(0))),
                Map.entry("inter.broker.listener.name", BROKER),
                Map.entry("controller.listener.names", CONTROLLER),
                Map.entry("controller.quorum.voters", NODE_ID + "@" + controllerAddress));

        TreeSet<String> clashes = new TreeSet<>(brokerProperties.keySet());
        clashes.retainAll(own.keySet());
        if (!clashes.isEmpty()) {
            throw new IllegalArgumentException("The embedded broker sets " + clashes + " itself: leave them out");
        }

        Map<String, String> properties = new HashMap<>(SETTINGS);
        if (isSecured()) {
            properties.putAll(security(passwords.get(ADMIN)));
        }
        properties.putAll(brokerProperties);
        properties.putAll(own);
        return new KafkaConfig(properties, false);
    }

    private static String proxied(OptionalInt proxyPort, int port) {
        return proxyPort.isPresent() ? "," + PROXIED + "://" + HOST + ":" + port : "";
    }

    private boolean isSecured() {
        return !passwords.isEmpty();
    }

    private static Map<String, String> security(String password) {
        return Map.ofEntries(
                Map.entry(
                        "listener.security.protocol.map",
                        "BROKER:SASL_PLAINTEXT,PROXIED:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT"),
                Map.entry("listener.name.broker.sasl.enabled.mechanisms", SCRAM),
                Map.entry("sasl.mechanism.inter.broker.protocol", SCRAM),
                Map.entry(
                        "listener.name.broker.scram-sha-512.sasl.jaas.config", SCRAM_LOGIN.formatted(ADMIN, password)),
                // The controller keeps the users' passwords, so it must be reached without them.
                Map.entry("listener.name.controller.sasl.enabled.mechanisms", "PLAIN"),
                Map.entry("sasl.mechanism.controller.protocol", "PLAIN"),
                Map.entry(
                        "listener.name.controller.plain.sasl.jaas.config",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\" user_%s=\"%s\";"
                                .formatted(ADMIN, password, ADMIN, password)),
                Map.entry("authorizer.class.name", StandardAuthorizer.class.getName()),
                Map.entry("super.users", "User:" + ADMIN));
    }

    private void format(Path folder) throws Exception {
        new Formatter()
                .setScramArguments(passwords.entrySet().stream()
                        .map(user -> SCRAM + "=[name=" + user.getKey() + ",password=" + user.getValue() + "]")
                        .toList())
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                .setNodeId(NODE_ID)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName(CONTROLLER)
                .setMetadataLogDirectory(folder.toString())
                .addDirectory(folder.toString())
                .run();
    }
}
