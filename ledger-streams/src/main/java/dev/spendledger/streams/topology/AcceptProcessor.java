package dev.spendledger.streams.topology;

import dev.spendledger.schemas.RegistryUnavailableException;
import dev.spendledger.streams.domain.FactRules;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Rejection;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * The door: reads the bytes of all four input topics. What can be understood goes on to {@link ResolveRootProcessor}, the
 * rest to the dead letters. Keeps no state.
 */
final class AcceptProcessor implements Processor<byte[], byte[], Object, Object> {
    private final EventReader reader;
    private final LedgerObserver observer;
    private ProcessorContext<Object, Object> context;

    AcceptProcessor(EventReader reader, LedgerObserver observer) {
        this.reader = reader;
        this.observer = observer;
    }

    @Override
    public void init(ProcessorContext<Object, Object> processorContext) {
        context = processorContext;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Source source = Sources.of(context, record);
        if (!reader.inItsPartition(source)) {
            observer.onMisplacedRecord();
        }
        try {
            Incoming incoming = reader.read(source);
            noteOddTimes(incoming, source);
            // With its headers, which it must keep if a bug further on makes it a dead letter.
            context.forward(
                    new Record<>(record.key(), incoming, record.timestamp(), record.headers()),
                    LedgerTopology.RESOLVE_ROOT);
        } catch (RejectedRecordException e) {
            bury(e.source(), e.rejection(), record.timestamp());
        } catch (RegistryUnavailableException e) {
            // It has been waited for as long as the others in this partition can be made to wait.
            bury(
                    EventReader.unwrapped(source),
                    new Rejection(RejectReason.REGISTRY_UNAVAILABLE, e.getMessage()),
                    record.timestamp());
        } finally {
            observer.onFolded(source.topic(), source.partition(), source.offset());
        }
    }

    private void bury(Source source, Rejection rejection, long timestamp) {
        observer.onDeadLetter(rejection.reason());
        context.forward(DeadLetters.of(source, rejection, timestamp), LedgerTopology.DEAD_LETTERS_SINK);
    }

    /** Of facts that come from their own topic: one that has waited comes a second time. */
    private void noteOddTimes(Incoming incoming, Source source) {
        if (incoming instanceof Incoming.Chat chat
                && chat.source() == source
                && FactRules.isOddTime(chat.fact().createdAt(), source.appendTime())) {
            observer.onOddTime("created_at");
        }
        if (incoming instanceof Incoming.LimitSet limit
                && limit.source() == source
                && FactRules.isOddTime(limit.fact().limit().setAt(), source.appendTime())) {
            observer.onOddTime("set_at");
        }
    }
}
