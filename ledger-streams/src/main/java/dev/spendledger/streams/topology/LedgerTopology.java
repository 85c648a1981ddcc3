package dev.spendledger.streams.topology;

import dev.spendledger.schemas.StateSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.state.AccountChangeRow;
import dev.spendledger.state.Routing;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.DaySpend;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.LatestFactReader;
import dev.spendledger.streams.topology.LedgerStore.Keys;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * The whole graph of the ledger. One sub-topology for the trees and the accounts: its five sources are co-partitioned, so a
 * partition owns side by side the lineage of the chats, the totals of the roots and those of the accounts that hash to it. A
 * second sub-topology only buries what is wrong in the topics of account-period limits, groups and freezes: those are read by
 * every instance for itself, into views of its own.
 *
 * <pre>
 *  chats ───────────┐
 *  priced-messages ─┤   ┌────────┐   ┌──────────────┐  at home   ┌────────────┐
 *  chat-limits ─────┼──►│ accept │──►│ resolve-root │───────────►│ fold-spend │──► tree-status
 *  ledger-routing ──┘   └───┬────┘   └──┬────────┬──┘            └────────────┘
 *      ▲                    │           │        │ away from home   │ changes of accounts
 *      │                    ▼           ▼        │                  ▼
 *      │               ledger-dead-letters       │            account-deltas ──► sum-account-spend
 *      └─────────────────────────────────────────┘
 *
 *  account-limits, account-groups, chat-freezes ──► check-latest-facts ──► ledger-dead-letters
 * </pre>
 */
public final class LedgerTopology {
    /** Chat id → its lineage: parent, account, and root once that is known. */
    public static final LedgerStore<String, Lineage> ROOT_BY_CHAT =
            new LedgerStore<>("root-by-chat", Keys.ONE_ID, StateSerdes.LINEAGE, Lineage::determined);
    /** Asked chat + origin chat → a question for the root that waits at a chat nobody has created yet. */
    public static final LedgerStore<Bytes, Integer> WAITING_CHATS =
            new LedgerStore<>("waiting-chats", Keys.TWO_IDS, StateSerdes.WAITING_HOPS, hops -> hops);
    /** Chat + kind + source → an event that waits at its chat. */
    public static final LedgerStore<Bytes, Parked> PARKED_EVENTS =
            new LedgerStore<>("parked-events", Keys.PARKED, StateSerdes.PARKED, Parked::determined);
    /** Root chat id → the spend of its tree. */
    public static final LedgerStore<String, TreeSpend> SPEND_BY_ROOT =
            new LedgerStore<>("spend-by-root", Keys.ONE_ID, StateSerdes.TREE_SPEND, TreeSpend::determined);
    /** Root + chat → a member of the tree and its own spend. */
    public static final LedgerStore<Bytes, ChatSpend> SPEND_BY_CHAT =
            new LedgerStore<>("spend-by-chat", Keys.TWO_IDS, StateSerdes.CHAT_SPEND, ChatSpend::determined);
    /** Root + message → what the facts seen of the message come to. */
    public static final LedgerStore<Bytes, Message> MESSAGE_REVISIONS =
            new LedgerStore<>("message-revisions", Keys.TWO_IDS, StateSerdes.MESSAGE, message -> message);
    /** Account + UTC day → what the account spent on that day. Never expired: a period is a sum of days. */
    public static final LedgerStore<Bytes, DaySpend> ACCOUNT_SPEND =
            new LedgerStore<>("account-spend", Keys.ID_AND_DAY, StateSerdes.ACCOUNT_DAY, DaySpend::totals);

    /** Every store; each has a changelog topic of its own. */
    public static final List<LedgerStore<?, ?>> STORES = List.of(
            ROOT_BY_CHAT, WAITING_CHATS, PARKED_EVENTS, SPEND_BY_ROOT, SPEND_BY_CHAT, MESSAGE_REVISIONS, ACCOUNT_SPEND);

    /** The topics that a task of the trees reads, all of the same number of partitions. */
    public static final List<Topic> SOURCES =
            List.of(Topic.CHATS, Topic.PRICED_MESSAGES, Topic.CHAT_LIMITS, Topic.LEDGER_ROUTING);

    /** The topics of which the last record of each key counts. No total is folded from them: instances read them into views. */
    public static final List<Topic> LATEST_FACT_SOURCES =
            List.of(Topic.ACCOUNT_LIMITS, Topic.ACCOUNT_GROUPS, Topic.CHAT_FREEZES);

    /** Every topic that the ledger reads, and whose records may become dead letters. */
    public static final List<Topic> INPUTS = Stream.of(SOURCES, List.of(Topic.ACCOUNT_DELTAS), LATEST_FACT_SOURCES)
            .flatMap(List::stream)
            .toList();

    static final String ACCEPT = "accept";
    static final String RESOLVE_ROOT = "resolve-root";
    static final String FOLD_SPEND = "fold-spend";
    static final String ACCOUNTS = "sum-account-spend";
    static final String ACCOUNT_DELTAS_SINK = "to-account-deltas";
    static final String LATEST_FACTS = "check-latest-facts";
    static final String LATEST_FACTS_DEAD_LETTERS_SINK = "latest-facts-to-dead-letters";
    static final String ROUTING_SINK = "to-ledger-routing";
    static final String TREE_STATUS_SINK = "to-tree-status";
    static final String SPEND_ALERTS_SINK = "to-spend-alerts";
    static final String DEAD_LETTERS_SINK = "to-dead-letters";

