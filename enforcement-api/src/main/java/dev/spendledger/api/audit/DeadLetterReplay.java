package dev.spendledger.api.audit;

import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.topology.LedgerTopology;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * What is sent to have a record judged again: its own key, value and headers, to its own topic, into the partition of its
 * key.
 */
public final class DeadLetterReplay {
    /** Of these the cause may lie elsewhere: in the place, the registry, the ledger, or the time. */
    private static final Set<RejectReason> MENDED_ELSEWHERE = EnumSet.of(
            RejectReason.WRONG_PARTITION,
            RejectReason.UNKNOWN_SCHEMA,
            RejectReason.REGISTRY_UNAVAILABLE,
            RejectReason.INTERNAL_ERROR,
            RejectReason.PRICED_AT_AHEAD);

    private final Map<String, Integer> partitionsOfFacts;

    /**
     * @param partitions how many partitions each topic has
     */
    public DeadLetterReplay(TopicNames names, Map<Topic, Integer> partitions) {
        this.partitionsOfFacts = partitions.entrySet().stream()
                .filter(topic -> LedgerTopology.INPUTS.contains(topic.getKey())
                        && !topic.getKey().writtenByLedger())
                .collect(Collectors.toMap(topic -> names.of(topic.getKey()), Map.Entry::getValue));
    }

    /** Why a dead letter cannot be replayed; empty = it can. */
    public Optional<String> refusal(DeadLetter letter) {
        String topic = letter.id().source().topic();
        if (!partitionsOfFacts.containsKey(topic)) {
            return Optional.of("its topic " + topic + " is none that facts are sent to: "
                    + partitionsOfFacts.keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
        return letter.id().reason() == RejectReason.TOO_LARGE
                ? Optional.of("its dead letter holds no copy of it")
                : Optional.empty();
    }

    /** What there is to know before dead letters of a reason are replayed; empty = nothing. */
    public static Optional<String> warning(RejectReason reason) {
        if (reason == RejectReason.PRICED_AT_AHEAD) {
            return Optional.of("it stays ahead until 24 hours before its priced_at; earlier it becomes the same dead"
                    + " letter again");
        }
        return MENDED_ELSEWHERE.contains(reason)
                ? Optional.empty()
                : Optional.of("the record itself is wrong; it becomes the same dead letter again");
    }

    /** What there is to send for a dead letter that is not {@link #refusal refused}. */
    public ProducerRecord<byte[], byte[]> record(DeadLetter letter) {
        RecordId source = letter.id().source();
        List<Header> headers = new ArrayList<>(letter.headers());
        headers.add(new RecordHeader(DeadLetter.REPLAYED_FROM, source.toString().getBytes(StandardCharsets.UTF_8)));
        Integer partition = Stream.ofNullable(letter.key())
                .map(key -> Partitions.of(key, partitionsOfFacts.get(source.topic())))
                .findFirst()
                .orElse(null);
        return new ProducerRecord<>(source.topic(), partition, letter.key(), letter.value(), headers);
    }
}
