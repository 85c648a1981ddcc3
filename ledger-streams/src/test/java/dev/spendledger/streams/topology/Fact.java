package dev.spendledger.streams.topology;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * A record as a producer sends it. Made by the builders, which fill in what a test does not care about.
 *
 * @param label what it says, for people who read a failure
 */
record Fact(Topic topic, byte[] key, byte[] value, Headers headers, String label) {
    /** The time of every fact whose time does not matter: before the first append of any test. */
    static final Instant LONG_AGO = Instant.parse("2026-11-01T00:00:00Z");

    private static final EventSerde SERDE = new EventSerde(new BundledRegistry());

    static ChatBuilder chat(String chatId) {
        return new ChatBuilder(chatId, fact -> {});
    }

    static MessageBuilder message(String messageId, String chatId) {
        return new MessageBuilder(messageId, chatId, fact -> {});
    }

    static Fact limit(String rootChatId, Long micros) {
        return of(
                Topic.CHAT_LIMITS,
                rootChatId,
                new ChatLimitSet(rootChatId, micros, null, LONG_AGO),
                "limit of " + rootChatId + " = " + micros);
    }

    static Fact raw(Topic topic, byte[] key, byte[] value) {
        return new Fact(topic, key, value, new RecordHeaders(), "raw record for " + topic);
    }

    static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] encoded(SpecificRecord event) {
        return SERDE.serializer().serialize("any", event);
    }

    private static Fact of(Topic topic, String key, SpecificRecord event, String label) {
        return new Fact(topic, utf8(key), encoded(event), new RecordHeaders(), label);
    }

    Fact withKey(byte[] newKey) {
        return new Fact(topic, newKey, value, headers, label);
    }

    Fact withHeader(String name, String headerValue) {
        Headers more = new RecordHeaders(headers);
        more.add(name, utf8(headerValue));
        return new Fact(topic, key, value, more, label);
    }

    @Override
    public String toString() {
        String hint = key == null ? "no key" : "key " + new String(key, StandardCharsets.UTF_8);
        return label + " (" + hint + ")";
    }

    /** A chat; a root without a limit unless said otherwise. */
    static final class ChatBuilder {
        private final String chatId;
        private final Consumer<Fact> ledger;
        private String parentChatId;
        private String rootHint;
        private String accountId = "a-1";
        private Long limitMicros;
        private Instant createdAt = LONG_AGO;

        ChatBuilder(String chatId, Consumer<Fact> ledger) {
            this.chatId = chatId;
            this.ledger = ledger;
        }

        ChatBuilder parent(String id) {
            parentChatId = id;
            return this;
        }

        ChatBuilder rootHint(String id) {
            rootHint = id;
            return this;
        }

        ChatBuilder account(String id) {
            accountId = id;
            return this;
        }

        ChatBuilder limit(long micros) {
            limitMicros = micros;
            return this;
        }

        ChatBuilder createdAt(Instant time) {
            createdAt = time;
            return this;
        }

        Fact fact() {
            return of(
                    Topic.CHATS,
                    chatId,
                    new ChatCreated(chatId, parentChatId, rootHint, accountId, limitMicros, createdAt),
                    "chat " + chatId + (parentChatId == null ? "" : " of " + parentChatId)
                            + (limitMicros == null ? "" : " limit " + limitMicros));
        }

        void create() {
            ledger.accept(fact());
        }
    }

    /** A message; keyed by its chat, revision 0 and unpriced unless said otherwise. */
    static final class MessageBuilder {
        private final String messageId;
        private final String chatId;
        private final Consumer<Fact> ledger;
        private byte[] key;
        private String rootHint;
        private String accountId = "a-1";
        private int revision;
        private Long costMicros;
        private String model;
        private Instant pricedAt = LONG_AGO;

        MessageBuilder(String messageId, String chatId, Consumer<Fact> ledger) {
            this.messageId = messageId;
            this.chatId = chatId;
            this.ledger = ledger;
            this.key = utf8(chatId);
        }

        MessageBuilder keyedBy(String text) {
            return keyedBy(utf8(text));
        }

        MessageBuilder keyedBy(byte[] bytes) {
            key = bytes;
            return this;
        }

        MessageBuilder rootHint(String id) {
            rootHint = id;
            return this;
        }

        MessageBuilder account(String id) {
            accountId = id;
            return this;
        }

        MessageBuilder revision(int number) {
            revision = number;
            return this;
        }

        MessageBuilder cost(Long micros) {
            costMicros = micros;
            return this;
        }

        MessageBuilder cost(long micros) {
            costMicros = micros;
            return this;
        }

        MessageBuilder model(String name) {
            model = name;
            return this;
        }

        MessageBuilder pricedAt(Instant time) {
            pricedAt = time;
            return this;
        }

        Fact fact() {
            return of(
                            Topic.PRICED_MESSAGES,
                            chatId,
                            new MessagePriced(
                                    messageId,
                                    chatId,
                                    rootHint,
                                    accountId,
                                    revision,
                                    costMicros,
                                    model,
                                    null,
                                    null,
                                    pricedAt),
                            "message " + messageId + " of " + chatId + " revision " + revision + " cost " + costMicros)
                    .withKey(key);
        }

        void send() {
            ledger.accept(fact());
        }
    }
}
