package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.AccountDay;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.DaySpend;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.Root;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * All stores of a ledger at one moment, those of several partitions put together.
 *
 * @param parkedRows how many events wait
 * @param parkedMessageRows how many of them are messages
 */
record LedgerState(
        Map<String, Lineage> lineages,
        Map<String, TreeSpend> trees,
        Map<Pair, ChatSpend> chats,
        Map<Pair, Message> messages,
        Map<AccountDay, DaySpend> accountDays,
        int waitingQuestions,
        int parkedRows,
        long parkedMessageRows) {

    /** A key of two ids, such as a root and a chat of its tree. */
    record Pair(String first, String second) implements Comparable<Pair> {
        @Override
        public int compareTo(Pair other) {
            return Comparator.comparing(Pair::first).thenComparing(Pair::second).compare(this, other);
        }
    }

    /** Gives the store of one partition. */
    interface Stores {
        <K, V> KeyValueStore<K, V> get(LedgerStore<K, V> store);
    }

    static LedgerState of(Iterable<Stores> partitions) {
        Map<String, Lineage> lineages = new TreeMap<>();
        Map<String, TreeSpend> trees = new TreeMap<>();
        Map<Pair, ChatSpend> chats = new TreeMap<>();
        Map<Pair, Message> messages = new TreeMap<>();
        Map<AccountDay, DaySpend> accountDays = new HashMap<>();
        Map<Pair, Integer> questions = new TreeMap<>();
        Map<String, Parked> parked = new TreeMap<>();
        long parkedMessageRows = 0;
        for (Stores stores : partitions) {
            readAll(stores.get(LedgerTopology.ROOT_BY_CHAT), lineages, key -> key);
            readAll(stores.get(LedgerTopology.SPEND_BY_ROOT), trees, key -> key);
            readAll(stores.get(LedgerTopology.SPEND_BY_CHAT), chats, LedgerState::pair);
            readAll(stores.get(LedgerTopology.MESSAGE_REVISIONS), messages, LedgerState::pair);
            readAll(
                    stores.get(LedgerTopology.ACCOUNT_SPEND),
                    accountDays,
                    key -> new AccountDay(StoreKeys.first(key), StoreKeys.day(key)));
            readAll(stores.get(LedgerTopology.WAITING_CHATS), questions, LedgerState::pair);
            readAll(stores.get(LedgerTopology.PARKED_EVENTS), parked, Bytes::toString);
            try (KeyValueIterator<Bytes, Parked> rows =
                    stores.get(LedgerTopology.PARKED_EVENTS).all()) {
                while (rows.hasNext()) {
                    parkedMessageRows += Parked.Kind.MESSAGE.isKindOf(rows.next().key) ? 1 : 0;
                }
            }
        }
        return new LedgerState(
                lineages, trees, chats, messages, accountDays, questions.size(), parked.size(), parkedMessageRows);
    }

    private static <K, N, V> void readAll(KeyValueStore<K, V> store, Map<N, V> into, Function<K, N> name) {
        try (KeyValueIterator<K, V> rows = store.all()) {
            rows.forEachRemaining(row -> assertThat(into.put(name.apply(row.key), row.value))
                    .as("%s has %s in one partition only", store.name(), row.key)
                    .isNull());
        }
    }

    private static Pair pair(Bytes key) {
        ByteBuffer buffer = ByteBuffer.wrap(key.get());
        byte[] first = new byte[Short.toUnsignedInt(buffer.getShort())];
        buffer.get(first);
        return new Pair(new String(first, StandardCharsets.UTF_8), StoreKeys.second(key));
    }

    /**
     * Checks what holds at every moment, whatever has come in: the chats of a tree sum up to the tree, the messages to both,
     * and what is parked is counted right.
     */
    void assertBooksBalance() {
        Map<String, Totals> byRootOfChats = new TreeMap<>();
        Map<String, Long> members = new TreeMap<>();
        chats.forEach((key, chat) -> {
            byRootOfChats.merge(key.first(), chat.totals(), Totals::and);
            members.merge(key.first(), 1L, Long::sum);
        });
        Map<String, Totals> byRootOfMessages = new TreeMap<>();
        Map<Pair, Totals> byChatOfMessages = new TreeMap<>();
        trees.keySet().forEach(root -> byRootOfMessages.put(root, Totals.ZERO));
        chats.keySet().forEach(chat -> byChatOfMessages.put(chat, Totals.ZERO));
        messages.forEach((key, message) -> {
            Totals one = Totals.ZERO.plus(message.pricing().costMicros());
            byRootOfMessages.merge(key.first(), one, Totals::and);
            byChatOfMessages.merge(new Pair(key.first(), message.attribution().chatId()), one, Totals::and);
        });
        Map<String, Totals> totalsOfTrees = new TreeMap<>();
        Map<String, Long> chatsOfTrees = new TreeMap<>();
        trees.forEach((root, tree) -> {
            totalsOfTrees.put(root, tree.totals());
            chatsOfTrees.put(root, tree.chats());
        });
        Map<Pair, Totals> totalsOfChats = new TreeMap<>();
        chats.forEach((key, chat) -> totalsOfChats.put(key, chat.totals()));

        assertThat(totalsOfTrees).as("spend-by-root = sum of spend-by-chat").isEqualTo(byRootOfChats);
        assertThat(totalsOfTrees).as("spend-by-root = sum of message-revisions").isEqualTo(byRootOfMessages);
        assertThat(totalsOfChats).as("spend-by-chat = sum of message-revisions").isEqualTo(byChatOfMessages);
        assertThat(chatsOfTrees).as("chats of a tree = its members").isEqualTo(members);
        assertThat(lineages.values().stream()
                        .mapToLong(lineage -> lineage.parked().messages())
                        .sum())
                .as("parked totals = parked rows")
                .isEqualTo(parkedMessageRows);
    }

    /** What is known of a chat's root, in words. */
    String rootOf(String chatId) {
        Lineage lineage = lineages.get(chatId);
        if (lineage == null || !lineage.isCreated()) {
            return "not created";
        }
        if (lineage.root() instanceof Root.Rooted rooted) {
            return rooted.rootChatId() + " at depth " + rooted.depth();
        }
        return lineage.root() == null ? "not known yet" : "none";
    }
}
