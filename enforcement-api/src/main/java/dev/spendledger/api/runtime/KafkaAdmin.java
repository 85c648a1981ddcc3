package dev.spendledger.api.runtime;

import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicAdmin;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;

/** A connection to Kafka for looking after topics, known to work. */
public final class KafkaAdmin implements AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private final Admin admin;
    private final TopicAdmin topics;
    private final LedgerIdentity identity;
    private final LostOffsets lostOffsets;
    private final LedgerConfig config;

    private KafkaAdmin(Admin admin, LedgerConfig config) {
        this.admin = admin;
        this.topics = new TopicAdmin(admin, config.topicNames(), config.changelogs());
        this.identity = new LedgerIdentity(admin, config.text(Setting.APPLICATION_ID), config.topicNames());
        this.lostOffsets = new LostOffsets(admin, config);
        this.config = config;
    }

    /**
     * @throws StartException if the properties of the clients cannot be used, or Kafka does not answer, or does not let the
     *     user in
     */
    public static KafkaAdmin connect(LedgerConfig config) throws StartException {
        Admin admin = admin(config);
        try {
            admin.describeCluster().nodes().get(); // For which nobody needs a right.
            return new KafkaAdmin(admin, config);
        } catch (ExecutionException e) {
            admin.close();
            throw new StartException(notConnected(config, e.getCause()), e);
        } catch (InterruptedException e) {
            admin.close();
            Thread.currentThread().interrupt();
            throw new StartException("Interrupted while connecting to Kafka", e);
        }
    }

    private static String notConnected(LedgerConfig config, Throwable cause) {
        String kafka = "Kafka at " + config.text(Setting.BOOTSTRAP_SERVERS);
        String protocol = name(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG);
        if (cause instanceof AuthenticationException) {
            return kafka + " does not let the ledger in (" + cause.getMessage() + "); are " + protocol + ", "
                    + name(SaslConfigs.SASL_MECHANISM) + " and " + name(SaslConfigs.SASL_JAAS_CONFIG)
                    + " right, and those of TLS, " + LedgerConfig.KAFKA_PREFIX + "SSL_...?";
        }
        return kafka + " does not answer (" + cause.getMessage()
                + "); is LEDGER_BOOTSTRAP_SERVERS right, is Kafka running, and does it speak "
                + config.kafka()
                        .getOrDefault(
                                CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
                                CommonClientConfigs.DEFAULT_SECURITY_PROTOCOL)
                + " there (" + protocol + ")?";
    }

    private static Admin admin(LedgerConfig config) throws StartException {
        try {
            return Admin.create(KafkaSettings.admin(config));
        } catch (KafkaException e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            if (root instanceof IllegalArgumentException && !(root instanceof KafkaException)) {
                // Its message may quote what follows a password's first blank.
                throw new StartException(
                        name(SaslConfigs.SASL_JAAS_CONFIG) + " is not set or cannot be read, and must be such as:"
                                + " org.apache.kafka.common.security.scram.ScramLoginModule required username=\"...\""
                                + " password=\"...\";",
                        e);
            }
            throw new StartException(
                    "The Kafka clients cannot be set up with the properties of " + LedgerConfig.KAFKA_PREFIX
                            + "<PROPERTY>, such as " + name(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG)
                            + " for security.protocol: " + root.getMessage(),
                    e);
        }
    }

    private static String name(String property) {
        return LedgerConfig.KAFKA_PREFIX + property.toUpperCase(Locale.ROOT).replace('.', '_');
    }

    /**
     * Creates the topics that are missing.
     *
     * @return the names of those created
     * @throws StartException if the user may not, or Kafka does not take them
     */
    public List<String> createTopics() throws StartException {
        try {
            return topics.create(config.number(Setting.PARTITIONS), (short) config.number(Setting.REPLICATION_FACTOR));
        } catch (AuthorizationException e) {
            throw new StartException(
                    e.getMessage() + " Have somebody who may create them (`ledger topics create`, or the commands of"
                            + " `ledger topics print`), and leave LEDGER_CREATE_TOPICS at false.",
                    e);
        } catch (KafkaException e) {
            throw new StartException(
                    "Kafka does not create the topics (" + e.getMessage() + "); are LEDGER_REPLICATION_FACTOR and"
                            + " LEDGER_PARTITIONS right?",
                    e);
        }
    }

    /**
     * The partitions of each topic that exists.
     *
     * @throws KafkaException if Kafka has gone since, or the user may not look
     */
    public Map<Topic, Integer> partitions() {
        return topics.partitions();
    }

    /**
     * What tells a topic that exists from any other, before or after it, of its name: digits and small letters.
     *
     * @throws KafkaException if Kafka has gone since, or the user may not look
     */
    String fingerprint(Topic topic) {
        Uuid id = topics.id(topic);
        return Long.toUnsignedString(id.getMostSignificantBits() ^ id.getLeastSignificantBits(), Character.MAX_RADIX);
    }

    /**
     * Everything in Kafka that keeps an instance from starting: rights that its user lacks; where it has them, wrong topics
     * and another ledger on them; where all that is right, offsets that are lost.
     *
     * @return a sentence or two for each finding, with what to do; empty = all is well
     * @throws StartException if Kafka cannot be asked
     */
    public List<String> findings() throws StartException {
        try {
            List<String> missing = new Rights(config).missing(admin);
            if (!missing.isEmpty()) {
                return missing;
            }
            List<String> wrong = Stream.concat(topicFindings().stream(), identity.findings().stream())
                    .toList();
            return wrong.isEmpty() ? lostOffsets.findings() : wrong;
        } catch (KafkaException e) {
            throw new StartException(notConnected(config, e), e);
        }
    }

    /**
     * Those about the topics alone.
     *
     * @throws StartException if Kafka cannot be asked, or the user may not look
     */
    public List<String> topicFindings() throws StartException {
        try {
            return topics.check(config.number(Setting.PARTITIONS));
        } catch (AuthorizationException e) {
            throw new StartException(e.getMessage(), e);
        } catch (KafkaException e) {
            throw new StartException(notConnected(config, e), e);
        }
    }

    /** The client itself. */
    public Admin admin() {
        return admin;
    }

    @Override
    public void close() {
        // A question about rights that was not answered would be waited for.
        admin.close(CLOSE_TIMEOUT);
    }
}
