package dev.spendledger.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
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
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates and checks the ledger's topics in a cluster. Every call throws {@link KafkaException} if Kafka cannot be asked, and
 * {@link TopicAuthorizationException}, which names the topic, if the user may not ask.
 */
public final class TopicAdmin {
    private static final Duration KNOWN_WITHIN = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(20);

    private final Admin admin;
    private final TopicNames names;
    private final List<Needed> needed;

    /** A topic as it must be. */
    private record Needed(String name, Map<String, String> setup, Set<String> checkedSetup, boolean coPartitioned) {}

    /**
     * @param changelogs the names of the topics that keep the state. Kafka Streams would create them, but then every instance
     *     would have to be allowed to
     */
    public TopicAdmin(Admin admin, TopicNames names, Collection<String> changelogs) {
        this.admin = admin;
        this.names = names;
        this.needed = Stream.concat(
                        Stream.of(Topic.values())
                                .map(topic -> new Needed(
                                        names.of(topic), topic.setup(), topic.checkedSetup(), topic.coPartitioned())),
                        changelogs.stream()
                                .map(name -> new Needed(
                                        name,
                                        Topic.CHANGELOG_SETUP,
                                        Set.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.MAX_MESSAGE_BYTES_CONFIG),
                                        true)))
                .toList();
    }

    /**
     * Creates the topics that are missing, and waits until they are known; leaves the others as they are.
     *
     * @param replicationFactor how many brokers hold each record; -1 = the broker's default
     * @return the names of those created
     */
    public List<String> create(int partitions, short replicationFactor) {
        Set<String> existing = existing().keySet();
        Map<String, KafkaFuture<Void>> creations = admin.createTopics(needed.stream()
                        .filter(topic -> !existing.contains(topic.name()))
                        .map(topic -> newTopic(topic, partitions, replicationFactor))
                        .collect(Collectors.toList()))
                .values();
        List<String> created = creations.entrySet().stream()
                .filter(creation -> succeeded(creation.getKey(), creation.getValue()))
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.toList());
        awaitAll();
        return created;
    }

    /** A topic is created by the controller, and the brokers hear of it a moment later. */
    private void awaitAll() {
        long endNanos = System.nanoTime() + KNOWN_WITHIN.toNanos();
        while (existing().size() < needed.size()) {
            if (System.nanoTime() - endNanos > 0) {
                throw new KafkaException("The topics were created, and after " + KNOWN_WITHIN.toSeconds()
                        + " s not every broker has heard of them");
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    private static NewTopic newTopic(Needed topic, int partitions, short replicationFactor) {
        return new NewTopic(
                        topic.name(),
                        Optional.of(partitions),
                        Optional.of(replicationFactor).filter(factor -> factor != -1))
                .configs(topic.setup());
    }

    private static boolean succeeded(String topic, KafkaFuture<Void> creation) {
        try {
            get(creation);
            return true;
        } catch (TopicExistsException e) {
            return false;
        } catch (TopicAuthorizationException e) {
            throw denied("create topic " + topic);
        }
    }

    private static TopicAuthorizationException denied(String what) {
        return new TopicAuthorizationException("This user of Kafka may not " + what + ".");
    }

    /** What the cluster has: the partitions of each topic that exists. */
    public Map<Topic, Integer> partitions() {
        Map<String, Integer> existing = existing();
        Map<Topic, Integer> partitions = new EnumMap<>(Topic.class);
        for (Topic topic : Topic.values()) {
            Integer count = existing.get(names.of(topic));
            if (count != null) {
                partitions.put(topic, count);
            }
        }
        return partitions;
    }

    /** What tells a topic that exists from any other, before or after it, of its name. */
    public Uuid id(Topic topic) {
        String name = names.of(topic);
        return get(admin.describeTopics(List.of(name)).topicNameValues().get(name))
                .topicId();
    }

    private Map<String, Integer> existing() {
        Map<String, KafkaFuture<TopicDescription>> descriptions =
                admin.describeTopics(needed.stream().map(Needed::name).toList()).topicNameValues();
        Map<String, Integer> existing = new HashMap<>();
        descriptions.forEach((name, description) -> {
            try {
                existing.put(name, get(description).partitions().size());
            } catch (UnknownTopicOrPartitionException e) {
                return; // Absent from the map says it.
            } catch (TopicAuthorizationException e) {
                throw denied("look at topic " + name);
            }
        });
        return existing;
    }

    /**
     * Everything that keeps the ledger from starting on these topics.
     *
     * @param partitions how many partitions the co-partitioned topics must have
     * @return a sentence for each finding, with what to do; empty = all is well
     */
    public List<String> check(int partitions) {
        Map<String, Integer> existing = existing();
        List<String> findings = new ArrayList<>();
        for (Needed topic : needed) {
            Integer count = existing.get(topic.name());
            if (count == null) {
                findings.add("Topic " + topic.name() + " does not exist; create it with: ledger topics create");
            } else if (topic.coPartitioned() && count != partitions) {
                findings.add("Topic " + topic.name() + " has " + count + " partitions and must have " + partitions
                        + " (LEDGER_PARTITIONS), the same as the other topics that the ledger reads.");
            }
        }
        findings.addAll(wrongSetup(needed.stream()
                .filter(topic -> existing.containsKey(topic.name()))
                .toList()));
        return findings;
    }

    private List<String> wrongSetup(List<Needed> topics) {
        Map<ConfigResource, KafkaFuture<Config>> configs = admin.describeConfigs(
                        topics.stream().map(TopicAdmin::resource).collect(Collectors.toList()))
                .values();
        List<String> findings = new ArrayList<>();
        for (Needed topic : topics) {
            Config config = config(topic, configs.get(resource(topic)));
            for (String property : topic.checkedSetup()) {
                String wanted = topic.setup().get(property);
                ConfigEntry actual = config.get(property);
                if (!wanted.equals(actual.value())) {
                    findings.add("Topic " + topic.name() + " has " + property + "=" + actual.value() + " and must have "
                            + wanted + ".");
                }
            }
        }
        return findings;
    }

    private static Config config(Needed topic, KafkaFuture<Config> config) {
        try {
            return get(config);
        } catch (TopicAuthorizationException e) {
            throw denied("see the set-up of topic " + topic.name());
        }
    }

    private static ConfigResource resource(Needed topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
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
