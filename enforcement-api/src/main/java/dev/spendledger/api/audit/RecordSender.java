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

/**
 * Sends records and waits for every acknowledgement, with a bounded number of them under way. For one thread.
 *
 * @param <T> what the caller knows a record by
 */
public final class RecordSender<T> {
    private static final int UNDER_WAY_MAX = 100;

    private final Producer<byte[], byte[]> producer;
    private final BiConsumer<T, RecordMetadata> onSent;
    private final BiConsumer<T, String> onFailed;
    private final Deque<Sending<T>> underWay = new ArrayDeque<>();

    private record Sending<T>(T origin, Future<RecordMetadata> acknowledgement) {}

    /**
     * @param producer with acks=all and idempotence
     * @param onSent hears where each record has been written, in the order of sending
     * @param onFailed hears which record was not acknowledged, and why
     */
    public RecordSender(
            Producer<byte[], byte[]> producer, BiConsumer<T, RecordMetadata> onSent, BiConsumer<T, String> onFailed) {
        this.producer = producer;
        this.onSent = onSent;
        this.onFailed = onFailed;
    }

    public void send(T origin, ProducerRecord<byte[], byte[]> record) {
        if (underWay.size() == UNDER_WAY_MAX) {
            settle(underWay.remove());
        }
        try {
            underWay.add(new Sending<>(origin, producer.send(record)));
        } catch (KafkaException e) {
            onFailed.accept(origin, e.getMessage());
        }
    }

    /** Waits until of every record it is known whether it was written. */
    public void awaitAll() {
        while (!underWay.isEmpty()) {
            settle(underWay.remove());
        }
    }

    private void settle(Sending<T> sending) {
        try {
            onSent.accept(sending.origin(), sending.acknowledgement().get());
        } catch (ExecutionException e) {
            onFailed.accept(sending.origin(), e.getCause().getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            onFailed.accept(sending.origin(), "interrupted while waiting for the acknowledgement");
        }
    }
}
