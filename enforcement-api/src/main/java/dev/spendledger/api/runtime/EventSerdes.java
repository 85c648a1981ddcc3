package dev.spendledger.api.runtime;

import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Utils;

/** The serde of the event records, as the configuration wants it. */
public final class EventSerdes {
    private EventSerdes() {}

    /**
     * The serde, configured with what is set for the Kafka clients, where its own properties stand as well.
     *
     * @throws StartException if there is no such class, or it does not take its configuration
     */
    public static Serde<SpecificRecord> of(LedgerConfig config) throws StartException {
        Map<String, Object> properties = new HashMap<>(config.kafka());
        properties.put(EventSerde.REGISTRY_URL, config.text(Setting.SCHEMA_REGISTRY_URL));
        String name = config.text(Setting.EVENT_SERDE);
        try {
            @SuppressWarnings("unchecked") // What it reads and writes is checked by its first record.
            Serde<SpecificRecord> serde = Utils.newInstance(name, Serde.class);
            serde.configure(properties, false);
            return serde;
        } catch (ClassNotFoundException | ClassCastException e) {
            throw new StartException(
                    Setting.EVENT_SERDE.environmentName() + " is \"" + name
                            + "\", which is no Kafka serde on the class path. "
                            + "Confluent's is there after a build with mvn -Pconfluent.",
                    e);
        } catch (KafkaException e) {
            throw new StartException("The serde " + name + " does not take its configuration: " + e.getMessage(), e);
        }
    }

    /**
     * Gets from the schema registry what the topics' events need, so that an outage of it later harms nothing that is
     * registered by now.
     *
     * @throws StartException if it does not answer, or does not take a schema
     */
    static void prepare(Serde<SpecificRecord> events, LedgerConfig config) throws StartException {
        if (!(events instanceof EventSerde ours)) {
            return; // Another maker's asks its registry when it needs to.
        }
        try {
            for (Topic topic : Topic.values()) {
                topic.recordSchema()
                        .ifPresent(schema -> ours.prepare(config.topicNames().of(topic), schema));
            }
        } catch (KafkaException e) {
            throw new StartException(
                    e.getMessage() + System.lineSeparator() + "The registry is that of "
                            + Setting.SCHEMA_REGISTRY_URL.environmentName() + ", "
                            + config.text(Setting.SCHEMA_REGISTRY_URL) + ".",
                    e);
        }
    }
}
