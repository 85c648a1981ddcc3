package dev.spendledger.api.audit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/** Sends dead letters and waits for every acknowledgement, with a bounded number of them under way. For one thread. */
public final class DeadLetterSender {
    private static final int UNDER_WAY_MAX = 100;

    private final Producer<byte[], byte[]> producer;
    private final BiConsumer<DeadLetter, RecordMetadata> onSent;
    private final BiConsumer<DeadLetter, String> onFailed;
    private final Deque<Sending> underWay = new ArrayDeque<>();

    private record Sending(DeadLetter letter, Future<RecordMetadata> acknowledgement) {}

    /**
     * @param producer with acks=all and idempotence
     * @param onSent hears where each record has been written, in the order of sending
     * @param onFailed hears which record was not acknowledged, and why
     */
    public DeadLetterSender(
            Producer<byte[], byte[]> producer,
            BiConsumer<DeadLetter, RecordMetadata> onSent,
            BiConsumer<DeadLetter, String> onFailed) {
        this.producer = producer;
        this.onSent = onSent;
        this.onFailed = onFailed;
    }

    public void send(DeadLetter letter, ProducerRecord<byte[], byte[]> record) {
        if (underWay.size() == UNDER_WAY_MAX) {
            settle(underWay.remove());
        }
        try {
            underWay.add(new Sending(letter, producer.send(record)));
        } catch (KafkaException e) {
            onFailed.accept(letter, e.getMessage());
        }
    }

    /** Waits until of every record it is known whether it was written. */
    public void awaitAll() {
        while (!underWay.isEmpty()) {
            settle(underWay.remove());
        }
    }

    private void settle(Sending sending) {
        try {
            onSent.accept(sending.letter(), sending.acknowledgement().get());
        } catch (ExecutionException e) {
            onFailed.accept(sending.letter(), e.getCause().getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            onFailed.accept(sending.letter(), "interrupted while waiting for the acknowledgement");
        }
    }
}
