package dev.spendledger.streams.topology;

import dev.spendledger.events.AlertKind;
import dev.spendledger.events.SpendAlert;
import dev.spendledger.events.TreeState;
import dev.spendledger.events.TreeStatus;
import dev.spendledger.state.AccountChangeRow;
import dev.spendledger.streams.domain.AccountChange;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.Pricing;
import dev.spendledger.streams.domain.Thresholds;
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
 * Folds messages into the totals of their tree and chat, says on {@code tree-status} when a tree reaches its limit or is
 * within it again, and warns on {@code spend-alerts} before; tells each account what changes for it.
 * Owns the trees whose root id hashes to this partition. Three stores change in one transaction, so that the chats of a tree
 * always sum up to the tree: the reason for the Processor API.
 */
final class FoldSpendProcessor implements Processor<String, FoldCommand, String, Object>, FoldCommand.Receiver {
    private final long recentRows;
    private final Thresholds thresholds;
    private final LedgerObserver observer;
    private ProcessorContext<String, Object> context;
    private RecentRows<String, TreeSpend> spendByRoot;
    private RecentRows<Bytes, ChatSpend> spendByChat;
    private KeyValueStore<Bytes, Message> messageRevisions;
    private Instant now;

    /**
     * @param recentRows how many rows of trees, and of chats, are kept in memory of this partition
     * @param thresholds what is warned of
     */
    FoldSpendProcessor(long recentRows, Thresholds thresholds, LedgerObserver observer) {
        this.recentRows = recentRows;
        this.thresholds = thresholds;
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
        now = Instant.ofEpochMilli(record.timestamp());
        record.value().deliverTo(record.key(), this);
    }

    @Override
    public void onOpenTree(String rootChatId, ChatFact root) {
        if (spendByRoot.get(rootChatId) != null) {
            return; // Its chat was sent again.
        }
        spendByRoot.put(rootChatId, TreeSpend.opened(root, now));
        spendByChat.put(StoreKeys.of(rootChatId, rootChatId), ChatSpend.joined(null, root.accountId()));
    }

    @Override
    public void onAddMember(String rootChatId, FoldCommand.AddMember member) {
        Bytes key = StoreKeys.of(rootChatId, member.chatId());
        if (spendByChat.get(key) != null) {
            return;
        }
        TreeSpend tree = spendByRoot.get(rootChatId);
        update(rootChatId, tree, tree.withOneMoreChat(now));
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
            changeChat(chats, rootChatId, before, ChatSpend::minus);
            totals = totals.minus(cost(before));
        }
        changeChat(chats, rootChatId, after, ChatSpend::plus);

        chats.forEach(spendByChat::put);
        messageRevisions.put(key, after);
        update(rootChatId, tree, tree.withTotals(totals.plus(cost(after)), now));
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
            BiFunction<ChatSpend, Pricing, ChatSpend> operation) {
        Bytes key = StoreKeys.of(rootChatId, message.attribution().chatId());
        ChatSpend chat = changed.containsKey(key) ? changed.get(key) : spendByChat.get(key);
        changed.put(key, operation.apply(chat, message.pricing()));
    }

    private void update(String rootChatId, TreeSpend before, TreeSpend after) {
        TreeSpend warned = after.warned(thresholds);
        spendByRoot.put(rootChatId, warned);
        TreeStatus status = status(rootChatId, after);
        if (!Objects.equals(status(rootChatId, before), status)) {
            forward(rootChatId, status, LedgerTopology.TREE_STATUS_SINK);
        }
        if (warned != after) { // As for most messages it is not.
            thresholds
                    .between(after.warnedPercent(), warned.warnedPercent())
                    .forEach(percent -> warn(rootChatId, after, percent));
        }
    }

    private void warn(String rootChatId, TreeSpend tree, int percent) {
        forward(rootChatId, alert(rootChatId, tree, percent), LedgerTopology.SPEND_ALERTS_SINK);
        observer.onAlert(AlertKind.TREE_THRESHOLD, percent);
    }

    private void tellAccount(AccountChange change) {
        AccountChangeRow row = new AccountChangeRow(change.at().day().toEpochDay(), StateSerdes.toRow(change.change()));
        forward(change.at().accountId(), row, LedgerTopology.ACCOUNT_DELTAS_SINK);
    }

    private void forward(String key, Object value, String sink) {
        context.forward(new Record<>(key, value, now.toEpochMilli()), sink);
    }

    private SpendAlert alert(String rootChatId, TreeSpend tree, int percent) {
        return SpendAlert.newBuilder()
                .setAlertId("tree:" + rootChatId + ":" + tree.limit().offset() + ":" + percent)
                .setKind(AlertKind.TREE_THRESHOLD)
                .setThresholdPercent(percent)
                .setRootChatId(rootChatId)
                .setAccountId(tree.accountId())
                .setSpentMicros(tree.totals().spentMicros())
                .setLimitMicros(tree.effectiveLimitMicros().orElseThrow())
                .setAt(now)
                .build();
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
                        now)
                : null;
    }
}
