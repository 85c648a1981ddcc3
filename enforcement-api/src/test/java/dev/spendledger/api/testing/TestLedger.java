package dev.spendledger.api.testing;

import static org.awaitility.Awaitility.await;

import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.embedded.EmbeddedKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;

/** A real broker and a real instance on it, for integration tests; either can be stopped and started again. */
public final class TestLedger implements AutoCloseable {
    private final Path dir;
    private final Map<Setting, String> settings = new EnumMap<>(Setting.class);
    private final Map<String, String> environment;
    private EmbeddedKafka kafka;
    private LedgerInstance instance;

    private TestLedger(Path dir, Map<Setting, String> settings, Map<String, String> environment) {
        this.dir = dir;
        this.environment = environment;
        this.settings.put(Setting.PARTITIONS, "4");
        this.settings.put(Setting.CREATE_TOPICS, "true");
        this.settings.put(Setting.HTTP_PORT, "0");
        this.settings.put(Setting.DRAIN_MS, "0");
        this.settings.put(Setting.STATE_DIR, dir.resolve("state").toString());
        this.settings.putAll(settings);
    }

    /** Starts both on a folder of their own, and returns once the instance is ready. */
    public static TestLedger start(Path dir) {
        return start(dir, Map.of());
    }

    public static TestLedger start(Path dir, Map<Setting, String> settings) {
        return start(dir, settings, Map.of());
    }

    /** @param environment for the properties of the instance's Kafka clients */
    public static TestLedger start(Path dir, Map<Setting, String> settings, Map<String, String> environment) {
        TestLedger ledger = new TestLedger(dir, settings, environment);
        try {
            ledger.kafka = EmbeddedKafka.start(dir.resolve("kafka"));
            ledger.settings.put(Setting.BOOTSTRAP_SERVERS, ledger.kafka.bootstrapServers());
            ledger.startInstance();
            return ledger;
        } catch (RuntimeException | Error e) {
            ledger.close();
            throw e;
        }
    }

    public void startInstance() {
        try {
            instance = startBeside(Map.of(), environment);
        } catch (StartException e) {
            throw new AssertionError(e);
        }
        await().atMost(Duration.ofSeconds(60)).until(instance::isReady);
    }

    /**
     * Starts an instance on the same broker and the same state folder. It is not waited for, and the caller's to close.
     *
     * @param changes where its settings differ from those of this ledger
     * @param environment for the properties of its Kafka clients
     */
    public LedgerInstance startBeside(Map<Setting, String> changes, Map<String, String> environment)
            throws StartException {
        Map<Setting, String> changed = new EnumMap<>(settings);
        changed.putAll(changes);
        return LedgerInstance.start(LedgerConfig.of(environment, changed, Map.of()));
    }

    /** Deletes the local state of the instance, which must not be running. */
    public void loseState() {
        try (Stream<Path> files = Files.walk(dir.resolve("state"))) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void stopInstance() {
        instance.close();
        instance = null;
    }

    /** Starts the broker again, on the port and the folder that it had. */
    public void startBroker() {
        int port =
                Integer.parseInt(bootstrapServers().substring(bootstrapServers().lastIndexOf(':') + 1));
        kafka = EmbeddedKafka.start(dir.resolve("kafka"), port);
    }

    public void stopBroker() {
        kafka.close();
        kafka = null;
    }

    public Http http() {
        return new Http(instance.url());
    }

    /** Where the instance listens. */
    public URI url() {
        return instance.url();
    }

    public String bootstrapServers() {
        return settings.get(Setting.BOOTSTRAP_SERVERS);
    }

    public int partitions() {
        return Integer.parseInt(settings.get(Setting.PARTITIONS));
    }

    /** Runs {@code ledger verify} against this ledger, with more flags. */
    public CommandRun verify(String... more) {
        return CommandRun.of(Stream.concat(
                        Stream.of(
                                "verify",
                                "--timeout=120",
                                "--bootstrap-servers=" + bootstrapServers(),
                                "--partitions=" + partitions(),
                                "--advertised-url=" + url()),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    /** What a Kafka client of the test needs to reach the broker. */
    public Map<String, Object> clientSettings() {
        Map<String, Object> client = new HashMap<>();
        client.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers());
        return client;
    }

    @Override
    public void close() {
        if (instance != null) {
            stopInstance();
        }
        if (kafka != null) {
            stopBroker();
        }
    }
}
