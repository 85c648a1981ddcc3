package dev.spendledger.api.testing;

import dev.spendledger.api.query.KnownTrees;
import dev.spendledger.events.TreeState;
import dev.spendledger.events.TreeStatus;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.Source;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** A view of exhausted trees that has read what a test tells it. */
public final class FakeKnownTrees {
    /** When every tree reached its limit. */
    public static final Instant AT = Instant.parse("2026-11-23T11:59:00Z");

    private static final TopicNames NAMES = new TopicNames("");
    private static final EventSerde EVENTS = new EventSerde(new BundledRegistry());

    private final KnownTrees view = new KnownTrees(NAMES, new FactReader(NAMES, 1, EVENTS), EVENTS.deserializer());

    public KnownTrees view() {
        return view;
    }

    /** The ledger has said that a tree is exhausted. */
    public FakeKnownTrees status(String rootChatId, long spentMicros, long limitMicros, long limitOffset) {
        return record(
                Topic.TREE_STATUS,
                rootChatId,
                0,
                new TreeStatus(rootChatId, "a-1", TreeState.EXHAUSTED, spentMicros, limitMicros, limitOffset, AT));
    }

    /** The ledger has said that a tree is within its limit again. */
    public FakeKnownTrees within(String rootChatId) {
        return record(Topic.TREE_STATUS, rootChatId, 0, null);
    }

    /** A limit was set; null = none. */
    public FakeKnownTrees limit(String rootChatId, Long micros, long offset) {
        return record(Topic.CHAT_LIMITS, rootChatId, offset, Events.limit(rootChatId, micros));
    }

    /** Any record; a null event is a tombstone. */
    public FakeKnownTrees record(Topic topic, String key, long offset, SpecificRecord event) {
        return bytes(topic, key, offset, event == null ? null : Events.bytes(topic, event));
    }

    public FakeKnownTrees bytes(Topic topic, String key, long offset, byte[] value) {
        view.apply(new Source(
                NAMES.of(topic), 0, offset, AT, key.getBytes(StandardCharsets.UTF_8), value, new RecordHeaders()));
        return this;
    }
}
