package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Rejection;
import dev.spendledger.streams.intake.Source;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a processor throws. A bug in the ledger, or a row of its state that is broken, must not stop it: the
 * record becomes a dead letter. Kafka's own exceptions (a broken disk, a lost broker) are no fault of the record: the transaction is given up and the thread starts
 * afresh. Named in Kafka Streams' configuration, which makes the instance: hence no constructor arguments.
 */
public final class InternalErrorHandler implements ProcessingExceptionHandler {
    /** Configuration key: the name of the dead-letter topic. */
    public static final String DEAD_LETTERS_TOPIC = "ledger.dead.letters.topic";
    /** Configuration key: the {@link LedgerObserver} to tell. */
    public static final String OBSERVER = "ledger.observer";

    private static final Logger log = LoggerFactory.getLogger(InternalErrorHandler.class);

    private String deadLettersTopic;
    private LedgerObserver observer;

    @Override
    public void configure(Map<String, ?> configs) {
        deadLettersTopic = (String) required(configs, DEAD_LETTERS_TOPIC);
        observer = (LedgerObserver) required(configs, OBSERVER);
    }

    private static Object required(Map<String, ?> configs, String name) {
        Object value = configs.get(name);
        if (value == null) {
            throw new ConfigException(name, null, "must be set");
        }
        return value;
    }

    @Override
    public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
        if (isTroubleOfKafka(exception)) {
            return Response.fail();
        }
        if (record == null) {
            log.error("What is done from time to time has failed; it is tried again the next time.", exception);
            return Response.resume();
        }
        log.error(
                "Handling a record failed; it becomes a dead letter. topic={} partition={} offset={}",
                context.topic(),
                context.partition(),
                context.offset(),
                exception);
        observer.onDeadLetter(RejectReason.INTERNAL_ERROR);
        Source source = EventReader.unwrapped(new Source(
                context.topic(),
                context.partition(),
                context.offset(),
                Instant.ofEpochMilli(context.timestamp()),
                context.sourceRawKey(),
                context.sourceRawValue(),
                context.headers()));
        Record<byte[], byte[]> letter = DeadLetters.of(
                source, new Rejection(RejectReason.INTERNAL_ERROR, exception.toString()), context.timestamp());
        return Response.resume(List.of(new ProducerRecord<>(
                deadLettersTopic, null, letter.timestamp(), letter.key(), letter.value(), letter.headers())));
    }

    /** Kafka's own troubles pass, a row that cannot be read does not: only the records that need it must suffer. */
    private static boolean isTroubleOfKafka(Exception exception) {
        return exception instanceof KafkaException && !(exception instanceof SerializationException);
    }
}
