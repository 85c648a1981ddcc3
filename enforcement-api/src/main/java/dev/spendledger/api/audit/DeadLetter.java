package dev.spendledger.api.audit;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.RegistryUnavailableException;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.Source;
import dev.spendledger.streams.topology.DeadLetters;
import dev.spendledger.streams.topology.Fingerprint;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * A record that could not be counted, as {@code ledger-dead-letters} keeps it.
 *
 * @param id what makes it one and the same, however often it stands there
 * @param detail the particulars, for people
 * @param appendTime when the record was appended to its topic
 * @param key its own key; may be null
 * @param value its own value; may be null
 * @param headers its own headers
 * @param replayedFrom where it was replayed from, as the header {@value #REPLAYED_FROM} has it; empty = it was not
 * @param event the value, where it is an event of the ledger
 * @param fingerprint of what it keeps of the record
 */
public record DeadLetter(
        Id id,
        String detail,
        Instant appendTime,
        byte[] key,
        byte[] value,
        List<Header> headers,
        Optional<String> replayedFrom,
        Optional<SpecificRecord> event,
        Fingerprint fingerprint) {
    /** Header of a record that was replayed: where it stood when it became a dead letter. */
    public static final String REPLAYED_FROM = "ledger.replayed.from";

    private static final List<String> LEDGER_HEADERS = List.of("ledger.", "__streams.errors.");

    /**
     * A rebuild, or a transaction that was given up, may write the dead letter of a record once more.
     *
     * @param source where the record itself stands
     * @param reason why it could not be counted
     */
    public record Id(RecordId source, RejectReason reason) {}

    /**
     * Reads a record of {@code ledger-dead-letters}.
     *
     * @return empty if it does not say where it is from and why, so that it is none of this ledger's
     */
    static Optional<DeadLetter> parse(
            ConsumerRecord<byte[], byte[]> record, Deserializer<? extends SpecificRecord> events) {
        Headers headers = record.headers();
        Optional<RecordId> source = source(headers);
        Optional<RejectReason> reason = reason(text(headers, DeadLetters.REASON));
        Optional<Instant> appendTime = time(text(headers, DeadLetters.ORIGINAL_TIMESTAMP));
        if (source.isEmpty() || reason.isEmpty() || appendTime.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new DeadLetter(
                new Id(source.get(), reason.get()),
                text(headers, DeadLetters.DETAIL),
                appendTime.get(),
                record.key(),
                record.value(),
                Stream.of(headers.toArray())
                        .filter(header -> LEDGER_HEADERS.stream().noneMatch(header.key()::startsWith))
                        .toList(),
                Optional.of(text(headers, REPLAYED_FROM)).filter(from -> !from.isEmpty()),
                decode(source.get().topic(), record.value(), events),
                fingerprint(source.get(), appendTime.get(), record)));
    }

    /** The ids of chats that it names: its key, and the chat and root of its event. */
    Stream<String> chatIds() {
        Stream<String> key = Stream.ofNullable(this.key).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        return Stream.concat(key, event.stream().flatMap(DeadLetter::chatIds));
    }

    private static Stream<String> chatIds(SpecificRecord event) {
        if (event instanceof ChatCreated chat) {
            return Stream.of(chat.getChatId(), chat.getRootChatId());
        }
        if (event instanceof MessagePriced message) {
            return Stream.of(message.getChatId(), message.getRootChatId());
        }
        if (event instanceof ChatFreezeSet freeze) {
            return Stream.of(freeze.getRootChatId());
        }
        return event instanceof ChatLimitSet limit ? Stream.of(limit.getRootChatId()) : Stream.empty();
    }

    private static String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static Optional<RecordId> source(Headers headers) {
        String partition = text(headers, DeadLetters.PARTITION);
        // A topic's name may end with a dash, so that its partition would also read with a sign.
        return partition.startsWith("-")
                ? Optional.empty()
                : RecordId.parse(
                        text(headers, DeadLetters.TOPIC) + "-" + partition + "@" + text(headers, DeadLetters.OFFSET));
    }

    private static Fingerprint fingerprint(RecordId id, Instant appendTime, ConsumerRecord<byte[], byte[]> record) {
        return DeadLetters.kept(new Source(
                id.topic(), id.partition(), id.offset(), appendTime, record.key(), record.value(), record.headers()));
    }

    private static Optional<RejectReason> reason(String code) {
        return Stream.of(RejectReason.values())
                .filter(reason -> reason.code().equals(code))
                .findFirst();
    }

    private static Optional<Instant> time(String millis) {
        return millis.matches("\\d{1,18}")
                ? Optional.of(Instant.ofEpochMilli(Long.parseLong(millis)))
                : Optional.empty();
    }

    private static Optional<SpecificRecord> decode(
            String topic, byte[] value, Deserializer<? extends SpecificRecord> events) {
        try {
            return Optional.ofNullable(events.deserialize(topic, value));
        } catch (SerializationException | RegistryUnavailableException e) {
            return Optional.empty(); // Which is why it is here, or it is the ledger's own word to itself.
        }
    }
}
