package dev.spendledger.api.testing;

import static dev.spendledger.api.testing.Events.chat;
import static dev.spendledger.api.testing.Events.limit;
import static dev.spendledger.api.testing.Events.message;

import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.events.Period;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.StateSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.state.RootAnswer;
import dev.spendledger.state.Routing;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.RejectReason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Everything that a ledger should not be sent, in every topic that it reads, and the reason for which each record must become
 * a dead letter. Its chats are its own, but for a tree that it also abuses. Not for several threads.
 */
public final class Rubbish {
    private static final List<Topic> FACTS = List.of(Topic.CHATS, Topic.PRICED_MESSAGES, Topic.CHAT_LIMITS);
    private static final byte[] NO_UTF_8 = {(byte) 0xC3, (byte) 0x28, (byte) 0xFF};
    private static final byte[] NO_AVRO = utf8("{\"json\": true}");

    private final Events events;
    private final Random random;
    private final int partitions;
    private final String goodRoot;
    private final String goodChild;
    private final StateSerde<Object, Routing> routing =
            new StateSerde<>(Routing.getClassSchema(), Routing::new, Routing::getBody);
    private final List<Sent> sent = new ArrayList<>();
    private int ids;
    private int childrenOfGoodRoot;

    private record Sent(ProducerRecord<byte[], byte[]> record, Future<RecordMetadata> where, RejectReason reason) {}

    /**
     * What must become of a record.
     *
     * @param position topic, partition and offset
     * @param reason the reason's code
     * @param key of the copy; null = none; so is the value
     */
    public record Fate(String position, String reason, ByteBuffer key, ByteBuffer value) {
        public static Fate of(String topic, int partition, long offset, String reason, byte[] key, byte[] value) {
            return new Fate(topic + "-" + partition + "@" + offset, reason, wrap(key), wrap(value));
        }

        private static ByteBuffer wrap(byte[] bytes) {
            return bytes == null ? null : ByteBuffer.wrap(bytes);
        }

        @Override
        public String toString() {
            return position + " " + reason + " " + (key == null ? "no key" : key.remaining()) + " "
                    + (value == null ? "no value" : value.remaining());
        }
    }

    /**
     * @param goodRoot a root that was created before, with a limit
     * @param goodChild a child that was created before
     */
    public Rubbish(Events events, int partitions, Random random, String goodRoot, String goodChild) {
        this.events = events;
        this.partitions = partitions;
        this.random = random;
        this.goodRoot = goodRoot;
        this.goodChild = goodChild;
    }

