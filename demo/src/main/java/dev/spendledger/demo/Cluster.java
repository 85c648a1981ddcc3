package dev.spendledger.demo;

import dev.spendledger.api.command.DevProperties;
import dev.spendledger.api.command.UserErrorException;
import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.runtime.Tls;
import dev.spendledger.demo.EmbeddedLedger.BrokerStartException;
import dev.spendledger.embedded.EmbeddedKafka;
import dev.spendledger.schemas.BundledRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker in this process and several instances of the ledger on it, each in a process of its own; all of their data in one
 * folder. Broker and instances can be stopped, killed and started again, one by one. Instances are counted from 1.
 *
 * <p>Not thread-safe, but for {@link #close()}.
 */
public final class Cluster implements AutoCloseable {
    /** The most instances of one cluster. */
    public static final int INSTANCES_MOST = 8;

    private static final Logger log = LoggerFactory.getLogger(Cluster.class);
    /** An instance gives up on what does not close after 20 s. */
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(40);

    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(1);
    private static final int OK = 200;
    private static final List<String> ANY_ADDRESS = List.of("0.0.0.0", "::", "[::]");

    /** What LEDGER_* variables stand above. */
    private static final Map<Setting, String> PRESETS = Map.of(
            Setting.PARTITIONS,
            "4",
            Setting.CREATE_TOPICS,
            "true",
            Setting.STANDBY_REPLICAS,
            "1",
            Setting.DRAIN_MS,
            "500");

    private final HttpClient http;
    private final Map<String, String> environment;
    private final Path dataDir;
    private final Consumer<End> onEnd;
    private final LedgerConfig config;
    private final List<Integer> ports;
    private final OptionalInt proxied;
    /** The last process of each instance; null before its first. */
    private final AtomicReferenceArray<Member> members;

    private final int brokerPort;
    private volatile EmbeddedKafka kafka;
    private TcpProxy proxy;
    /** Whether all were ready once: an instance that ends before lets the start fail. */
    private volatile boolean up;

    private boolean closed;

    /**
     * An instance has ended by itself.
     *
     * @param number which one, from 1
     * @param status the exit status of its process
     * @param log where it has said why
     */
    public record End(int number, int status, Path log) {}

    private static final class Member extends JavaProcess {
        private volatile boolean toldToEnd;

        Member(ProcessBuilder builder) throws IOException {
            super(builder);
        }
    }

    private Cluster(
            Map<String, String> environment,
            LedgerConfig config,
            Path dataDir,
            List<Integer> ports,
            OptionalInt proxied,
            Consumer<End> onEnd)
            throws IOException, StartException {
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(ANSWERS_WITHIN)
                .sslContext(Tls.context(config))
                .build();
        List<Integer> own = Ports.free(2, ports);
        this.environment = Map.copyOf(environment);
        this.dataDir = dataDir;
        this.ports = List.copyOf(ports);
        this.config = config;
        this.onEnd = onEnd;
        this.proxied = proxied;
        this.members = new AtomicReferenceArray<>(ports.size());
        this.brokerPort = own.get(0);
        if (proxied.isPresent()) {
            proxy = TcpProxy.start(own.get(1), () -> kafka.proxiedPort());
        }
    }

    /**
     * Starts a broker and instances, and returns once all of them are ready. What fails leaves nothing running.
     *
     * @param environment what the instances take their settings from; where it says nothing, each partition has a standby
     * @param port where the API of the first listens, the others on the ports after it, or 0 for free ones; empty = as the
     *     environment says, or 8080
     * @param instances how many, 1 to {@value #INSTANCES_MOST}
     * @param dataDir the folder; what is there from before is gone on with
     * @param onEnd is told of each instance that ends by itself after the start, by another thread
     * @throws UserErrorException if there cannot be so many instances
     * @throws BrokerStartException if the broker cannot start, for instance because another one uses the folder
     * @throws StartException if an instance cannot start, for instance because a port is in use
     */
    public static Cluster start(
            Map<String, String> environment, OptionalInt port, int instances, Path dataDir, Consumer<End> onEnd)
            throws BrokerStartException, StartException, InterruptedException, IOException {
        return start(environment, port, instances, dataDir, OptionalInt.empty(), onEnd);
    }

    /** The same, on free ports, with one instance that reaches the broker through a proxy: it can be {@link #cutOff}. */
    public static Cluster startWithProxy(
            Map<String, String> environment, int instances, int proxied, Path dataDir, Consumer<End> onEnd)
            throws BrokerStartException, StartException, InterruptedException, IOException {
        return start(environment, OptionalInt.of(0), instances, dataDir, OptionalInt.of(proxied), onEnd);
    }

    private static Cluster start(
            Map<String, String> environment,
            OptionalInt port,
            int instances,
            Path dataDir,
            OptionalInt proxied,
            Consumer<End> onEnd)
            throws BrokerStartException, StartException, InterruptedException, IOException {
        if (instances < 1 || instances > INSTANCES_MOST) {
            throw new UserErrorException(
                    "--instances is " + instances + " and must be from 1 to " + INSTANCES_MOST + ".");
        }
        Map<Setting, String> flags = new EnumMap<>(Setting.class);
        flags.put(Setting.BOOTSTRAP_SERVERS, Ports.LOOPBACK + ":0"); // Known only once the broker runs.
        flags.put(Setting.SCHEMA_REGISTRY_URL, BundledRegistry.URL);
        port.ifPresent(number -> flags.put(Setting.HTTP_PORT, Integer.toString(number)));
        LedgerConfig config = LedgerConfig.of(environment, flags, PRESETS);
        List<Integer> ports = ports(config.text(Setting.HTTP_HOST), config.number(Setting.HTTP_PORT), instances);

        Cluster cluster = new Cluster(environment, config, dataDir, ports, proxied, onEnd);
        boolean started = false;
        try {
            cluster.startAll();
            started = true;
            return cluster;
        } finally {
            if (!started) {
                cluster.close();
            }
        }
    }

    private static List<Integer> ports(String host, int first, int instances) throws StartException {
        if (first == 0) {
            return Ports.free(instances, List.of());
        }
        String theirs =
                "The " + instances + " instances listen on --port (or LEDGER_HTTP_PORT) and the ports after it.";
        if (first + instances - 1 > Ports.GREATEST) {
            throw new UserErrorException("There are not so many ports above " + first + ". " + theirs);
        }
        List<Integer> ports = IntStream.range(first, first + instances).boxed().toList();
        for (int port : ports) {
            if (!Ports.isFree(host, port)) {
                throw new StartException(
                        "Cannot listen on " + host + ":" + port
                                + ": the port is in use or the address is not this machine's. " + theirs,
                        null);
            }
        }
        return ports;
    }

    private void startAll() throws BrokerStartException, StartException, InterruptedException, IOException {
        startBroker();
        for (int number = 1; number <= size(); number++) {
            Files.deleteIfExists(log(number)); // Of the last time.
            start(number);
        }
        awaitReady();
        up = true;
        DevProperties.write(dataDir, config.with(Setting.BOOTSTRAP_SERVERS, bootstrapServers()), urls());
    }

    private void awaitReady() throws StartException, InterruptedException {
        for (int number = 1; number <= size(); number++) {
            int waitedFor = number;
            EmbeddedLedger.awaitReady(
                    () -> process(waitedFor).isEmpty() || isReady(waitedFor), EmbeddedLedger.READY_WITHIN);
            if (process(number).isEmpty()) {
                throw new StartException(
                        "Instance " + number + " has ended while it started; its log is " + log(number) + ".", null);
            }
        }
    }

    /** Whether an instance says that it should be sent requests. */
    public boolean isReady(int number) {
        try {
            HttpRequest request = HttpRequest.newBuilder(url(number).resolve("/readyz"))
                    .timeout(ANSWERS_WITHIN)
                    .build();
            return http.send(request, BodyHandlers.discarding()).statusCode() == OK;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** How many instances there are, running or not. */
    public int size() {
        return members.length();
    }

    /** Where the API of an instance listens, or will. */
    public URI url(int number) {
        String host = config.text(Setting.HTTP_HOST);
        return URI.create(Tls.scheme(config) + "://" + (ANY_ADDRESS.contains(host) ? Ports.LOOPBACK : host) + ":"
                + ports.get(number - 1));
    }

    /** The same of all instances, in their order. */
    public List<URI> urls() {
        return IntStream.rangeClosed(1, size()).mapToObj(this::url).toList();
    }

    /** Where the broker listens, as {@code host:port}. */
    public String bootstrapServers() {
        return Ports.LOOPBACK + ":" + brokerPort;
    }

    /** The file that holds what an instance says. */
    public Path log(int number) {
        return dataDir.resolve("instance-" + number + ".log");
    }

    /** The process of an instance, of which there may be another by and by; empty = it does not run. */
    public Optional<ProcessHandle> process(int number) {
        return Optional.ofNullable(members.get(number - 1))
                .filter(JavaProcess::isAlive)
                .map(JavaProcess::handle);
    }

    /** Starts an instance that does not run, and returns at once: it {@link #isReady is ready} a while later. */
    public void start(int number) throws IOException {
        if (process(number).isPresent()) {
            throw new IllegalStateException("Instance " + number + " runs already");
        }
        Member member = new Member(builder(number));
        members.set(number - 1, member);
        member.onEnd(status -> {
            if (up && !member.toldToEnd) {
                onEnd.accept(new End(number, status, log(number)));
            }
        });
    }

    private ProcessBuilder builder(int number) {
        ProcessBuilder builder = new ProcessBuilder(JavaProcess.command(
                JavaProcess.options(), System.getProperty("java.class.path"), ClusterMember.class, List.of()));
        builder.environment().clear();
        builder.environment().putAll(settings(number));
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log(number).toFile()));
    }

    private Map<String, String> settings(int number) {
        Map<String, String> settings = new HashMap<>(environment);
        PRESETS.forEach((setting, value) -> settings.putIfAbsent(setting.environmentName(), value));
        Map.of(
                        Setting.BOOTSTRAP_SERVERS,
                                isProxied(number) ? Ports.LOOPBACK + ":" + proxy.port() : bootstrapServers(),
                        Setting.SCHEMA_REGISTRY_URL, BundledRegistry.URL,
                        Setting.STATE_DIR,
                                dataDir.resolve("state-" + number)
                                        .toAbsolutePath()
                                        .toString(),
                        Setting.HTTP_PORT, ports.get(number - 1).toString(),
                        Setting.ADVERTISED_URL, url(number).toString())
                .forEach((setting, value) -> settings.put(setting.environmentName(), value));
        return settings;
    }

    private boolean isProxied(int number) {
        return proxied.isPresent() && proxied.getAsInt() == number;
    }

    /**
     * Tells an instance to stop, and returns once it has.
     *
     * @throws IllegalStateException if it does not; then it is killed
     */
    public void stop(int number) throws InterruptedException {
        Member member = running(number);
        member.toldToEnd = true;
        member.terminate();
        if (!endedInTime(member)) {
            throw new IllegalStateException(
                    "Instance " + number + " did not stop within " + STOPS_WITHIN.toSeconds() + " s and was killed");
        }
    }

    /** Kills an instance without a word, and returns once it is gone. */
    public void kill(int number) throws InterruptedException {
        Member member = running(number);
        member.toldToEnd = true;
        member.close();
    }

    private Member running(int number) {
        Member member = members.get(number - 1);
        if (member == null || !member.isAlive()) {
            throw new IllegalStateException("Instance " + number + " does not run");
        }
        return member;
    }

    private static boolean endedInTime(Member member) throws InterruptedException {
        boolean ended = member.endWithin(STOPS_WITHIN).isPresent();
        if (!ended) {
            member.close();
        }
        return ended;
    }

    /** Stops the broker. The instances go on, as they do when they lose a real one. */
    public void stopBroker() {
        kafka.close();
    }

    /** Starts the broker, on the same folder and ports as before. */
    public void startBroker() throws BrokerStartException {
        Path folder = dataDir.resolve("kafka");
        kafka = EmbeddedLedger.startKafka(() -> proxied.isPresent()
                ? EmbeddedKafka.startBehindProxy(folder, brokerPort, proxy.port())
                : EmbeddedKafka.start(folder, brokerPort));
    }

    /** Cuts the instance that is behind the proxy off from the broker, and from nobody else. */
    public void cutOff() {
        proxy.cut();
    }

    /** Undoes {@link #cutOff}. */
    public void reconnect() {
        proxy.mend();
    }

    /** Stops the instances, all at once, and then the broker that they say good-bye to. May be repeated. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        List<Member> running = IntStream.range(0, size())
                .mapToObj(members::get)
                .filter(member -> member != null && member.isAlive())
                .toList();
        running.forEach(member -> {
            member.toldToEnd = true;
            member.terminate();
        });
        List<AutoCloseable> parts = new ArrayList<>();
        running.forEach(member -> parts.add(() -> awaitEnd(member)));
        Optional.ofNullable(kafka).ifPresent(parts::add);
        Optional.ofNullable(proxy).ifPresent(parts::add);
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                log.warn("A part of the cluster did not stop cleanly.", e);
            }
        }
    }

    private void awaitEnd(Member member) throws InterruptedException {
        if (!endedInTime(member)) {
            throw new IllegalStateException(
                    "An instance did not stop within " + STOPS_WITHIN.toSeconds() + " s and was killed");
        }
    }
}
