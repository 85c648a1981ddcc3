package dev.spendledger.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates and checks the ledger's topics in a cluster. Every call throws {@link KafkaException} if Kafka cannot be asked. */
public final class TopicAdmin {
    private static final Duration KNOWN_WITHIN = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(20);

    private final Admin admin;
    private final TopicNames names;

    public TopicAdmin(Admin admin, TopicNames names) {
        this.admin = admin;
        this.names = names;
    }

    /**
     * Creates the topics that are missing, and waits until they are known; leaves the others as they are.
     *
     * @param replicationFactor how many brokers hold each record; -1 = the broker's default
     * @return the names of those created
     */
    public List<String> create(int partitions, short replicationFactor) {
        Map<String, KafkaFuture<Void>> creations = admin.createTopics(Stream.of(Topic.values())
                        .map(topic -> newTopic(topic, partitions, replicationFactor))
                        .collect(Collectors.toList()))
                .values();
        List<String> created = creations.entrySet().stream()
                .filter(creation -> succeeded(creation.getValue()))
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.toList());
        awaitAll();
        return created;
    }

    /** A topic is created by the controller, and the brokers hear of it a moment later. */
    private void awaitAll() {
        long endNanos = System.nanoTime() + KNOWN_WITHIN.toNanos();
        while (partitions().size() < Topic.values().length) {
            if (System.nanoTime() - endNanos > 0) {
                throw new KafkaException("The topics were created, and after " + KNOWN_WITHIN.toSeconds()
                        + " s not every broker has heard of them");
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    /** The topic as {@link #create} makes it. */
    public NewTopic newTopic(Topic topic, int partitions, short replicationFactor) {
        return new NewTopic(
                        names.of(topic),
                        Optional.of(partitions),
                        Optional.of(replicationFactor).filter(factor -> factor != -1))
                .configs(topic.setup());
    }

    private static boolean succeeded(KafkaFuture<Void> creation) {
        try {
            get(creation);
            return true;
        } catch (TopicExistsException e) {
            return false;
        }
    }

    /** What the cluster has: the partitions of each topic that exists. */
    public Map<Topic, Integer> partitions() {
        Map<String, KafkaFuture<TopicDescription>> descriptions = admin.describeTopics(
                        Stream.of(Topic.values()).map(names::of).collect(Collectors.toList()))
                .topicNameValues();
        Map<Topic, Integer> partitions = new EnumMap<>(Topic.class);
        for (Topic topic : Topic.values()) {
            try {
                partitions.put(
                        topic,
                        get(descriptions.get(names.of(topic))).partitions().size());
            } catch (UnknownTopicOrPartitionException e) {
                continue; // Absent from the map says it.
            }
        }
        return partitions;
    }

    /**
     * Everything that keeps the ledger from starting on these topics.
     *
     * @param partitions how many partitions the co-partitioned topics must have
     * @return a sentence for each finding, with what to do; empty = all is well
     */
    public List<String> check(int partitions) {
        Map<Topic, Integer> existing = partitions();
        List<String> findings = new ArrayList<>();
        for (Topic topic : Topic.values()) {
            Integer count = existing.get(topic);
            if (count == null) {
                findings.add("Topic " + names.of(topic) + " does not exist; create it with: ledger topics create");
            } else if (topic.coPartitioned() && count != partitions) {
                findings.add("Topic " + names.of(topic) + " has " + count + " partitions and must have " + partitions
                        + " (LEDGER_PARTITIONS), the same as the other topics that the ledger reads.");
            }
        }
        findings.addAll(wrongSetup(existing.keySet()));
        return findings;
    }

    private List<String> wrongSetup(Set<Topic> topics) {
        Map<ConfigResource, KafkaFuture<Config>> configs = admin.describeConfigs(
                        topics.stream().map(this::resource).collect(Collectors.toList()))
                .values();
        List<String> findings = new ArrayList<>();
        for (Topic topic : topics) {
            Config config = get(configs.get(resource(topic)));
            for (String property : topic.checkedSetup()) {
                String wanted = topic.setup().get(property);
                ConfigEntry actual = config.get(property);
                if (!wanted.equals(actual.value())) {
                    findings.add("Topic " + names.of(topic) + " has " + property + "=" + actual.value()
                            + " and must have " + wanted + ".");
                }
            }
        }
        return findings;
    }

    private ConfigResource resource(Topic topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, names.of(topic));
    }

    private static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("Interrupted while asking Kafka about its topics", e);
        }
    }
}