    /** Each step sends one record, or some that belong together; they can be taken in any order. */
    public List<Runnable> steps(int rounds) {
        List<Runnable> steps = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            FACTS.forEach(topic -> addNoFacts(steps, topic));
            addBadChats(steps);
            addBadMessages(steps);
            addBadLimits(steps);
            addBadLatestFacts(steps);
            addNoRouting(steps);
            IntStream.of(2, 3, 7).forEach(length -> steps.add(() -> sendCycle(length)));
        }
        FACTS.forEach(topic -> steps.add(
                () -> sendBytes(topic, utf8(newId()), new byte[Ranges.MAX_RECORD_BYTES], RejectReason.TOO_LARGE)));
        steps.add(() -> sendBytes(
                Topic.LEDGER_ROUTING, utf8(newId()), new byte[Ranges.MAX_RECORD_BYTES], RejectReason.UNREADABLE));
        Collections.shuffle(steps, random);
        return steps;
    }

    /** What must stand in the dead letters, once, when all has been sent. */
    public List<Fate> fates() {
        return sent.stream().map(Rubbish::fate).toList();
    }

    /** A record that is wrong only by what it says of chats elsewhere. */
    public void send(Topic topic, String key, SpecificRecord event, RejectReason reason) {
        sendBytes(topic, utf8(key), Events.bytes(topic, event), reason);
    }

    private void addNoFacts(List<Runnable> steps, Topic topic) {
        byte[] fact = Events.bytes(topic, fact(topic, newId()));
        byte[] other = Events.bytes(topic, fact(FACTS.get((FACTS.indexOf(topic) + 1) % FACTS.size()), newId()));
        byte[] noise = noise();
        boolean namesASchema = noise.length >= 5 && noise[0] == 0;
        add(steps, topic, NO_AVRO, RejectReason.UNREADABLE);
        add(steps, topic, new byte[0], RejectReason.UNREADABLE);
        add(steps, topic, Arrays.copyOf(fact, 1 + random.nextInt(fact.length - 1)), RejectReason.UNREADABLE);
        add(steps, topic, Arrays.copyOf(fact, fact.length + 1), RejectReason.UNREADABLE);
        add(steps, topic, other, RejectReason.UNREADABLE);
        add(steps, topic, noise, namesASchema ? RejectReason.UNKNOWN_SCHEMA : RejectReason.UNREADABLE);
        byte[] unknown = ByteBuffer.wrap(fact.clone())
                .putInt(1, 1 + random.nextInt(1_000_000))
                .array();
        add(steps, topic, unknown, RejectReason.UNKNOWN_SCHEMA);
        add(steps, topic, null, RejectReason.NULL_VALUE);
        steps.add(() -> sendBytes(topic, null, fact, RejectReason.NULL_KEY));
        steps.add(() -> sendBytes(topic, null, null, RejectReason.NULL_KEY));
    }

    private void addNoRouting(List<Runnable> steps) {
        Topic topic = Topic.LEDGER_ROUTING;
        byte[] answer = routing.serializer().serialize("any", new RootAnswer("a root", 1, null));
        add(steps, topic, NO_AVRO, RejectReason.UNREADABLE);
        add(steps, topic, new byte[0], RejectReason.UNREADABLE);
        add(steps, topic, Arrays.copyOf(answer, 1 + random.nextInt(answer.length - 1)), RejectReason.UNREADABLE);
        add(steps, topic, Arrays.copyOf(answer, answer.length + 1), RejectReason.UNREADABLE);
        add(steps, topic, Events.bytes(topic, fact(Topic.CHATS, newId())), RejectReason.UNREADABLE);
        add(steps, topic, noise(), RejectReason.UNREADABLE);
        add(steps, topic, null, RejectReason.NULL_VALUE);
        steps.add(() -> sendBytes(topic, null, answer, RejectReason.NULL_KEY));
        // Streams reads the lowest time first.
        steps.add(() -> send(
                new ProducerRecord<>(topic.baseName(), anyPartition(), 0L, utf8(newId()), noise()),
                RejectReason.UNREADABLE));
    }

    private void addBadChats(List<Runnable> steps) {
        String id = newId();
        steps.add(() -> send(Topic.CHATS, newId(), chat(newId(), null, null), RejectReason.KEY_MISMATCH));
        steps.add(() -> sendBytes(
                Topic.CHATS,
                NO_UTF_8,
                Events.bytes(Topic.CHATS, chat(newId(), null, null)),
                RejectReason.KEY_MISMATCH));
        steps.add(() -> sendElsewhere(Topic.CHATS, id, chat(id, null, 1L)));
        steps.add(() -> sendElsewhere(Topic.CHATS, goodRoot, chat(goodRoot, null, 1L)));
        steps.add(() -> send(Topic.CHATS, id, chat(id, id, null), RejectReason.SELF_PARENT));
        steps.add(() -> send(Topic.CHATS, id, chat(id, goodRoot, 5L), RejectReason.LIMIT_ON_CHILD));
        steps.add(() -> send(Topic.CHATS, goodRoot, chat(goodRoot, null, 1L), RejectReason.CHAT_REDEFINED));
        steps.add(() -> send(Topic.CHATS, goodChild, chat(goodChild, null, null), RejectReason.CHAT_REDEFINED));
        Stream.of(0L, -1L, Ranges.MAX_MICROS + 1, Long.MIN_VALUE)
                .forEach(micros ->
                        steps.add(() -> send(Topic.CHATS, id, chat(id, null, micros), RejectReason.OUT_OF_RANGE)));
        Stream.of("", "x".repeat(Ranges.MAX_ID_LENGTH + 1), "a\nb", "\uFFFD")
                .forEach(bad ->
                        steps.add(() -> send(Topic.CHATS, bad, chat(bad, goodRoot, null), RejectReason.OUT_OF_RANGE)));
    }

    private void addBadMessages(List<Runnable> steps) {
        List<UnaryOperator<MessagePriced>> spoil = List.of(
                message -> set(message, "cost_micros", -1L),
                message -> set(message, "cost_micros", Ranges.MAX_COST_MICROS + 1),
                message -> set(message, "cost_micros", Long.MAX_VALUE),
                message -> set(message, "revision", -1),
                message -> set(message, "input_tokens", -1L),
                message -> set(message, "output_tokens", Ranges.MAX_TOKENS + 1),
                message -> set(message, "message_id", ""),
                message -> set(message, "account_id", "x".repeat(Ranges.MAX_ID_LENGTH + 1)),
                message -> set(message, "model", "a\u0000b"));
        spoil.forEach(wrong -> steps.add(() -> send(
                Topic.PRICED_MESSAGES,
                goodRoot,
                wrong.apply(message(newId(), goodChild, goodRoot, 1_000_000)),
                RejectReason.OUT_OF_RANGE)));
        Stream.of(Instant.now().plus(Duration.ofHours(25)), Instant.now().plus(Duration.ofDays(400_000)))
                .forEach(ahead -> steps.add(() -> send(
                        Topic.PRICED_MESSAGES,
                        goodRoot,
                        set(message(newId(), goodRoot, null, 1_000_000), "priced_at", ahead),
                        RejectReason.PRICED_AT_AHEAD)));
    }

    private void addBadLimits(List<Runnable> steps) {
        steps.add(() -> send(Topic.CHAT_LIMITS, newId(), limit(goodRoot, 1L), RejectReason.KEY_MISMATCH));
        steps.add(() -> sendBytes(
                Topic.CHAT_LIMITS,
                NO_UTF_8,
                Events.bytes(Topic.CHAT_LIMITS, limit(goodRoot, 1L)),
                RejectReason.KEY_MISMATCH));
        steps.add(() -> sendElsewhere(Topic.CHAT_LIMITS, goodRoot, limit(goodRoot, 1L)));
        steps.add(() -> send(Topic.CHAT_LIMITS, goodChild, limit(goodChild, 1L), RejectReason.LIMIT_ON_CHILD));
        Stream.of(0L, -1L, Ranges.MAX_MICROS + 1)
                .forEach(micros -> steps.add(
                        () -> send(Topic.CHAT_LIMITS, goodRoot, limit(goodRoot, micros), RejectReason.OUT_OF_RANGE)));
        steps.add(() -> {
            String child = newId();
            send(Topic.CHAT_LIMITS, child, limit(child, 1L), RejectReason.LIMIT_ON_CHILD);
            events.send(Topic.CHATS, child, chat(child, goodRoot, null));
            childrenOfGoodRoot++;
            send(Topic.CHAT_LIMITS, child, limit(child, null), RejectReason.LIMIT_ON_CHILD);
        });
    }

    /** A compacted topic takes no record without a key. */
    private void addBadLatestFacts(List<Runnable> steps) {
        Topic limits = Topic.ACCOUNT_LIMITS;
        Topic groups = Topic.ACCOUNT_GROUPS;
        Topic freezes = Topic.CHAT_FREEZES;
        AccountLimitSet limit = new AccountLimitSet(5L, null, null, Instant.EPOCH);
        AccountGroups inOne = new AccountGroups(List.of("g"), Instant.EPOCH);
        String key = "account:" + newId();
        List.of(limits, groups, freezes).forEach(topic -> {
            add(steps, topic, key, NO_AVRO, RejectReason.UNREADABLE);
            add(steps, topic, key, new byte[0], RejectReason.UNREADABLE);
            add(steps, topic, key, Events.bytes(topic, fact(Topic.CHATS, newId())), RejectReason.UNREADABLE);
            steps.add(() -> sendBytes(topic, NO_UTF_8, null, RejectReason.KEY_MISMATCH));
        });
        steps.add(() -> send(limits, newId(), limit, RejectReason.KEY_MISMATCH));
        steps.add(() -> sendElsewhere(limits, key, limit));
        steps.add(() -> sendElsewhere(groups, key, inOne));
        steps.add(() -> sendElsewhere(freezes, goodRoot, freeze(goodRoot, null)));
        steps.add(() -> send(freezes, newId(), freeze(goodRoot, null), RejectReason.KEY_MISMATCH));
        steps.add(() -> send(
                freezes,
                goodRoot,
                freeze(goodRoot, "x".repeat(Ranges.MAX_REASON_LENGTH + 1)),
                RejectReason.OUT_OF_RANGE));
        steps.add(
                () -> send(limits, key, new AccountLimitSet(0L, null, null, Instant.EPOCH), RejectReason.OUT_OF_RANGE));
        steps.add(() -> send(
                limits,
                "default",
                new AccountLimitSet(5L, Period.UNKNOWN, null, Instant.EPOCH),
                RejectReason.OUT_OF_RANGE));
        steps.add(() ->
                send(limits, key, new AccountLimitSet(5L, Period.DAY, null, Instant.EPOCH), RejectReason.OUT_OF_RANGE));
        steps.add(() -> send(
                groups,
                key,
                new AccountGroups(Collections.nCopies(Ranges.MAX_GROUPS + 1, "g"), Instant.EPOCH),
                RejectReason.OUT_OF_RANGE));
    }

    private static ChatFreezeSet freeze(String rootChatId, String reason) {
        return new ChatFreezeSet(rootChatId, reason, null, Instant.EPOCH);
    }

    /** How many children of the good root it has created on the way. */
    public int childrenOfGoodRoot() {
        return childrenOfGoodRoot;
    }

    /** Chats in a circle, a chain of chats below one of them, and messages of all, in any order. */
    private void sendCycle(int length) {
        String id = newId();
        List<Runnable> parts = new ArrayList<>();
        for (int i = 0; i < length + 3; i++) {
            String self = id + "-" + i;
            String parent = i < length ? id + "-" + (i + 1) % length : id + "-" + (i - 1);
            String messageKey = random.nextBoolean() ? self : goodRoot;
            parts.add(() -> send(Topic.CHATS, self, chat(self, parent, null), RejectReason.NO_ROOT));
            parts.add(() -> send(
                    Topic.PRICED_MESSAGES,
                    messageKey,
                    message("m-1", self, goodRoot, 1_000_000),
                    RejectReason.NO_ROOT));
        }
        parts.add(() -> send(Topic.CHAT_LIMITS, id + "-0", limit(id + "-0", 1L), RejectReason.LIMIT_ON_CHILD));
        Collections.shuffle(parts, random);
        parts.forEach(Runnable::run);
    }

    private static MessagePriced set(MessagePriced message, String field, Object value) {
        message.put(message.getSchema().getField(field).pos(), value);
        return message;
    }

    private static SpecificRecord fact(Topic topic, String id) {
        return switch (topic) {
            case CHATS -> chat(id, null, null);
            case PRICED_MESSAGES -> message(id, id, null, 1_000_000);
            case CHAT_LIMITS -> limit(id, 5L);
            default -> throw new IllegalArgumentException("No facts are in " + topic);
        };
    }

    private void add(List<Runnable> steps, Topic topic, byte[] value, RejectReason reason) {
        add(steps, topic, newId(), value, reason);
    }

    private void add(List<Runnable> steps, Topic topic, String key, byte[] value, RejectReason reason) {
        steps.add(() -> sendBytes(topic, utf8(key), value, reason));
    }

    private void sendElsewhere(Topic topic, String key, SpecificRecord event) {
        int elsewhere = (Partitions.of(key, partitions) + 1 + random.nextInt(partitions - 1)) % partitions;
        send(
                new ProducerRecord<>(topic.baseName(), elsewhere, utf8(key), Events.bytes(topic, event)),
                RejectReason.WRONG_PARTITION);
    }

    /** To the partition of its key, or to any if it has none. */
    private void sendBytes(Topic topic, byte[] key, byte[] value, RejectReason reason) {
        send(new ProducerRecord<>(topic.baseName(), key == null ? anyPartition() : null, key, value), reason);
    }

    private void send(ProducerRecord<byte[], byte[]> record, RejectReason reason) {
        record.headers().add(new RecordHeader("trace", utf8("t-" + sent.size())));
        sent.add(new Sent(record, events.send(record), reason));
    }

    private int anyPartition() {
        return random.nextInt(partitions);
    }

    private byte[] noise() {
        byte[] noise = new byte[random.nextInt(300)];
        random.nextBytes(noise);
        return noise;
    }

    private String newId() {
        return "rubbish-" + ids++;
    }

    private static Fate fate(Sent sent) {
        ProducerRecord<byte[], byte[]> record = sent.record();
        RecordMetadata where = where(sent);
        boolean copied = bytes(record) <= Ranges.MAX_RECORD_BYTES;
        return Fate.of(
                where.topic(),
                where.partition(),
                where.offset(),
                sent.reason().code(),
                copied ? record.key() : null,
                copied ? record.value() : null);
    }

    private static long bytes(ProducerRecord<byte[], byte[]> record) {
        long bytes =
                (record.key() == null ? 0 : record.key().length) + (record.value() == null ? 0 : record.value().length);
        for (Header header : record.headers()) {
            bytes += 2 + header.key().length() + header.value().length;
        }
        return bytes;
    }

    private static RecordMetadata where(Sent sent) {
        try {
            return sent.where().get();
        } catch (ExecutionException e) {
            throw new AssertionError("Not written: " + sent, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
