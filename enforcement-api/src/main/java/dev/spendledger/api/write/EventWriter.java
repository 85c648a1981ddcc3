package dev.spendledger.api.write;

import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes events to the log. A future succeeds once Kafka has acknowledged the record, and fails with
 * {@link KafkaUnavailableException} once that has taken too long. Calls may block for the partitions of a topic, so they are
 * made on a worker thread.
 */
public final class EventWriter implements AutoCloseable {
    private final Vertx vertx;
    private final TopicNames names;
    private final Producer<String, SpecificRecord> producer;

    /**
     * @param settings of the Kafka producer, its time-outs included
     */
    public EventWriter(Vertx vertx, TopicNames names, Map<String, Object> settings, Serializer<SpecificRecord> events) {
        this.vertx = vertx;
        this.names = names;
        this.producer = new KafkaProducer<>(settings, new StringSerializer(), events);
    }

    /** Writes an event under its key, by which the producer's default partitioner (murmur2) takes the partition. */
    public Future<RecordMetadata> write(Topic topic, String key, SpecificRecord event) {
        // The acknowledgement comes on the producer's thread; the promise brings it back to the request's.
        Promise<RecordMetadata> acknowledged = Promise.promise();
        Context context = vertx.getOrCreateContext();
        try {
            var sending = producer.send(
                    new ProducerRecord<>(names.of(topic), key, event),
                    (metadata, failure) -> context.runOnContext(done -> {
                        if (failure == null) {
                            acknowledged.tryComplete(metadata);
                        } else {
                            acknowledged.tryFail(new KafkaUnavailableException(failure));
                        }
                    }));
            if (sending.isDone()) {
                // Refused before it was sent, as when there is no metadata: the caller is to know at once, so as not to
                // wait
                // as long again for the next.
                sending.get();
            }
        } catch (ExecutionException e) {
            acknowledged.tryFail(new KafkaUnavailableException(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            acknowledged.tryFail(new KafkaUnavailableException(e));
        } catch (KafkaException e) {
            acknowledged.tryFail(new KafkaUnavailableException(e));
        }
        return acknowledged.future();
    }

    /** Waits a moment for what is under way, then closes. */
    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
