package dev.spendledger.demo;

import dev.spendledger.api.command.DevProperties;
import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.embedded.EmbeddedKafka;
import dev.spendledger.schemas.BundledRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A broker and an instance of the ledger in this process, all of their data in one folder. */
public final class EmbeddedLedger implements AutoCloseable {
    /** After a kill the dead instance's session must run out, and all state be restored, maybe on a busy machine. */
    static final Duration READY_WITHIN = Duration.ofMinutes(3);

    private static final long POLL_MS = 20;

    private static final Logger log = LoggerFactory.getLogger(EmbeddedLedger.class);

    private final EmbeddedKafka kafka;
    private final LedgerInstance instance;

    private EmbeddedLedger(EmbeddedKafka kafka, LedgerInstance instance) {
        this.kafka = kafka;
        this.instance = instance;
    }

    /** Why a broker cannot start; the message is for whoever started it, and says what to do. */
    public static final class BrokerStartException extends Exception {
        private static final long serialVersionUID = 1L;

        BrokerStartException(IllegalStateException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /**
     * Starts both, and returns once the ledger is ready. What fails leaves nothing running.
     *
     * @param port where the API listens; empty = as the environment says, or 8080
     * @param dataDir the folder; what is there from before is gone on with
     * @throws BrokerStartException if the broker cannot start, for instance because another one uses the folder
     * @throws StartException if the ledger cannot start, for instance because the port is in use
     */
    public static EmbeddedLedger start(Map<String, String> environment, OptionalInt port, Path dataDir)
            throws BrokerStartException, StartException, InterruptedException {
        String registry = environment.get(Setting.SCHEMA_REGISTRY_URL.environmentName());
        if (registry != null && !registry.equals(BundledRegistry.URL)) {
            log.warn(
                    "{} is ignored: what runs on this machine alone has the schemas of its own jar.",
                    Setting.SCHEMA_REGISTRY_URL.environmentName());
        }
        Map<Setting, String> presets =
                Map.of(Setting.PARTITIONS, "4", Setting.CREATE_TOPICS, "true", Setting.DRAIN_MS, "0");
        Map<Setting, String> fixed = new EnumMap<>(Setting.class);
        // Known only once the broker runs, and checked before it does.
        fixed.put(Setting.BOOTSTRAP_SERVERS, "127.0.0.1:0");
        fixed.put(Setting.SCHEMA_REGISTRY_URL, BundledRegistry.URL);
        fixed.put(Setting.STATE_DIR, dataDir.resolve("state").toString());
        port.ifPresent(number -> fixed.put(Setting.HTTP_PORT, Integer.toString(number)));
        LedgerConfig.of(environment, fixed, presets);

        EmbeddedKafka kafka = startKafka(() -> EmbeddedKafka.start(dataDir.resolve("kafka")));
        LedgerInstance instance = null;
        boolean started = false;
        try {
            fixed.put(Setting.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
            LedgerConfig config = LedgerConfig.of(environment, fixed, presets);
            instance = LedgerInstance.start(config);
            awaitReady(instance::isReady, READY_WITHIN);
            DevProperties.write(dataDir, config, List.of(instance.url()));
            started = true;
            return new EmbeddedLedger(kafka, instance);
        } finally {
            if (!started) { // Their threads would keep the process from ending.
                close(instance, kafka);
            }
        }
    }

    static EmbeddedKafka startKafka(Supplier<EmbeddedKafka> start) throws BrokerStartException {
        try {
            return start.get();
        } catch (IllegalStateException e) {
            throw new BrokerStartException(e);
        }
    }

    static void awaitReady(BooleanSupplier ready, Duration within) throws StartException, InterruptedException {
        long endNanos = System.nanoTime() + within.toNanos();
        while (!ready.getAsBoolean()) {
            if (System.nanoTime() - endNanos > 0) {
                throw new StartException(
                        "The ledger was not ready within " + within.toSeconds()
                                + " s and is stopped. Nothing is lost: start it again when the machine is less busy.",
                        null);
            }
            Thread.sleep(POLL_MS);
        }
    }

    /** Where the API listens. */
    public URI url() {
        return instance.url();
    }

    /** Where the broker listens, as {@code host:port}. */
    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /** Stops the instance, and then the broker that it says good-bye to. */
    @Override
    public void close() {
        close(instance, kafka);
    }

    private static void close(LedgerInstance instance, EmbeddedKafka kafka) {
        try (kafka) {
            if (instance != null) {
                instance.close();
            }
        }
    }
}
