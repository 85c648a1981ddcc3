package dev.spendledger.streams.topology;

import dev.spendledger.schemas.RegistryUnavailableException;
import dev.spendledger.streams.domain.Membership;
import dev.spendledger.streams.domain.PeriodLimit;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Rejection;
import dev.spendledger.streams.intake.AccountFactReader;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Buries what is wrong among the account-period limits and the groups of accounts. Each instance reads those topics into a
 * view of its own, and would bury a record once for each of them; here it is buried once, in a transaction. Keeps no state.
 */
final class AccountFactsProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private static final AccountFactReader.Receiver NOTHING = new AccountFactReader.Receiver() {
        @Override
        public void onLimit(PeriodLimitKey key, Optional<PeriodLimit> limit) {}

        @Override
        public void onGroups(String accountId, Optional<Membership> groups) {}
    };

    private final AccountFactReader reader;
    private final LedgerObserver observer;
    private ProcessorContext<byte[], byte[]> context;

    AccountFactsProcessor(AccountFactReader reader, LedgerObserver observer) {
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
            reader.read(source, NOTHING);
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
