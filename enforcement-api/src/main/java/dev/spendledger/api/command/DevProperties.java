package dev.spendledger.api.command;

import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.LedgerConfig.Origin;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * The file {@code dev.properties} in the data folder of {@code ledger dev} and {@code ledger demo}: how to reach what runs
 * there, for other commands and other programs.
 */
public final class DevProperties {
    private static final String FILE = "dev.properties";
    /** Of one instance, the first: where the commands ask that need one. */
    private static final String URL = "url";
    /** Of all instances, with commas. */
    private static final String URLS = "urls";

    /** What the file holds of the configuration: what another must know to find and read the ledger's topics. */
    private static final List<Setting> SETTINGS = List.of(
            Setting.BOOTSTRAP_SERVERS,
            Setting.SCHEMA_REGISTRY_URL,
            Setting.EVENT_SERDE,
            Setting.APPLICATION_ID,
            Setting.TOPIC_PREFIX,
            Setting.OUTPUT_TOPIC_PREFIX,
            Setting.PARTITIONS);

    private static final int ANSWERS_WITHIN_MS = 2_000;

    private DevProperties() {}

    /**
     * Writes how to reach a broker and the instances on it.
     *
     * @param config what the instances run with
     * @param urls where their APIs listen; one at least
     */
    public static void write(Path dataDir, LedgerConfig config, List<URI> urls) {
        Properties properties = new Properties();
        SETTINGS.forEach(setting -> properties.setProperty(setting.environmentName(), config.text(setting)));
        properties.setProperty(URL, urls.get(0).toString());
        properties.setProperty(URLS, urls.stream().map(URI::toString).collect(Collectors.joining(",")));
        try (Writer writer = Files.newBufferedWriter(dataDir.resolve(FILE))) {
            properties.store(writer, "How to reach the ledger that was last started on this folder.");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + dataDir.resolve(FILE), e);
        }
    }

    /**
     * Makes sure that something runs on the folder: where nothing does, Kafka's client would try, and warn, for 15 s.
     *
     * @param dataDir null = none was named
     * @throws StartException if nothing listens where the folder's ledger did
     */
    static void requireRunning(Path dataDir, LedgerConfig config) throws StartException {
        LedgerConfig.Value broker = config.value(Setting.BOOTSTRAP_SERVERS);
        if (dataDir == null || broker.origin() != Origin.COMMAND) {
            return; // Also where a flag names another broker than the folder.
        }
        URI address = URI.create("kafka://" + broker.text());
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.getHost(), address.getPort()), ANSWERS_WITHIN_MS);
        } catch (IOException e) {
            throw new StartException(
                    "No ledger runs on the folder " + dataDir + ": nothing listens at " + broker.text()
                            + ", where the last one had its broker. Start it with: ledger dev --data-dir " + dataDir,
                    e);
        }
    }

    /**
     * The settings that the file holds.
     *
     * @throws UserErrorException if the folder has no such file
     */
    static Map<Setting, String> read(Path dataDir) {
        Path file = dataDir.resolve(FILE);
        if (!Files.isReadable(file)) {
            throw new UserErrorException("There is no " + file + "; --data-dir must be the folder of a ledger that was"
                    + " started with: ledger dev --data-dir " + dataDir);
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
        Map<Setting, String> settings = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            String value = properties.getProperty(setting.environmentName());
            if (value != null) {
                settings.put(setting, value);
            }
        }
        settings.put(Setting.ADVERTISED_URL, properties.getProperty(URL));
        return settings;
    }
}
