package dev.spendledger.streams.topology;

import dev.spendledger.schemas.RegistryUnavailableException;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Rejection;
import dev.spendledger.streams.intake.LatestFactReader;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Buries what is wrong among the facts of which the last of each key counts. Each instance reads their topics into views of
 * its own, and would bury a record once for each of them; here it is buried once, in a transaction. Keeps no state.
 */
final class LatestFactsProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private static final LatestFactReader.Receiver NOBODY = new LatestFactReader.Receiver() {};

    private final LatestFactReader reader;
    private final LedgerObserver observer;
    private ProcessorContext<byte[], byte[]> context;

    LatestFactsProcessor(LatestFactReader reader, LedgerObserver observer) {
        this.reader = reader;
        this.observer = observer;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> processorContext) {
        context = processorContext;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Source source = Sources.of(context, record);
        try {
            reader.read(source, NOBODY);
        } catch (RejectedRecordException e) {
            bury(source, e.rejection(), record.timestamp());
        } catch (RegistryUnavailableException e) {
            bury(source, new Rejection(RejectReason.REGISTRY_UNAVAILABLE, e.getMessage()), record.timestamp());
        }
    }

    private void bury(Source source, Rejection rejection, long timestamp) {
        observer.onDeadLetter(rejection.reason());
        if (rejection.reason() == RejectReason.WRONG_PARTITION) {
            observer.onMisplacedRecord();
        }
        context.forward(DeadLetters.of(source, rejection, timestamp));
    }
}