    static final Serde<Object> ROUTING_SERDE =
            new StateSerde<>(Routing.getClassSchema(), Routing::new, Routing::getBody);

    static final Serde<AccountChangeRow> ACCOUNT_CHANGE_SERDE =
            new StateSerde<>(AccountChangeRow.getClassSchema(), row -> row, row -> row);

    /** Whatever a record claims: Streams stops for ever at one whose time is negative. */
    static final TimestampExtractor RECORD_TIME = (record, partitionTime) -> Math.max(0, record.timestamp());

    /**
     * Of trees, chats, members and days of accounts each, in all partitions together: some 130 MB of the heap, with ids of 36
     * characters.
     */
    private static final long RECENT_ROWS_MOST = 100_000;

    private LedgerTopology() {}

    /**
     * @param names the names of the topics
     * @param partitions how many partitions the co-partitioned topics have
     * @param events the serde of the event records
     * @param warnings what is warned of
     * @param observer hears what is counted
     */
    public static Topology build(
            TopicNames names,
            int partitions,
            Serde<SpecificRecord> events,
            Warnings warnings,
            LedgerObserver observer) {
        return build(names, partitions, events, warnings, observer, Math.max(1, RECENT_ROWS_MOST / partitions));
    }

    /** @param recentRows how many rows of each kind each partition keeps in memory */
    static Topology build(
            TopicNames names,
            int partitions,
            Serde<SpecificRecord> events,
            Warnings warnings,
            LedgerObserver observer,
            long recentRows) {
        EventReader reader = new EventReader(names, new FactReader(names, partitions, events));
        Topology topology = new Topology();

        // Raw bytes in: a record that cannot be read must still reach the dead letters as it is.
        SOURCES.forEach(source -> addSource(topology, source, names));
        topology.addProcessor(
                ACCEPT,
                () -> new AcceptProcessor(reader, observer),
                SOURCES.stream().map(Topic::baseName).toArray(String[]::new));
        topology.addProcessor(RESOLVE_ROOT, () -> new ResolveRootProcessor(partitions, recentRows, observer), ACCEPT);
        topology.addProcessor(
                FOLD_SPEND, () -> new FoldSpendProcessor(recentRows, warnings.thresholds(), observer), RESOLVE_ROOT);

        topology.addStateStore(ROOT_BY_CHAT.builder(), RESOLVE_ROOT);
        topology.addStateStore(WAITING_CHATS.builder(), RESOLVE_ROOT);
        topology.addStateStore(PARKED_EVENTS.builder(), RESOLVE_ROOT);
        topology.addStateStore(SPEND_BY_CHAT.builder(), RESOLVE_ROOT, FOLD_SPEND);
        topology.addStateStore(SPEND_BY_ROOT.builder(), FOLD_SPEND);
        topology.addStateStore(MESSAGE_REVISIONS.builder(), FOLD_SPEND);

        topology.addSink(
                ROUTING_SINK,
                names.of(Topic.LEDGER_ROUTING),
                new StringSerializer(),
                ROUTING_SERDE.serializer(),
                RESOLVE_ROOT);
        topology.addSink(
                TREE_STATUS_SINK, names.of(Topic.TREE_STATUS), new StringSerializer(), events.serializer(), FOLD_SPEND);
        topology.addSink(
                ACCOUNT_DELTAS_SINK,
                names.of(Topic.ACCOUNT_DELTAS),
                new StringSerializer(),
                ACCOUNT_CHANGE_SERDE.serializer(),
                FOLD_SPEND);

        addSource(topology, Topic.ACCOUNT_DELTAS, names);
        topology.addProcessor(
                ACCOUNTS,
                () -> new AccountSpendProcessor(partitions, recentRows, warnings, observer),
                Topic.ACCOUNT_DELTAS.baseName());
        topology.addStateStore(ACCOUNT_SPEND.builder(), ACCOUNTS);
        // One for both: that joins them to one sub-topology.
        topology.addSink(
                SPEND_ALERTS_SINK,
                names.of(Topic.SPEND_ALERTS),
                new StringSerializer(),
                events.serializer(),
                FOLD_SPEND,
                ACCOUNTS);
        topology.addSink(
                DEAD_LETTERS_SINK,
                names.of(Topic.DEAD_LETTERS),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                ACCEPT,
                RESOLVE_ROOT,
                ACCOUNTS);

        LatestFactReader latestFacts = new LatestFactReader(names, partitions, events);
        LATEST_FACT_SOURCES.forEach(source -> addSource(topology, source, names));
        topology.addProcessor(
                LATEST_FACTS,
                () -> new LatestFactsProcessor(latestFacts, observer),
                LATEST_FACT_SOURCES.stream().map(Topic::baseName).toArray(String[]::new));
        topology.addSink(
                LATEST_FACTS_DEAD_LETTERS_SINK,
                names.of(Topic.DEAD_LETTERS),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                LATEST_FACTS);
        return topology;
    }

    private static void addSource(Topology topology, Topic topic, TopicNames names) {
        topology.addSource(
                AutoOffsetReset.earliest(), // A new ledger must count what is there already.
                topic.baseName(),
                RECORD_TIME,
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                names.of(topic));
    }
}
