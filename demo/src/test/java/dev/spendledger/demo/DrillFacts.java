package dev.spendledger.demo;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What a busy and careless chat service writes, the same for the same seed but for its times: trees with depth and fan-out;
 * messages that are repeated, re-priced in both directions, voided, moved to another chat of their tree, unpriced, sent with
 * a wrong root; messages and limits before their chats, chats before their parents; chats that are never created; and bad
 * records, each with the reason it is one for in the header {@value #BAD}.
 */
final class DrillFacts {
    /** Header of a record that must become a dead letter: the reason. */
    static final String BAD = "drill.reason";

    /** A root that is created in the first batch. */
    static final String FIRST_ROOT = "root-1";

    static final TopicNames NAMES = new TopicNames("");
    static final EventSerde EVENTS = new EventSerde(new BundledRegistry());

    private static final int ACCOUNTS = 5;
    private static final int COST_MOST = 100_000;
    private static final int LIMIT_MOST = 3_000_000;

    private final Random random;
    private final int partitions;
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);

    /** The chats of each tree, its root first. */
    private final List<List<ChatCreated>> trees = new ArrayList<>();

    private final Map<String, List<ChatCreated>> treeByChat = new HashMap<>();
    private final List<MessagePriced> messages = new ArrayList<>();
    /** Created later than used, in any order. */
    private final List<ChatCreated> late = new ArrayList<>();
    /** Created in this batch: until it is acknowledged, another record of the same chat might come before it. */
    private final List<ChatCreated> created = new ArrayList<>();
    /** Created in a batch before. */
    private final List<ChatCreated> settled = new ArrayList<>();

    private List<ProducerRecord<byte[], byte[]>> batch;
    private int ids;
    private volatile double keyedByChat;

    DrillFacts(long seed, int partitions) {
        this.random = new Random(seed);
        this.partitions = partitions;
    }

    /**
     * @param share how many of the messages to come have their chat as the key and must be routed, 0 to 1; the others mostly
     *     have their root
     */
    void keyByChat(double share) {
        keyedByChat = share;
    }

    /** The next records; to be asked for when all before are acknowledged. */
    List<ProducerRecord<byte[], byte[]>> next(int least) {
        begin();
        while (batch.size() < least) {
            addSomething();
        }
        return batch;
    }

    /** The chats that were used and not created so far. */
    List<ProducerRecord<byte[], byte[]>> rest() {
        begin();
        late.forEach(this::create);
        late.clear();
        return batch;
    }

    private void begin() {
        batch = new ArrayList<>();
        settled.addAll(created);
        created.clear();
    }

    private void addSomething() {
        int dice = random.nextInt(1_000);
        if (dice < 8 || trees.isEmpty()) {
            openTree();
        } else if (dice < 80) {
            spawn(pick(trees));
        } else if (dice < 100 && !late.isEmpty()) {
            create(late.remove(random.nextInt(late.size())));
        } else if (dice < 110 && !settled.isEmpty()) {
            create(pick(settled));
        } else if (dice < 135) {
            String root = pick(trees).get(0).getChatId();
            add(Topic.CHAT_LIMITS, root, new ChatLimitSet(root, limit(), "drill", now));
        } else if (dice < 150) {
            addBadRecord();
        } else if (dice < 260 && !messages.isEmpty()) {
            price(revised(pick(messages)));
        } else if (dice < 360 && !messages.isEmpty()) {
            price(pick(messages));
        } else {
            price(message(id("message"), pick(pick(trees)), chance(0.8) ? 0 : random.nextInt(3)));
        }
    }

    private void openTree() {
        ChatCreated root = new ChatCreated(id("root"), null, null, account(), limit(), now);
        List<ChatCreated> tree = new ArrayList<>(List.of(root));
        trees.add(tree);
        treeByChat.put(root.getChatId(), tree);
        createSoonOrLate(root, trees.size() > 1 && chance(0.1));
    }

    /** Below the newest chat of its tree as often as below any: trees grow deep and broad. */
    private void spawn(List<ChatCreated> tree) {
        ChatCreated parent = chance(0.5) ? tree.get(tree.size() - 1) : pick(tree);
        ChatCreated child = new ChatCreated(id("chat"), parent.getChatId(), hint(tree), account(), null, now);
        tree.add(child);
        treeByChat.put(child.getChatId(), tree);
        if (!chance(0.01)) { // Else nobody ever creates it.
            createSoonOrLate(child, chance(0.3));
        }
    }

    private void createSoonOrLate(ChatCreated chat, boolean isLate) {
        if (isLate) {
            late.add(chat);
        } else {
            create(chat);
        }
    }

    private void create(ChatCreated chat) {
        created.add(chat);
        add(Topic.CHATS, chat.getChatId(), chat);
    }

    private MessagePriced message(String messageId, ChatCreated chat, int revision) {
        return new MessagePriced(
                messageId,
                chat.getChatId(),
                hint(treeByChat.get(chat.getChatId())),
                account(),
                revision,
                cost(),
                null,
                null,
                null,
                now.minusSeconds(random.nextInt(3_600)));
    }

    private MessagePriced revised(MessagePriced message) {
        MessagePriced other = MessagePriced.newBuilder(message).build();
        other.setRevision(random.nextInt(6));
        other.setCostMicros(cost());
        if (chance(0.2)) {
            other.setChatId(pick(treeByChat.get(message.getChatId())).getChatId());
        }
        return other;
    }

    private void price(MessagePriced message) {
        messages.add(message);
        String key = chance(keyedByChat)
                ? message.getChatId()
                : treeByChat.get(message.getChatId()).get(0).getChatId();
        add(Topic.PRICED_MESSAGES, chance(0.05) ? "any-key-" + random.nextInt(100) : key, message);
    }

    private void addBadRecord() {
        String fresh = id("bad");
        switch (random.nextInt(13)) {
            case 0 -> bad(Topic.PRICED_MESSAGES, null, fresh, new byte[] {1, 2, 3}, "unreadable");
            case 1 -> bad(Topic.PRICED_MESSAGES, null, fresh, new byte[] {0, 0, 0, 0, 7, 1}, "unknown_schema");
            case 2 -> bad(pick(List.of(Topic.CHATS, Topic.CHAT_LIMITS)), null, fresh, null, "null_value");
            case 3 -> bad(Topic.PRICED_MESSAGES, null, null, bytes(anyMessage()), "null_key");
            case 4 -> {
                MessagePriced message = anyMessage();
                message.setCostMicros(-1L);
                bad(Topic.PRICED_MESSAGES, null, fresh, bytes(message), "out_of_range");
            }
            case 5 -> {
                MessagePriced message = anyMessage();
                message.setPricedAt(now.plus(Duration.ofDays(3)));
                bad(Topic.PRICED_MESSAGES, null, fresh, bytes(message), "priced_at_ahead");
            }
            case 6 -> bad(Topic.CHATS, null, fresh, bytes(chat("other-than-the-key", null, null)), "key_mismatch");
            case 7 ->
                bad(
                        Topic.CHATS,
                        (Partitions.of(fresh, partitions) + 1) % partitions,
                        fresh,
                        bytes(chat(fresh, null, null)),
                        "wrong_partition");
            case 8 -> bad(Topic.CHATS, null, fresh, bytes(chat(fresh, fresh, null)), "self_parent");
            case 9 -> bad(Topic.CHATS, null, fresh, bytes(chat(fresh, FIRST_ROOT, 5L)), "limit_on_child");
            case 10 -> limitAChild();
            case 11 -> redefine();
            default -> addCircle(fresh, id("bad"));
        }
    }

    private void redefine() {
        if (!settled.isEmpty()) {
            ChatCreated other = ChatCreated.newBuilder(pick(settled)).build();
            other.setAccountId("another");
            bad(Topic.CHATS, null, other.getChatId(), bytes(other), "chat_redefined");
        }
    }

    private void limitAChild() {
        List<ChatCreated> children =
                settled.stream().filter(chat -> chat.getParentChatId() != null).toList();
        if (!children.isEmpty()) {
            String child = pick(children).getChatId();
            bad(Topic.CHAT_LIMITS, null, child, bytes(new ChatLimitSet(child, 1L, null, now)), "limit_on_child");
        }
    }

    /** Two chats, each the other's parent, one below them, and a message in each. */
    private void addCircle(String one, String other) {
        String below = id("bad");
        for (ChatCreated chat : List.of(chat(one, other, null), chat(other, one, null), chat(below, one, null))) {
            bad(Topic.CHATS, null, chat.getChatId(), bytes(chat), "no_root");
            MessagePriced message = anyMessage();
            message.setChatId(chat.getChatId());
            bad(Topic.PRICED_MESSAGES, null, chance(0.5) ? chat.getChatId() : one, bytes(message), "no_root");
        }
    }

    private ChatCreated chat(String chatId, String parentChatId, Long limitMicros) {
        return new ChatCreated(chatId, parentChatId, null, account(), limitMicros, now);
    }

    private MessagePriced anyMessage() {
        return message(id("message"), pick(pick(trees)), 0);
    }

    private void add(Topic topic, String key, SpecificRecord event) {
        batch.add(record(topic, null, key, bytes(event)));
    }

    private void bad(Topic topic, Integer partition, String key, byte[] value, String reason) {
        ProducerRecord<byte[], byte[]> record = record(topic, partition, key, value);
        record.headers().add(BAD, utf8(reason));
        batch.add(record);
    }

    private static ProducerRecord<byte[], byte[]> record(Topic topic, Integer partition, String key, byte[] value) {
        return new ProducerRecord<>(NAMES.of(topic), partition, key == null ? null : utf8(key), value);
    }

    private static byte[] bytes(SpecificRecord event) {
        return EVENTS.serializer().serialize("", event);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String id(String kind) {
        return kind + "-" + ++ids;
    }

    private String account() {
        return "account-" + random.nextInt(ACCOUNTS);
    }

    /** Half of them none. */
    private Long limit() {
        return chance(0.5) ? null : 1L + random.nextInt(LIMIT_MOST);
    }

    /** A tenth unpriced, a tenth void. */
    private Long cost() {
        int dice = random.nextInt(10);
        return dice == 0 ? null : dice == 1 ? 0L : Long.valueOf(random.nextInt(COST_MOST));
    }

    /** The root, nothing, or another tree's. */
    private String hint(List<ChatCreated> tree) {
        int dice = random.nextInt(4);
        return dice == 0 ? null : (dice == 1 ? pick(trees) : tree).get(0).getChatId();
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
