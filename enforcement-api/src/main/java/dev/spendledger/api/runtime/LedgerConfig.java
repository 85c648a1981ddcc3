package dev.spendledger.api.runtime;

import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.topology.LedgerTopology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * The configuration of an instance, whole and checked before anything starts. A flag stands above the environment, and the
 * environment above what a command presets and the defaults.
 */
public final class LedgerConfig {
    static final String PREFIX = "LEDGER_";
    /** Names with this prefix are settings of the Kafka clients: {@code LEDGER_KAFKA_SECURITY_PROTOCOL}. */
    static final String KAFKA_PREFIX = PREFIX + "KAFKA_";

    /** What Kubernetes puts into the environment of every pod for a Service that happens to be called "ledger". */
    private static final Pattern INJECTED_NAME =
            Pattern.compile("LEDGER_(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_\\d+_(TCP|UDP|SCTP)(_.*)?)");

    private static final Pattern INJECTED_VALUE = Pattern.compile("(tcp|udp|sctp)://.*");

    /** Variables that the launcher reads and an instance does not. */
    private static final List<String> LAUNCHER_NAMES = List.of("LEDGER_JAVA_OPTS", "LEDGER_MAVEN_OPTS");

    /** Where a value came from. */
    public enum Origin {
        FLAG,
        ENVIRONMENT,
        COMMAND,
        DEFAULT
    }

    /** A value and where it came from. */
    public record Value(String text, Origin origin) {}

    private final Map<Setting, Value> values;
    private final Map<String, String> kafka;
    private final List<String> warnings;

    private LedgerConfig(Map<Setting, Value> values, Map<String, String> kafka, List<String> warnings) {
        this.values = values;
        this.kafka = kafka;
        this.warnings = warnings;
    }

