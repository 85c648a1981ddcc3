package dev.spendledger.api.runtime;

import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.topology.InternalErrorHandler;
import dev.spendledger.streams.topology.LedgerObserver;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The Kafka clients' settings: each that is not Kafka's default stands here once, with its reason and its cost. */
public final class KafkaSettings {
    private static final String ENVELOPE_BYTES = Topic.DEAD_LETTERS.setup().get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);

    private KafkaSettings() {}

    static Map<String, Object> admin(LedgerConfig config) {
        Map<String, Object> settings = common(config);
        // A start against a Kafka that is not there should say so soon, and not after a minute.
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        settings.putAll(config.kafka());
        return settings;
    }

    /** Of a consumer for a command that reads a topic of the ledger from its beginning: in no group, committed records only. */
    public static Map<String, Object> reader(LedgerConfig config) {
        Map<String, Object> settings = common(config);
        // What was written in a transaction that was given up has never happened.
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // A topic that is missing is to be created with its set-up, by `topics create`.
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.putAll(config.kafka());
        return settings;
    }

    static Map<String, Object> producer(LedgerConfig config) {
        int timeoutMs = config.number(Setting.WRITE_TIMEOUT_MS);
        Map<String, Object> settings = common(config);
        // Acknowledged means: on every in-sync replica, and once, however often the client had to send it.
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // A caller waits for the acknowledgement; requests that come together still share a batch.
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        // A write first waits for the topic's metadata or for room, then for its acknowledgement: together the
        // time-out.
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, timeoutMs / 2);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, timeoutMs / 2);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, timeoutMs / 4);
        settings.putAll(config.kafka());
        return settings;
    }

    /** Of a producer for a command that sends records again, many at a time, and waits for all of them. */
    public static Map<String, Object> replayer(LedgerConfig config) {
        Map<String, Object> settings = common(config);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // As large as a fact may be, which is a little more than a producer sends by default.
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, ENVELOPE_BYTES);
        settings.putAll(config.kafka());
        return settings;
    }

    static Map<String, Object> streams(LedgerConfig config, URI advertised, LedgerObserver observer) {
        int commitIntervalMs = config.number(Setting.COMMIT_INTERVAL_MS);
        Map<String, Object> settings = common(config);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, config.text(Setting.APPLICATION_ID));
        settings.put(StreamsConfig.APPLICATION_SERVER_CONFIG, advertised.getHost() + ":" + advertised.getPort());
        settings.put(StreamsConfig.STATE_DIR_CONFIG, config.text(Setting.STATE_DIR));
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, config.number(Setting.REPLICATION_FACTOR));
        settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.number(Setting.STANDBY_REPLICAS));
        // Exactly once: an event's changes to all stores, what it routes and its offset are one transaction.
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        // The new group protocol mixes up the metadata of threads and routes keys to wrong hosts in 4.3.1.
        settings.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
        // More than one, because a partition that is being restored keeps its whole thread from answering strict reads.
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        // A routed event waits for one commit a hop. The poll must not be longer, or the commit waits for it.
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitIntervalMs);
        settings.put(StreamsConfig.POLL_MS_CONFIG, Math.max(1, commitIntervalMs / 5));
        // What is there is folded, whatever else may come: the totals do not depend on order. Else 4.3.1 writes down,
        // for each record and each input that is empty, why it does not wait: a seventh of the fold's time. The cost:
        // in a backlog more messages come before their chat, and wait for it in a store.
        settings.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, -1);
        // An outage of the broker is waited for, however long. Not the greatest number: Streams adds the present time
        // to it.
        settings.put(
                StreamsConfig.TASK_TIMEOUT_MS_CONFIG, Duration.ofDays(3_650).toMillis());
        settings.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, InternalErrorHandler.class.getName());
        // There is no global thread; without this Streams warns of its handler at every start.
        settings.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_GLOBAL_ENABLED_CONFIG, true);
        settings.put(
                InternalErrorHandler.DEAD_LETTERS_TOPIC, config.topicNames().of(Topic.DEAD_LETTERS));
        settings.put(InternalErrorHandler.OBSERVER, observer);
        settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class.getName());

        // By its heartbeat a member hears that partitions are to be handed over; until it does, they are nobody's.
        // With the default of 45 s nobody reads a dead instance's partitions for that long. 6 s is the least that a
        // broker
        // takes by default; the cost is a rebalance when an instance hangs for as long.
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 6_000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 500);
        // Known to the group by name, an instance that comes back within the session gets its partitions back without a
        // rebalance.
        if (!config.text(Setting.INSTANCE_ID).isEmpty()) {
            settings.put(
                    StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
                    config.text(Setting.INSTANCE_ID));
        }
        // An instance that has come back is given its share once its copies are warm, and not 10 minutes later. The
        // least
        // that Streams takes.
        settings.put(
                StreamsConfig.PROBING_REBALANCE_INTERVAL_MS_CONFIG,
                Duration.ofMinutes(1).toMillis());
        // A dead instance's open transaction blocks the readers of what it wrote until it times out.
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 6_000);
        // Each commit of another instance would be fetched by itself: copies may be this much behind. What is restored
        // comes in larger pieces than this, without a wait.
        settings.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.FETCH_MIN_BYTES_CONFIG), 64 * 1_024);
        settings.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), 50);
        // An outage of the broker is waited for here as well: given up after a minute, as by default, a transaction has
        // Kafka
        // Streams empty its stores and revive the task in place, and it was seen to go on folding into what was empty.
        settings.put(
                StreamsConfig.producerPrefix(ProducerConfig.MAX_BLOCK_MS_CONFIG),
                Duration.ofDays(3_650).toMillis());
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG), Integer.MAX_VALUE);
        // Streams' producers wait 100 ms for company by default; a commit flushes them anyway.
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), commitIntervalMs);
        // A full batch wakes the thread that sends, which costs the fold more than what it has just written: as large
        // as what a partition writes between two commits at full speed. The cost: with some hundred partitions on one
        // instance they would take all of the producer's memory, and be sent before they are full.
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 64 << 10);
        // With commits so close, a transaction's first write often finds the one before it not quite closed. By default
        // the
        // producer then waits 100 ms to try again, four commit intervals.
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MS_CONFIG), 5);
        // A dead letter, a routed or a parked event is larger than the record it carries.
        settings.put(StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG), ENVELOPE_BYTES);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), ENVELOPE_BYTES);
        config.kafka().forEach((property, value) -> {
            // A property with a client's prefix would stand above the user's own without one.
            settings.remove(StreamsConfig.consumerPrefix(property));
            settings.remove(StreamsConfig.producerPrefix(property));
            settings.remove(StreamsConfig.restoreConsumerPrefix(property));
            settings.put(property, value);
        });
        return settings;
    }

    /** A consumer that looks at single partitions and leaves no trace: it belongs to no group, so it can commit nothing. */
    static Map<String, Object> onlooker(LedgerConfig config) {
        Map<String, Object> settings = common(config);
        // It asks whether there is a record, and needs no more of one than that.
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1_024);
        settings.putAll(config.kafka());
        return inNoGroup(settings);
    }

    /** Of a consumer that reads whole topics into a view of this instance. */
    static Map<String, Object> view(LedgerConfig config) {
        return inNoGroup(reader(config));
    }

    /** Whatever is set for the clients in general: what it reads is this instance's own affair. */
    private static Map<String, Object> inNoGroup(Map<String, Object> settings) {
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // Committed records, and the ends that the ledger, too, can read to.
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return settings;
    }

    private static Map<String, Object> common(LedgerConfig config) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.text(Setting.BOOTSTRAP_SERVERS));
        return settings;
    }
}
