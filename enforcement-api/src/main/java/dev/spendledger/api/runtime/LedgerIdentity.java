package dev.spendledger.api.runtime;

import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.topology.LedgerTopology;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds together what makes a ledger one: its application id and its {@code ledger-routing}. Two ledgers on one such topic
 * would read each other's records and delete what the other has not read yet; one ledger on two would leave behind what is
 * still in the first.
 *
 * <p>A group is taken for a ledger if it has a ledger's changelog topic, and it reads a topic if it has committed an offset
 * there or one of its members is assigned a partition of it. A mere observer of {@code ledger-routing} is neither. What the
 * user of this instance may not see does not keep it from starting.
 */
final class LedgerIdentity {
    private static final Logger log = LoggerFactory.getLogger(LedgerIdentity.class);
    private static final String CHANGELOG = LedgerTopology.ROOT_BY_CHAT.changelog("");
    /** More ledgers than one cluster will ever have. */
    private static final int LEDGERS_MOST = 500;

    private final Admin admin;
    private final String applicationId;
    private final String routingTopic;

    LedgerIdentity(Admin admin, String applicationId, TopicNames names) {
        this.admin = admin;
        this.applicationId = applicationId;
        this.routingTopic = names.of(Topic.LEDGER_ROUTING);
    }

    /**
     * What keeps this application id and this topic from being one ledger.
     *
     * @return a sentence or two for each finding, with what to do; empty = all is well
     * @throws KafkaException if Kafka cannot be asked
     */
    List<String> findings() {
        Map<String, Set<String>> topicsByLedger = topicsRead(ledgers());
        Set<String> ownTopics = topicsByLedger.getOrDefault(applicationId, Set.of());
        Stream<String> readByAnother = topicsByLedger.entrySet().stream()
                .filter(ledger -> !ledger.getKey().equals(applicationId)
                        && ledger.getValue().contains(routingTopic))
                .map(ledger -> readByAnother(ledger.getKey()));
        Stream<String> readsAnother = ownTopics.stream()
                .filter(topic -> topic.endsWith(Topic.LEDGER_ROUTING.baseName()) && !topic.equals(routingTopic))
                .map(this::readsAnother);
        return Stream.concat(readByAnother, readsAnother).sorted().toList();
    }

    private String readByAnother(String ledger) {
        return "Topic " + routingTopic + " is that of another ledger, with the application id " + ledger
                + ". To run beside it as " + applicationId + ", set LEDGER_OUTPUT_TOPIC_PREFIX to a prefix of its own;"
                + " to be an instance of it, set LEDGER_APPLICATION_ID to " + ledger
                + ". If it is gone for good, delete its consumer group and start again.";
    }

    private String readsAnother(String topic) {
        return "The ledger with the application id " + applicationId + " has its state from " + topic + " and not from "
                + routingTopic + ". To run beside it, set LEDGER_APPLICATION_ID to a name of its own; to be an instance"
                + " of it, set LEDGER_OUTPUT_TOPIC_PREFIX and LEDGER_TOPIC_PREFIX to what they were.";
    }

    /** The application ids that have state in this cluster. Where there are none, no group is asked for. */
    private Set<String> ledgers() {
        List<String> ledgers = get(admin.listTopics().names()).stream()
                .filter(topic -> topic.endsWith(CHANGELOG))
                .map(topic -> topic.substring(0, topic.length() - CHANGELOG.length()))
                // Its own first, which must not be among those left out.
                .sorted(Comparator.comparing((String ledger) -> !ledger.equals(applicationId))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        if (ledgers.size() > LEDGERS_MOST) {
            log.warn(
                    "There are too many ledgers to look at all of them. ledgers={} looked_at={}",
                    ledgers.size(),
                    LEDGERS_MOST);
        }
        return ledgers.stream().limit(LEDGERS_MOST).collect(Collectors.toSet());
    }

    private Map<String, Set<String>> topicsRead(Set<String> groups) {
        Map<String, KafkaFuture<ConsumerGroupDescription>> descriptions =
                admin.describeConsumerGroups(groups).describedGroups();
        var offsets = admin.listConsumerGroupOffsets(
                groups.stream().collect(Collectors.toMap(group -> group, group -> new ListConsumerGroupOffsetsSpec())));
        return groups.stream()
                .collect(Collectors.toMap(
                        group -> group,
                        group -> topicsRead(
                                visible(group, descriptions.get(group)),
                                visible(group, offsets.partitionsToOffsetAndMetadata(group)))));
    }

    private static Set<String> topicsRead(
            Optional<ConsumerGroupDescription> description,
            Optional<Map<TopicPartition, OffsetAndMetadata>> committed) {
        Stream<TopicPartition> assigned = description.stream()
                .flatMap(group -> group.members().stream())
                .flatMap(member -> member.assignment().topicPartitions().stream());
        Stream<TopicPartition> withOffset = committed.stream()
                .flatMap(offsets -> offsets.entrySet().stream())
                .filter(offset -> offset.getValue() != null)
                .map(Map.Entry::getKey);
        return Stream.concat(assigned, withOffset).map(TopicPartition::topic).collect(Collectors.toSet());
    }

    /** Empty if there is no such group, or if the user may not see it. */
    private static <T> Optional<T> visible(String group, KafkaFuture<T> future) {
        try {
            return Optional.of(get(future));
        } catch (GroupIdNotFoundException e) {
            return Optional.empty();
        } catch (AuthorizationException e) {
            log.info("A consumer group may not be looked at. group={} cause={}", group, e.getMessage());
            return Optional.empty();
        }
    }

    /** @throws KafkaException if Kafka cannot be asked, or answers with an error */
    static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("Interrupted while asking Kafka about the ledgers on it", e);
        }
    }
}