    /** The configuration is wrong; the message names every wrong value and what would be right. */
    public static final class InvalidConfigException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        InvalidConfigException(List<String> findings) {
            super(String.join(System.lineSeparator(), findings));
        }
    }

    /**
     * @param environment all environment variables; those that are not the ledger's are ignored
     * @param flags what the command line says
     * @param presets what the command that runs wants where nobody says otherwise
     * @throws InvalidConfigException if anything is wrong, with everything that is
     */
    public static LedgerConfig of(
            Map<String, String> environment, Map<Setting, String> flags, Map<Setting, String> presets) {
        Map<String, String> ours = ledgerVariables(environment);
        Map<Setting, Value> values = new EnumMap<>(Setting.class);
        List<String> findings = new ArrayList<>();
        for (Setting setting : Setting.values()) {
            Optional<Value> value = Stream.of(
                            value(flags.get(setting), Origin.FLAG),
                            value(ours.get(setting.environmentName()), Origin.ENVIRONMENT),
                            value(presets.get(setting), Origin.COMMAND),
                            value(setting.defaultValue().orElse(null), Origin.DEFAULT))
                    .flatMap(Optional::stream)
                    .findFirst();
            value.flatMap(given -> finding(setting, given))
                    .or(() -> value.isPresent() ? Optional.empty() : Optional.of(missing(setting)))
                    .ifPresent(findings::add);
            value.ifPresent(given -> values.put(setting, given));
        }
        if (!findings.isEmpty()) {
            throw new InvalidConfigException(findings);
        }
        return new LedgerConfig(values, kafkaProperties(ours), unknownNames(ours));
    }

    /**
     * The configuration for a ledger that runs on a folder of this machine. Here the folder stands above the environment,
     * which may be that of another ledger: whoever names a folder means the ledger there, and to write to another instead
     * would be the worst of surprises. For the same reason none of the environment's properties of Kafka clients apply.
     *
     * @param folder how to reach the ledger, as its folder says
     * @throws InvalidConfigException if anything is wrong, with everything that is
     */
    public static LedgerConfig ofFolder(
            Map<String, String> environment, Map<Setting, String> flags, Map<Setting, String> folder) {
        Map<String, String> others = new TreeMap<>(environment);
        others.keySet().removeIf(name -> name.startsWith(KAFKA_PREFIX));
        folder.keySet().forEach(setting -> others.remove(setting.environmentName()));
        return of(others, flags, folder);
    }

    private static Map<String, String> ledgerVariables(Map<String, String> environment) {
        Map<String, String> ours = new TreeMap<>(environment);
        ours.entrySet()
                .removeIf(variable -> !variable.getKey().startsWith(PREFIX)
                        || INJECTED_NAME.matcher(variable.getKey()).matches()
                        || INJECTED_VALUE.matcher(variable.getValue()).matches());
        return ours;
    }

    private static Optional<Value> value(String text, Origin origin) {
        return Optional.ofNullable(text).map(given -> new Value(given, origin));
    }

    private static Optional<String> finding(Setting setting, Value value) {
        return setting.wanted(value.text())
                .map(wanted -> name(setting, value.origin())
                        // A URL may have a password in it, where none should be, in whatever form.
                        + (value.text().indexOf('@') < 0 && value.text().indexOf('?') < 0
                                ? " is \"" + value.text() + "\""
                                : " is not shown, for it may hold a password,")
                        + " and must be " + wanted + ".");
    }

    private static String name(Setting setting, Origin origin) {
        return origin == Origin.FLAG ? setting.flag() : setting.environmentName();
    }

    private static String missing(Setting setting) {
        return setting.environmentName() + " (or " + setting.flag() + ") is not set and must be: "
                + setting.description();
    }

    private static Map<String, String> kafkaProperties(Map<String, String> ours) {
        Map<String, String> kafka = new TreeMap<>();
        ours.forEach((name, value) -> {
            if (name.startsWith(KAFKA_PREFIX)) {
                kafka.put(
                        name.substring(KAFKA_PREFIX.length())
                                .toLowerCase(Locale.ROOT)
                                .replace('_', '.'),
                        value);
            }
        });
        return kafka;
    }

    private static List<String> unknownNames(Map<String, String> ours) {
        return Stream.concat(misplaced(ours), unknown(ours)).toList();
    }

    /** Of the registry's properties one is a setting of its own. */
    private static Stream<String> misplaced(Map<String, String> ours) {
        return Stream.of(KAFKA_PREFIX + Setting.SCHEMA_REGISTRY_URL.name())
                .filter(ours::containsKey)
                .map(name ->
                        name + " is ignored; what counts is " + Setting.SCHEMA_REGISTRY_URL.environmentName() + ".");
    }

    private static Stream<String> unknown(Map<String, String> ours) {
        return ours.keySet().stream()
                .filter(name -> !name.startsWith(KAFKA_PREFIX))
                .filter(name -> !LAUNCHER_NAMES.contains(name))
                .filter(name -> Stream.of(Setting.values())
                        .noneMatch(setting -> setting.environmentName().equals(name)))
                .map(name ->
                        name + " is no setting of the ledger and is ignored; the nearest is " + nearest(name) + ".");
    }

    private static String nearest(String name) {
        LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
        return Stream.of(Setting.values())
                .map(Setting::environmentName)
                .min(Comparator.comparingInt(known -> distance.apply(known, name.toUpperCase(Locale.ROOT))))
                .orElseThrow();
    }

    /** Names in the environment that look like settings and are none, each with the nearest that is. */
    public List<String> warnings() {
        return warnings;
    }

    /** What is set for the Kafka clients, by property name. */
    public Map<String, String> kafka() {
        return kafka;
    }

    /** The value of a setting and where it came from. */
    public Value value(Setting setting) {
        return values.get(setting);
    }

    public String text(Setting setting) {
        return values.get(setting).text();
    }

    public int number(Setting setting) {
        return Integer.parseInt(text(setting));
    }

    public Duration millis(Setting setting) {
        return Duration.ofMillis(number(setting));
    }

    public boolean flag(Setting setting) {
        return Boolean.parseBoolean(text(setting));
    }

    /** What is warned of: if of anything, of the limit itself as well. */
    public Thresholds thresholds() {
        String percents = text(Setting.WARN_PERCENTS);
        return percents.isEmpty()
                ? Thresholds.NONE
                : new Thresholds(Stream.of((percents + ",100").split(","))
                        .map(Integer::valueOf)
                        .toList());
    }

    /** The names of the ledger's topics under this configuration. */
    public TopicNames topicNames() {
        String prefix = text(Setting.TOPIC_PREFIX);
        String outputPrefix = text(Setting.OUTPUT_TOPIC_PREFIX);
        return new TopicNames(prefix, outputPrefix.isEmpty() ? prefix : outputPrefix);
    }

    /** The names of the topics that keep the state. */
    public List<String> changelogs() {
        return LedgerTopology.STORES.stream()
                .map(store -> store.changelog(text(Setting.APPLICATION_ID)))
                .toList();
    }

    /** The same configuration with one value set by the command that runs. */
    public LedgerConfig with(Setting setting, String text) {
        Map<Setting, Value> changed = new EnumMap<>(values);
        changed.put(setting, new Value(text, Origin.COMMAND));
        return new LedgerConfig(changed, kafka, warnings);
    }
}
