package dev.spendledger.api.audit;

import static dev.spendledger.api.audit.Letters.letter;
import static dev.spendledger.api.audit.Letters.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.RejectReason;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent again, and what is not. */
class DeadLetterReplayTest {
    private static final byte[] VALUE = {1, 2, 3};

    private final DeadLetterReplay replay = new DeadLetterReplay(
            new TopicNames("eu."),
            Map.of(
                    Topic.CHATS, 12,
                    Topic.PRICED_MESSAGES, 12,
                    Topic.CHAT_LIMITS, 12,
                    Topic.ACCOUNT_LIMITS, 12,
                    Topic.ACCOUNT_GROUPS, 12,
                    Topic.CHAT_FREEZES, 12,
                    Topic.ACCOUNT_DELTAS, 12,
                    Topic.LEDGER_ROUTING, 12,
                    Topic.DEAD_LETTERS, 3));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "eu.chats",
                "eu.priced-messages",
                "eu.chat-limits",
                "eu.account-limits",
                "eu.account-groups",
                "eu.chat-freezes"
            })
    void shouldSendARecordAsItCameToThePartitionOfItsKey(String topic) {
        // Given
        DeadLetter letter = letter(
                topic + "-3@7",
                "wrong_partition",
                "c-1",
                VALUE,
                Map.of("trace", "t-1", "ledger.replayed.from", "eu.chats-1@1"));

        // When
        ProducerRecord<byte[], byte[]> record = replay.record(letter);

        // Then
        assertThat(replay.refusal(letter)).isEmpty();
        assertThat(record.topic()).isEqualTo(topic);
        assertThat(record.partition()).isEqualTo(Partitions.of("c-1", 12)).isNotEqualTo(3);
        assertThat(record.key()).isEqualTo(utf8("c-1"));
        assertThat(record.value()).isEqualTo(VALUE);
        assertThat(record.timestamp()).isNull();
        assertThat(Stream.of(record.headers().toArray()).map(header -> header.key() + "=" + new String(header.value())))
                .containsExactly("trace=t-1", "ledger.replayed.from=" + topic + "-3@7");
    }

    @Test
    void shouldLeaveThePartitionOfARecordWithoutAKeyOpen() {
        // When
        DeadLetter letter = letter("eu.chats-3@7", "null_key", null, VALUE, Map.of());

        // Then
        assertThat(replay.refusal(letter)).isEmpty();
        assertThat(replay.record(letter).partition()).isNull();
    }

    /** Wrong as it is, it is not one of which there is no copy. */
    @Test
    void shouldSendARecordWithNeitherKeyNorValue() {
        assertThat(replay.refusal(letter("eu.chats-3@7", "null_key", null, null, Map.of())))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"eu.ledger-routing", "eu.account-deltas", "eu.ledger-dead-letters", "eu.tree-status", "chats"})
    void shouldRefuseARecordOfATopicThatHoldsNoFacts(String topic) {
        assertThat(replay.refusal(letter(topic + "-3@7", "internal_error", "c-1", VALUE, Map.of())))
                .hasValueSatisfying(
                        refusal -> assertThat(refusal)
                                .contains(
                                        topic,
                                        "eu.account-groups, eu.account-limits, eu.chat-freezes, eu.chat-limits, eu.chats, eu.priced-messages"));
    }

    @Test
    void shouldRefuseARecordOfWhichThereIsNoCopy() {
        assertThat(replay.refusal(letter("eu.chats-3@7", "too_large", null, null, Map.of())))
                .hasValueSatisfying(refusal -> assertThat(refusal).contains("no copy"));
    }

    @Test
    void shouldWarnOfEveryReasonThatReplayingDoesNotMend() {
        // When
        List<RejectReason> without = Stream.of(RejectReason.values())
                .filter(reason -> DeadLetterReplay.warning(reason).isEmpty())
                .toList();

        // Then
        assertThat(without)
                .containsExactlyInAnyOrderElementsOf(EnumSet.of(
                        RejectReason.WRONG_PARTITION,
                        RejectReason.UNKNOWN_SCHEMA,
                        RejectReason.REGISTRY_UNAVAILABLE,
                        RejectReason.INTERNAL_ERROR));
        assertThat(DeadLetterReplay.warning(RejectReason.PRICED_AT_AHEAD))
                .hasValueSatisfying(warning -> assertThat(warning).contains("24 hours"));
        assertThat(DeadLetterReplay.warning(RejectReason.NO_ROOT))
                .hasValueSatisfying(warning -> assertThat(warning).contains("same dead letter again"));
    }

    // ---- sending ----

    @Test
    void shouldSayOfEveryRecordWhetherItWasWritten() {
        // Given more than are ever under way, and a Kafka that fails for every third
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                    private int sent;

                    @Override
                    public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
                        var acknowledgement = super.send(record);
                        if (sent++ % 3 == 0) {
                            errorNext(new KafkaException("no room"));
                        } else {
                            completeNext();
                        }
                        return acknowledgement;
                    }
                };
        List<String> written = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        RecordSender<DeadLetter> sender = new RecordSender<>(
                producer,
                (letter, where) -> written.add(letter.id().source() + " " + where.topic()),
                (letter, why) -> failed.add(letter.id().source() + " " + why));

        // When
        IntStream.range(0, 300).forEach(offset -> {
            DeadLetter letter = letter("eu.chats-3@" + offset, "wrong_partition", "c-1", VALUE, Map.of());
            sender.send(letter, replay.record(letter));
        });
        sender.awaitAll();

        // Then
        assertThat(written).hasSize(200).startsWith("eu.chats-3@1 eu.chats", "eu.chats-3@2 eu.chats");
        assertThat(failed).hasSize(100).startsWith("eu.chats-3@0 no room", "eu.chats-3@3 no room");
        assertThat(producer.history()).hasSize(300);
    }

    @Test
    void shouldSayThatARecordWasRefusedByTheClientItself() {
        // Given
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        producer.sendException = new KafkaException("not allowed");
        List<String> failed = new ArrayList<>();
        RecordSender<DeadLetter> sender = new RecordSender<>(
                producer,
                (letter, where) -> {
                    throw new AssertionError("Was not written");
                },
                (letter, why) -> failed.add(why));
        DeadLetter letter = letter("eu.chats-3@1", "wrong_partition", "c-1", VALUE, Map.of());

        // When
        sender.send(letter, replay.record(letter));
        sender.awaitAll();

        // Then
        assertThat(failed).containsExactly("not allowed");
    }
}
