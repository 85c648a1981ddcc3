package dev.spendledger.api.runtime;

import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.schemas.TopicAdmin;
import dev.spendledger.schemas.TopicNames;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/** A connection to Kafka for looking after topics, known to work. */
public final class KafkaAdmin implements AutoCloseable {
    private final Admin admin;
    private final TopicAdmin topics;

    private KafkaAdmin(Admin admin, TopicAdmin topics) {
        this.admin = admin;
        this.topics = topics;
    }

    /**
     * @throws StartException if Kafka does not answer
     */
    public static KafkaAdmin connect(LedgerConfig config) throws StartException {
        Admin admin = null;
        try {
            admin = Admin.create(KafkaSettings.admin(config));
            TopicAdmin topics = new TopicAdmin(admin, new TopicNames(config.text(Setting.TOPIC_PREFIX)));
            topics.partitions();
            return new KafkaAdmin(admin, topics);
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

    Admin admin() {
        return admin;
    }

    @Override
    public void close() {
        admin.close();
    }
}
