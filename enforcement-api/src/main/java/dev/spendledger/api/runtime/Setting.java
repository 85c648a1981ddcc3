package dev.spendledger.api.runtime;

import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.SchemaRegistry;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Every setting of an instance: its name, what it means, its default, and what a value must be. The configuration table of
 * the README is held against this list by a test.
 */
public enum Setting {
    BOOTSTRAP_SERVERS(
            "Where Kafka is: host:port, several with commas.",
            null,
            matches("[^,\\s]+:\\d+(,[^,\\s]+:\\d+)*", "host:port, several with commas")),
    SCHEMA_REGISTRY_URL(
            "The schema registry, `http://host:port/path`, several addresses of it with commas; `bundled:` = none, the schemas of this release only.",
            BundledRegistry.URL,
            rule(
                    value -> value.equals(BundledRegistry.URL)
                            || SchemaRegistry.urls(value).isPresent(),
                    SchemaRegistry.URL_FORM)),
    EVENT_SERDE(
            "The class that reads and writes the events; another than the default must be on the class path.",
            EventSerde.class.getName(),
            matches("[\\p{Alnum}_.$]+", "the name of a class")),
    APPLICATION_ID(
            "The name of this ledger in Kafka: its consumer group, and the prefix of its internal topics and transactions.",
            "spend-ledger",
            matches("[A-Za-z0-9._-]{1,100}", "1 to 100 letters, digits, dots, dashes or underscores")),
    TOPIC_PREFIX(
            "Stands before the name of every topic, so that several ledgers can share a cluster.",
            "",
            matches("[A-Za-z0-9._-]{0,100}", "at most 100 letters, digits, dots, dashes or underscores")),
    OUTPUT_TOPIC_PREFIX(
            "Stands before the names of the topics that the ledger itself writes (`ledger-routing`, `account-deltas`, `tree-status`, `spend-alerts`, `ledger-dead-letters`), in place of `LEDGER_TOPIC_PREFIX`; for a rebuild beside the live ledger. Empty = the same.",
            "",
            matches("[A-Za-z0-9._-]{0,100}", "at most 100 letters, digits, dots, dashes or underscores")),
    CREATE_TOPICS(
            "Whether to create missing topics at start-up (`true` in `demo` and `dev`).",
            "false",
            oneOf("true", "false")),
    PARTITIONS(
            "How many partitions the ledger's topics have (4 in `demo` and `dev`). For ever: it decides where every chat lives.",
            "12",
            wholeNumber(1, 10_000)),
    REPLICATION_FACTOR(
            "How many brokers hold each record of a topic that the ledger creates; -1 = the broker's default.",
            "-1",
            isReplicationFactor()),
    STANDBY_REPLICAS("How many other instances keep a warm copy of each partition's state.", "1", wholeNumber(0, 10)),
    HTTP_HOST("The address that the HTTP API listens on.", "127.0.0.1", matches("\\S+", "a host name or an address")),
    HTTP_PORT("The port that the HTTP API listens on; 0 = a free one.", "8080", wholeNumber(0, 65_535)),
    HTTP_KEEP_ALIVE_MS(
            "How long a connection is kept on which nothing more is asked. Longer than the load balancer in front keeps it, or a request now and then meets one that is being closed.",
            "75000",
            wholeNumber(5_000, 3_600_000)),
    ADVERTISED_URL(
            "Where the other instances reach this one; empty = the address it listens on.", "", isEmptyOrHttpUrl()),
    INSTANCE_ID(
            "The name of this instance, the same after every restart and no other's: started again before it is missed, it takes its partitions up where it left them. Empty = none.",
            "",
            matches("[A-Za-z0-9._-]{0,100}", "at most 100 letters, digits, dots, dashes or underscores")),
    STATE_DIR(
            "The folder of the local state. Keep it across restarts; lost, it is restored from Kafka.",
            "ledger-data/state",
            matches(".+", "a folder")),
    COMMIT_INTERVAL_MS(
            "How often the fold commits. What is routed between partitions waits for one commit a hop.",
            "25",
            wholeNumber(5, 60_000)),
    STALE_AFTER_MS(
            "A partition whose input lags by more than this is no longer an owner's word: its answers are marked degraded.",
            "5000",
            wholeNumber(100, 3_600_000)),
    CHECK_DEADLINE_MS(
            "How long a check may take: after 0.8 of it no reading is waited for any more (a local read is not cut off yet). Also how long a limit waits for a chat just created, and to be in force.",
            "250",
            wholeNumber(10, 60_000)),
    DRAIN_MS(
            "How long an instance that is told to stop goes on answering, with `/readyz` 503, before it gives up its partitions (0 in `demo` and `dev`, 500 in `dev --instances N`). Longer than it takes until nobody sends it requests any more.",
            "3000",
            wholeNumber(0, 300_000)),
    WRITE_TIMEOUT_MS(
            "How long a write may wait for Kafka's acknowledgement before it is answered with 503.",
            "5000",
            wholeNumber(100, 120_000)),
    ON_LOOKUP_ERROR(
            "What a check without an answer does: `open` allows, marked; `closed` is a 503.",
            "open",
            oneOf("open", "closed")),
    WARN_PERCENTS(
            "What is warned of before a limit stops anybody: when the spend passes these parts of it, in percent, several with commas; 100, that it is reached, is always among them. The same at every instance. Empty = nothing.",
            "50,80,95,100",
            isThresholds()),
    READY_WHEN(
            "When `/readyz` turns 200: `started`, once the fold runs; `caught_up`, for a rebuild, once the ledger has read what was there at the start.",
            "started",
            oneOf("started", "caught_up")),
    API_TOKENS_FILE(
            "The file of the callers' tokens: on each line roles (`check`, `write`, `admin`, `metrics`; several with commas) and a token. Read again when it changes. Empty = everybody may do everything.",
            "",
            matches(".*", "a file")),
    INTERNAL_TOKEN_FILE(
            "The file of the secret by which the instances know each other, the same for all of them; must be set where `LEDGER_API_TOKENS_FILE` is. A line each: the first is shown, any is taken.",
            "",
            matches(".*", "a file")),
    TLS_CERTIFICATE_FILE(
            "The certificate chain of the HTTP API, its own first, as PEM; with it the API speaks HTTPS, on every route. Read again when it changes. Empty = HTTP.",
            "",
            matches(".*", "a file")),
    TLS_KEY_FILE(
            "The private key of `LEDGER_TLS_CERTIFICATE_FILE`, as PEM without a password; read with it.",
            "",
            matches(".*", "a file")),
    TLS_CA_FILE(
            "The certificates, as PEM, that an instance trusts where it asks another, and `verify` and `trace` where they ask one. Read again when it changes. Empty = those that Java trusts.",
            "",
            matches(".*", "a file")),
    CURRENCY(
            "The currency that all amounts are millionths of, as shown in replies.",
            "USD",
            matches("[A-Z]{3}", "three capital letters (ISO 4217)")),
    LOG_FORMAT("How log lines are written: `text` or `json`.", "text", oneOf("text", "json")),
    REQUEST_LOG(
            "Which HTTP requests get a line in the log: `failed`, with a status from 500; `traced`, those as well whose `traceparent` is sampled; `all`. 1,000 a second at most.",
            "traced",
            oneOf("failed", "traced", "all"));

