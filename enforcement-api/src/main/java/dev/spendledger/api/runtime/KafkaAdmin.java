package dev.spendledger.api.runtime;

import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.schemas.TopicAdmin;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/** A connection to Kafka for looking after topics, known to work. */
public final class KafkaAdmin implements AutoCloseable {
    private final Admin admin;
    private final TopicAdmin topics;
    private final LedgerIdentity identity;
    private final int partitions;

    private KafkaAdmin(Admin admin, TopicAdmin topics, LedgerConfig config) {
        this.admin = admin;
        this.topics = topics;
        this.identity = new LedgerIdentity(admin, config.text(Setting.APPLICATION_ID), config.topicNames());
        this.partitions = config.number(Setting.PARTITIONS);
    }

    /**
     * @throws StartException if Kafka does not answer
     */
    public static KafkaAdmin connect(LedgerConfig config) throws StartException {
        Admin admin = null;
        try {
            admin = Admin.create(KafkaSettings.admin(config));
            TopicAdmin topics = new TopicAdmin(admin, config.topicNames());
            topics.partitions();
            return new KafkaAdmin(admin, topics, config);
        } catch (KafkaException e) {
            if (admin != null) {
                admin.close();
            }
            throw new StartException(
                    "Kafka at " + config.text(Setting.BOOTSTRAP_SERVERS) + " does not answer (" + e.getMessage()
                            + "); is LEDGER_BOOTSTRAP_SERVERS right, and is Kafka running?",
                    e);
        }
    }

    /** The ledger's topics. Its calls throw {@link KafkaException} if Kafka has gone since. */
    public TopicAdmin topics() {
        return topics;
    }

    /**
     * Everything in Kafka that keeps an instance from starting: wrong topics, and another ledger on them.
     *
     * @return a sentence or two for each finding, with what to do; empty = all is well
     * @throws KafkaException if Kafka has gone since
     */
    public List<String> findings() {
        return Stream.concat(topics.check(partitions).stream(), identity.findings().stream())
                .toList();
    }

    /** The client itself. */
    public Admin admin() {
        return admin;
    }

    @Override
    public void close() {
        admin.close();
    }
}
