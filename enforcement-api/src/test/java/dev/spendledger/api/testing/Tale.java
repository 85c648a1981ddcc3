package dev.spendledger.api.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spendledger.schemas.Topic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Facts drawn by a seed, and what they come to. Told under several prefixes, they are the same facts of other chats: trees
 * of chats, in any order; messages with revisions in any order, unpriced ones and repeats; and limits.
 */
public final class Tale {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TREES = 6;
    private static final long GREATEST = (1L << 53) - 1;
    private static final long PRICED_AT = 1_700_000_000_000L;

    private final String prefix;
    private final Random random;
    private final List<Fact> facts = new ArrayList<>();
    private final List<Fact> limits = new ArrayList<>();
    private final Map<String, String> trees = new TreeMap<>();

    /**
     * An event, with the names and the values that its schema has in JSON.
     *
     * @param topic where it belongs
     */
    public record Fact(Topic topic, String key, ObjectNode event) {
        static Fact of(Topic topic, String keyField, ObjectNode event) {
            return new Fact(topic, event.get(keyField).asText(), event);
        }

        /** @param parentChatId null = a root */
        public static Fact chat(String chatId, String parentChatId, Long limitMicros) {
            return of(
                    Topic.CHATS,
                    "chat_id",
                    JSON.createObjectNode()
                            .put("chat_id", chatId)
                            .put("parent_chat_id", parentChatId)
                            .put("account_id", "a-1")
                            .put("spend_limit_micros", limitMicros)
                            .put("created_at", PRICED_AT));
        }

        /** @param costMicros null = unpriced */
        public static Fact message(String messageId, String chatId, int revision, Long costMicros) {
            return of(
                    Topic.PRICED_MESSAGES,
                    "chat_id",
                    JSON.createObjectNode()
                            .put("message_id", messageId)
                            .put("chat_id", chatId)
                            .put("account_id", "a-1")
                            .put("revision", revision)
                            .put("cost_micros", costMicros)
                            .put("priced_at", PRICED_AT));
        }

        /** @param limitMicros null = none */
        public static Fact limit(String rootChatId, Long limitMicros) {
            return of(
                    Topic.CHAT_LIMITS,
                    "root_chat_id",
                    JSON.createObjectNode()
                            .put("root_chat_id", rootChatId)
                            .put("spend_limit_micros", limitMicros)
                            .put("set_at", PRICED_AT));
        }

        /** A line of JSON. */
        public String line() {
            return JSON.createObjectNode()
                    .put("topic", topic.baseName())
                    .put("key", key)
                    .<ObjectNode>set("event", event)
                    .toString();
        }
    }

    /** @param prefix stands before every id */
    public Tale(long seed, String prefix) {
        this.prefix = prefix;
        this.random = new Random(seed);
        for (int tree = 0; tree < TREES; tree++) {
            drawTree(prefix + "tree-" + tree, tree);
        }
        Collections.shuffle(facts, random);
        facts.addAll(limits); // Their order matters.
    }

    /** In the order to tell them. */
    public List<Fact> facts() {
        return List.copyOf(facts);
    }

    /** By root without its prefix: what the tree must be shown to have come to, in JSON. */
    public Map<String, String> trees() {
        return Collections.unmodifiableMap(trees);
    }

    private void drawTree(String root, int number) {
        List<String> chats = new ArrayList<>(List.of(root));
        Long limit = number % 2 == 0 ? 5_000_000L : null;
        facts.add(Fact.chat(root, null, limit));
        for (int i = 1; i < 1 + number * 2; i++) {
            String chat = root + "." + i;
            facts.add(Fact.chat(chat, any(chats), null));
            chats.add(chat);
        }
        facts.add(facts.get(facts.size() - 1)); // Sent again.
        if (number >= 3) {
            limits.add(Fact.limit(root, 1L));
            limit = number == 3 ? GREATEST : null;
            limits.add(Fact.limit(root, limit));
        }

        long spent = 0;
        int priced = 0;
        int messages = 10 + random.nextInt(20);
        for (int i = 0; i < messages; i++) {
            Long cost = drawMessage(root + "/" + i, any(chats));
            priced += cost == null ? 0 : 1;
            spent += cost == null ? 0 : cost;
        }
        trees.put(
                root.substring(prefix.length()),
                JSON.createObjectNode()
                        .put("spent_micros", spent)
                        .put("limit_micros", limit)
                        .put("priced_messages", priced)
                        .put("unpriced_messages", messages - priced)
                        .put("chats", chats.size())
                        .toString());
    }

    /** All revisions of a message, and some again; returns what the last one says. */
    private Long drawMessage(String messageId, String chatId) {
        Long cost = null;
        int revisions = 1 + random.nextInt(3);
        for (int revision = 0; revision < revisions; revision++) {
            cost = random.nextInt(4) == 0 ? null : (Long) (long) random.nextInt(400_000);
            Fact message = Fact.message(messageId, chatId, revision, cost);
            if (random.nextBoolean()) {
                message.event()
                        .put("model", "large-2")
                        .put("input_tokens", GREATEST)
                        .put("output_tokens", 0L);
            }
            facts.add(message);
            if (random.nextInt(4) == 0) {
                facts.add(message);
            }
        }
        return cost;
    }

    private String any(List<String> chats) {
        return chats.get(random.nextInt(chats.size()));
    }
}
