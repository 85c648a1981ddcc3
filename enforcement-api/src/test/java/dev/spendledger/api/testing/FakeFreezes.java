package dev.spendledger.api.testing;

import dev.spendledger.api.query.FreezesView;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.intake.LatestFactReader;
import dev.spendledger.streams.intake.Source;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** The freezes as an instance has read them, without a broker: a view that takes in what a test tells it. */
public final class FakeFreezes {
    public static final Instant SET_AT = Instant.parse("2026-11-23T12:00:00.123Z");

    private static final TopicNames NAMES = new TopicNames("");
    private static final EventSerde SERDE = new EventSerde(new BundledRegistry());

    private final FreezesView view = new FreezesView(new LatestFactReader(NAMES, 1, SERDE));

    public FakeFreezes() {
        this(true);
    }

    /**
     * @param loaded whether the view has read what was there at the start
     */
    public FakeFreezes(boolean loaded) {
        if (loaded) {
            view.onLoaded();
        }
    }

    public FreezesView view() {
        return view;
    }

    /** @param reason null = not said */
    public FakeFreezes freeze(String rootChatId, String reason) {
        return apply(
                rootChatId, SERDE.serializer().serialize("any", new ChatFreezeSet(rootChatId, reason, null, SET_AT)));
    }

    public FakeFreezes apply(String key, byte[] value) {
        byte[] keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
        view.apply(new Source(NAMES.of(Topic.CHAT_FREEZES), 0, 0, SET_AT, keyBytes, value, new RecordHeaders()));
        return this;
    }
}
