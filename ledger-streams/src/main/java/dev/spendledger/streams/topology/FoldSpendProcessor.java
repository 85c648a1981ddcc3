package dev.spendledger.streams.topology;

import dev.spendledger.events.TreeState;
import dev.spendledger.events.TreeStatus;
import dev.spendledger.state.AccountChangeRow;
import dev.spendledger.streams.domain.AccountChange;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Folds messages into the totals of their tree and chat, and says on {@code tree-status} when a tree reaches its limit or is
 * within it again; tells each account what changes for it. Owns the trees whose root id hashes to this partition. Three stores change in one transaction, so that
 * the chats of a tree always sum up to the tree: the reason for the Processor API.
 */
final class FoldSpendProcessor implements Processor<String, FoldCommand, String, Object>, FoldCommand.Receiver {
    private final long recentRows;
    private final LedgerObserver observer;
    private ProcessorContext<String, Object> context;
    private RecentRows<String, TreeSpend> spendByRoot;
    private RecentRows<Bytes, ChatSpend> spendByChat;
    private KeyValueStore<Bytes, Message> messageRevisions;
    private long timestamp;

    /** @param recentRows how many rows of trees, and of chats, are kept in memory of this partition */
    FoldSpendProcessor(long recentRows, LedgerObserver observer) {
        this.recentRows = recentRows;
        this.observer = observer;
    }

    @Override
    public void init(ProcessorContext<String, Object> processorContext) {
        context = processorContext;
        spendByRoot = recent(LedgerTopology.SPEND_BY_ROOT.in(context));
        spendByChat = recent(LedgerTopology.SPEND_BY_CHAT.in(context));
        messageRevisions = LedgerTopology.MESSAGE_REVISIONS.in(context);
        observer.onTrees(context.taskId().partition(), spendByRoot);
    }

    private <K, V> RecentRows<K, V> recent(KeyValueStore<K, V> store) {
        return new RecentRows<>(store::get, store::put, recentRows);
    }

    @Override
    public void process(Record<String, FoldCommand> record) {
        timestamp = record.timestamp();
        record.value().deliverTo(record.key(), this);
    }

    @Override
    public void onOpenTree(String rootChatId, ChatFact root) {
        if (spendByRoot.get(rootChatId) != null) {
            return; // Its chat was sent again.
        }
        spendByRoot.put(rootChatId, TreeSpend.opened(root));
        spendByChat.put(StoreKeys.of(rootChatId, rootChatId), ChatSpend.joined(null, root.accountId()));
    }

    @Override
    public void onAddMember(String rootChatId, FoldCommand.AddMember member) {
        Bytes key = StoreKeys.of(rootChatId, member.chatId());
        if (spendByChat.get(key) != null) {
            return;
        }
        TreeSpend tree = spendByRoot.get(rootChatId);
        update(rootChatId, tree, tree.withOneMoreChat());
        spendByChat.put(key, ChatSpend.joined(member.parentChatId(), member.accountId()));
    }

    @Override
    public void onCountMessage(String rootChatId, MessageFact fact) {
        Bytes key = StoreKeys.of(rootChatId, fact.messageId());
        Message before = messageRevisions.get(key);
        Message after = before == null ? Message.of(fact) : before.with(fact);
        if (after.equals(before)) {
            return; // Seen before: it adds nothing.
        }
        TreeSpend tree = spendByRoot.get(rootChatId);
        Totals totals = tree.totals();
        Map<Bytes, ChatSpend> chats = new HashMap<>();
        if (before != null) {
            // Its chat may change as well, when a smaller attribution comes late.
            changeChat(chats, rootChatId, before, Totals::minus);
            totals = totals.minus(cost(before));
        }
        changeChat(chats, rootChatId, after, Totals::plus);

        chats.forEach(spendByChat::put);
        messageRevisions.put(key, after);
        update(rootChatId, tree, tree.withTotals(totals.plus(cost(after))));
        AccountChange.between(before, after).forEach(this::tellAccount);
    }

    @Override
    public void onSetLimit(String rootChatId, Limit limit) {
        TreeSpend tree = spendByRoot.get(rootChatId);
        update(rootChatId, tree, tree.withLimit(limit));
    }

    private static Long cost(Message message) {
        return message.pricing().costMicros();
    }

    private void changeChat(
            Map<Bytes, ChatSpend> changed,
            String rootChatId,
            Message message,
            BiFunction<Totals, Long, Totals> operation) {
        Bytes key = StoreKeys.of(rootChatId, message.attribution().chatId());
        ChatSpend chat = changed.containsKey(key) ? changed.get(key) : spendByChat.get(key);
        changed.put(key, chat.withTotals(operation.apply(chat.totals(), cost(message))));
    }

    private void update(String rootChatId, TreeSpend before, TreeSpend after) {
        spendByRoot.put(rootChatId, after);
        TreeStatus status = status(rootChatId, after);
        if (!Objects.equals(status(rootChatId, before), status)) {
            context.forward(new Record<>(rootChatId, status, timestamp), LedgerTopology.TREE_STATUS_SINK);
        }
    }

    private void tellAccount(AccountChange change) {
        AccountChangeRow row = new AccountChangeRow(change.at().day().toEpochDay(), StateSerdes.toRow(change.change()));
        context.forward(new Record<>(change.at().accountId(), row, timestamp), LedgerTopology.ACCOUNT_DELTAS_SINK);
    }

    /** Null = within its limit: a tombstone. */
    private TreeStatus status(String rootChatId, TreeSpend tree) {
        return tree.exhausted()
                ? new TreeStatus(
                        rootChatId,
                        tree.accountId(),
                        TreeState.EXHAUSTED,
                        tree.totals().spentMicros(),
                        tree.effectiveLimitMicros().orElseThrow(),
                        tree.limit().offset(),
                        Instant.ofEpochMilli(timestamp))
                : null;
    }
}