    private final String description;
    private final String defaultValue;
    private final Function<String, Optional<String>> rule;

    Setting(String description, String defaultValue, Function<String, Optional<String>> rule) {
        this.description = description;
        this.defaultValue = defaultValue;
        this.rule = rule;
    }

    /** Its name in the environment: {@code LEDGER_HTTP_PORT}. */
    public String environmentName() {
        return LedgerConfig.PREFIX + name();
    }

    /** Its name on the command line: {@code --http-port}. */
    public String flag() {
        return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String description() {
        return description;
    }

    /** Its value where nothing is set; empty = it must be set. */
    public Optional<String> defaultValue() {
        return Optional.ofNullable(defaultValue);
    }

    /** What a value would have to be, if it is wrong; empty = it is right. */
    Optional<String> wanted(String value) {
        return rule.apply(value);
    }

    private static Function<String, Optional<String>> rule(Predicate<String> right, String wanted) {
        return value -> right.test(value) ? Optional.empty() : Optional.of(wanted);
    }

    private static Function<String, Optional<String>> matches(String pattern, String wanted) {
        return rule(value -> value.matches(pattern), wanted);
    }

    private static Function<String, Optional<String>> oneOf(String... values) {
        return rule(value -> List.of(values).contains(value), String.join(" or ", values));
    }

    private static Function<String, Optional<String>> wholeNumber(int least, int most) {
        return rule(value -> isWholeNumber(value, least, most), "a whole number from " + least + " to " + most);
    }

    private static Function<String, Optional<String>> isThresholds() {
        return rule(
                value -> value.isEmpty()
                        || value.matches("\\d{1,3}(,\\d{1,3}){0,99}")
                                && Stream.of(value.split(",")).allMatch(percent -> isWholeNumber(percent, 1, 100)),
                "whole numbers from 1 to 100, several with commas");
    }

    private static Function<String, Optional<String>> isReplicationFactor() {
        return rule(
                value -> value.equals("-1") || isWholeNumber(value, 1, Short.MAX_VALUE), "-1 or a whole number from 1");
    }

    private static boolean isWholeNumber(String value, int least, int most) {
        return value.matches("\\d{1,9}") && Integer.parseInt(value) >= least && Integer.parseInt(value) <= most;
    }

    private static Function<String, Optional<String>> isEmptyOrHttpUrl() {
        return rule(value -> value.isEmpty() || isHttpUrl(value), "http://host:port or https://host:port");
    }

    private static boolean isHttpUrl(String value) {
        try {
            URI uri = URI.create(value);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getPort() > 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
