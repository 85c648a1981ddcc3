package dev.spendledger.api.query;

import dev.spendledger.schemas.RegistryUnavailableException;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this instance reads whole and for itself: some topics, of whose records the last of each key counts. One thread
 * writes, and any may read. It goes on to say what it has read while the broker is away.
 */
public abstract class View {
    private static final Logger log = LoggerFactory.getLogger(View.class);

    private final Set<Topic> topics;
    /** Records that only a lost schema registry can tell, by topic and key: they are tried again. */
    private final Map<String, Map<ByteBuffer, Source>> unread = new ConcurrentHashMap<>();
    /** By topic and partition, the offset up to which all is taken in. */
    private final Map<String, Map<Integer, Long>> readTo = new ConcurrentHashMap<>();

    private volatile boolean loaded;

    protected View(Topic... topics) {
        this.topics = Set.of(topics);
    }

    /** Takes in what a record states. A tombstone states that there is none. */
    protected abstract void read(Source source) throws RejectedRecordException;

    /** What is read into it: all partitions, from their beginning, for ever. */
    public final Set<Topic> topics() {
        return topics;
    }

    /** Takes in a record of one of the topics, the records of a key in their order. */
    public final void apply(Source source) {
        Map<ByteBuffer, Source> unreadOfTopic =
                unread.computeIfAbsent(source.topic(), topic -> new ConcurrentHashMap<>());
        if (source.key() != null) {
            unreadOfTopic.remove(ByteBuffer.wrap(source.key()));
        }
        try {
            read(source);
        } catch (RegistryUnavailableException e) {
            unreadOfTopic.put(ByteBuffer.wrap(source.key()), source);
        } catch (RejectedRecordException e) {
            log.warn(
                    "A record cannot be read; whatever its key said before is taken for gone. record={} cause={}",
                    source.id(),
                    e.rejection().detail());
            forget(source);
        }
    }

    /**
     * What a key said before its last record was a bad one is gone: compaction has deleted it, or will, and every instance
     * must come to the same. A record that is no last one of a key (it has none, or is in the partition of another) says
     * nothing.
     */
    private void forget(Source source) {
        try {
            read(source.asTombstone());
        } catch (RejectedRecordException e) {
            return;
        }
    }

    /** Tries again what could not be read for want of the schema registry. May wait for it. */
    public final void retryUnread() {
        unread.values().forEach(ofTopic -> List.copyOf(ofTopic.values()).forEach(this::apply));
    }

    /** All before this offset of a partition is taken in. */
    public final void onReadTo(String topic, int partition, long offset) {
        readTo.computeIfAbsent(topic, same -> new ConcurrentHashMap<>()).put(partition, offset);
    }

    /** Whether a record has been taken in. */
    public final boolean hasRead(RecordId record) {
        return readTo.getOrDefault(record.topic(), Map.of()).getOrDefault(record.partition(), 0L) > record.offset();
    }

    /** All that was there at the start is taken in: what it says from now on counts. */
    public final void onLoaded() {
        loaded = true;
    }

    /** Whether what it says counts. */
    public final boolean isLoaded() {
        return loaded;
    }
}
