package dev.spendledger.api.runtime;

import dev.spendledger.api.http.Health;
import dev.spendledger.api.query.View;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.intake.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads topics into this instance's own views: all partitions, from their beginning, in no group, for ever. A lost broker is
 * waited for, and what the views have by then goes on to count.
 */
final class ViewFeed implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ViewFeed.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long RETRY_UNREAD_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Consumer<byte[], byte[]> consumer;
    private final Map<String, View> viewByTopic = new HashMap<>();
    private final Set<TopicPartition> partitions = new HashSet<>();
    private final Collection<View> views;
    private final ReadLoop loop;
    private Map<TopicPartition, Long> endsAtStart = Map.of();
    private long unreadTriedNanos = System.nanoTime();

    /**
     * @param consumer reads committed records only, belongs to no group, and is this object's alone from now on
     * @param names the names of the topics
     * @param partitionsOfATopic how many partitions a topic has
     * @param views what to read into, each topic into one of them
     */
    ViewFeed(
            Consumer<byte[], byte[]> consumer,
            TopicNames names,
            ToIntFunction<Topic> partitionsOfATopic,
            Collection<? extends View> views) {
        this.consumer = consumer;
        this.views = List.copyOf(views);
        for (View view : views) {
            for (Topic topic : view.topics()) {
                if (viewByTopic.put(names.of(topic), view) != null) {
                    throw new IllegalArgumentException("Two views read the topic " + topic.baseName());
                }
                IntStream.range(0, partitionsOfATopic.applyAsInt(topic))
                        .forEach(partition -> partitions.add(new TopicPartition(names.of(topic), partition)));
            }
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        // It has nothing to hand over, and would wait for the answer to its last fetch.
        this.loop = new ReadLoop(
                "views", this::read, consumer::wakeup, () -> consumer.close(CloseOptions.timeout(Duration.ZERO)));
    }

    void start() {
        loop.start();
    }

    Health.Check check() {
        return new Health.Check("views", isLoaded(), isLoaded() ? "the views are read" : "the views are not read yet");
    }

    private boolean isLoaded() {
        return views.stream().allMatch(View::isLoaded);
    }

    private void read() {
        if (endsAtStart.isEmpty()) {
            endsAtStart = consumer.endOffsets(partitions);
        }
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        records.forEach(this::applySafely);
        // Positions, not offsets of records: what is compacted away or is no record counts as read.
        partitions.forEach(partition -> viewByTopic
                .get(partition.topic())
                .onReadTo(partition.topic(), partition.partition(), position(partition)));
        if (!isLoaded() && endsAtStart.entrySet().stream().allMatch(end -> position(end.getKey()) >= end.getValue())) {
            views.forEach(View::onLoaded);
        }
        if (System.nanoTime() - unreadTriedNanos >= RETRY_UNREAD_EVERY_NANOS) {
            views.forEach(View::retryUnread);
            unreadTriedNanos = System.nanoTime();
        }
    }

    private void applySafely(ConsumerRecord<byte[], byte[]> record) {
        try {
            viewByTopic.get(record.topic()).apply(source(record));
        } catch (RuntimeException e) {
            // A bug. The records behind it must not be lost with it.
            log.error(
                    "Taking a record into a view failed; it is passed over. topic={} partition={} offset={}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e);
        }
    }

    private long position(TopicPartition partition) {
        return consumer.position(partition);
    }

    private static Source source(ConsumerRecord<byte[], byte[]> record) {
        return new Source(
                record.topic(),
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                record.key(),
                record.value(),
                record.headers());
    }

    @Override
    public void close() throws InterruptedException {
        loop.close();
    }
}
