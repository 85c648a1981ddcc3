package dev.spendledger.schemas;

import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.events.SpendAlert;
import dev.spendledger.events.TreeStatus;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.TopicConfig;

/** The catalogue of the ledger's topics: their names, what is in them, and how they must be set up. */
public enum Topic {
    /** A chat exists. Key: chat id. */
    CHATS("chats", ChatCreated.getClassSchema(), Setup.FACTS),
    /** A billed call has a price. Key: root chat id if the producer knows it, else chat id. */
    PRICED_MESSAGES("priced-messages", MessagePriced.getClassSchema(), Setup.FACTS),
    /** The limit of a tree. Key: root chat id. */
    CHAT_LIMITS("chat-limits", ChatLimitSet.getClassSchema(), Setup.FACTS),
    /** Account-period limits. Key: {@code default}, {@code account:<id>} or {@code group:<id>}. */
    ACCOUNT_LIMITS("account-limits", AccountLimitSet.getClassSchema(), Setup.LATEST_FACTS),
    /** Groups of an account. Key: account id. */
    ACCOUNT_GROUPS("account-groups", AccountGroups.getClassSchema(), Setup.LATEST_FACTS),
    /** Which trees are frozen. Key: root chat id. */
    CHAT_FREEZES("chat-freezes", ChatFreezeSet.getClassSchema(), Setup.LATEST_FACTS),
    /** The ledger talking to itself. Key: the chat or root chat that a record is for. */
    LEDGER_ROUTING("ledger-routing", null, Setup.ROUTING),
    /** How facts change what accounts have spent: from the fold of the trees to that of the accounts. Key: account id. */
    ACCOUNT_DELTAS("account-deltas", null, Setup.ROUTING),
    /** Which trees have reached their limit. Key: root chat id. */
    TREE_STATUS("tree-status", TreeStatus.getClassSchema(), Setup.COMPACTED),
    /** Warnings before a limit is reached. Key: root chat id or account id. */
    SPEND_ALERTS("spend-alerts", SpendAlert.getClassSchema(), Setup.ALERTS),
    /** What could not be counted, with the reason. Key, value and headers: the record's own. */
    DEAD_LETTERS("ledger-dead-letters", null, Setup.DEAD_LETTERS);

    /**
     * The configuration of the topics that keep the state: Kafka Streams' own for them, with the room that a parked event
     * needs.
     */
    public static final Map<String, String> CHANGELOG_SETUP = Setup.CHANGELOG;

    private final String baseName;
    private final Schema recordSchema;
    private final Map<String, String> setup;

    Topic(String baseName, Schema recordSchema, Map<String, String> setup) {
        this.baseName = baseName;
        this.recordSchema = recordSchema;
        this.setup = setup;
    }

    /** The name without the deployment's prefix. */
    public String baseName() {
        return baseName;
    }

    /** The schema of its values; empty where they are no Avro events. */
    public Optional<Schema> recordSchema() {
        return Optional.ofNullable(recordSchema);
    }

    /** The topic configuration it is created with. */
    public Map<String, String> setup() {
        return setup;
    }

    /**
     * The properties of the set-up that a wrong value would break silently, so that the ledger must not be started with one.
     * The rest may be tuned at will, and so may how long priced messages and alerts are kept.
     */
    public Set<String> checkedSetup() {
        Set<String> checked =
                new HashSet<>(Set.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG));
        if (this != PRICED_MESSAGES && this != SPEND_ALERTS && setup.containsKey(TopicConfig.RETENTION_MS_CONFIG)) {
            checked.add(TopicConfig.RETENTION_MS_CONFIG);
            checked.add(TopicConfig.RETENTION_BYTES_CONFIG);
        }
        if (deletedOnceRead() || this == DEAD_LETTERS) {
            checked.add(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
        }
        return checked;
    }

    /**
     * Whether the ledger must know how many partitions it has: because they are the ledger's own, or to tell whether a record
     * is in the partition of its key.
     */
    public boolean coPartitioned() {
        return this != TREE_STATUS && this != SPEND_ALERTS && this != DEAD_LETTERS;
    }

    /** Whether the ledger speaks to itself by it, so that what is read and committed is of no use any more. */
    public boolean deletedOnceRead() {
        return this == LEDGER_ROUTING || this == ACCOUNT_DELTAS;
    }

    /** Whether the ledger itself writes it, so that a second ledger on the same facts needs one of its own. */
    public boolean writtenByLedger() {
        return deletedOnceRead() || this == TREE_STATUS || this == SPEND_ALERTS || this == DEAD_LETTERS;
    }

    /** Nested, because an enum's constants cannot refer to constants of the enum itself. */
    private static final class Setup {
        static final String FOR_EVER = "-1";
        /** What the broker takes by default. */
        static final String FACT_BYTES = "1048588";
        /** Room for the largest fact and what travels with it, or a fact could be too large to become a dead letter. */
        static final String ENVELOPE_BYTES = "2097152";

        static final Map<String, String> FACTS = Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE,
                TopicConfig.RETENTION_MS_CONFIG, FOR_EVER,
                TopicConfig.RETENTION_BYTES_CONFIG, FOR_EVER,
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG, FACT_BYTES,
                // A producer's clock must move nothing.
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");

        static final Map<String, String> LATEST_FACTS = Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT,
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                FACT_BYTES,
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "LogAppendTime");

        static final Map<String, String> ROUTING = Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_DELETE,
                // Deleted once read, never by age: a long stop must lose nothing.
                TopicConfig.RETENTION_MS_CONFIG,
                FOR_EVER,
                TopicConfig.RETENTION_BYTES_CONFIG,
                FOR_EVER,
                // Only whole segments are given back to the disk, so small ones.
                TopicConfig.SEGMENT_BYTES_CONFIG,
                "67108864",
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                ENVELOPE_BYTES,
                // Stamped with the time of its cause: Streams reads the lowest time first, and a routed record must not
                // starve behind a backlog.
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "CreateTime");

        static final Map<String, String> COMPACTED = Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT,
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "CreateTime");

        static final Map<String, String> ALERTS = Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_DELETE,
                // Who was away for longer looks at the spend itself.
                TopicConfig.RETENTION_MS_CONFIG,
                "604800000",
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "CreateTime");

        static final Map<String, String> CHANGELOG = Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT,
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                ENVELOPE_BYTES,
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "CreateTime");

        static final Map<String, String> DEAD_LETTERS = Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE,
                TopicConfig.RETENTION_MS_CONFIG, FOR_EVER,
                TopicConfig.RETENTION_BYTES_CONFIG, FOR_EVER,
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG, ENVELOPE_BYTES,
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "CreateTime");
    }
}
