package dev.spendledger.api.runtime;

import dev.spendledger.schemas.Topic;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.FenceProducersOptions;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the user of an instance must be allowed to do in a Kafka with ACLs, and which of it this user may not. Kafka Streams
 * finds that out thread by thread, when it is at work, and its threads die of it.
 *
 * <p>{@code Describe} is not among these rights: who may read, write or delete may describe.
 */
public final class Rights {
    private static final Logger log = LoggerFactory.getLogger(Rights.class);
    /** A member and a transactional id that nobody has: those of Kafka Streams end in a number. */
    private static final String NOBODY = "rights-check";

    private static final long ANSWERED_WITHIN_MS = 15_000;

    private final LedgerConfig config;

    /**
     * What may be done with something in Kafka.
     *
     * @param type what it is, as {@code kafka-acls.sh} names it
     * @param name its name, or what its name begins with
     * @param topics the topics that are meant, if it is topics
     */
    private record Right(Set<AclOperation> operations, String type, String name, boolean prefix, List<String> topics) {
        Right of(Set<AclOperation> fewer) {
            return new Right(fewer, type, name, prefix, topics);
        }

        String operationNames(String before, String between) {
            return operations.stream()
                    .map(operation -> before + Rights.name(operation))
                    .collect(Collectors.joining(between));
        }
    }

    public Rights(LedgerConfig config) {
        this.config = config;
    }

    /** The commands that grant all of them to a user {@code ledger}. */
    public List<String> commands() {
        return Stream.concat(topics(), Stream.of(group(), transactions()))
                .map(this::command)
                .toList();
    }

    private Stream<Right> topics() {
        Set<AclOperation> operations = EnumSet.of(AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE_CONFIGS);
        Set<AclOperation> andDelete = EnumSet.copyOf(operations);
        andDelete.add(AclOperation.DELETE);
        return Stream.concat(
                Stream.of(Topic.values()).map(topic -> {
                    String name = config.topicNames().of(topic);
                    return new Right(
                            topic.deletedOnceRead() ? andDelete : operations, "topic", name, false, List.of(name));
                }),
                Stream.of(new Right(operations, "topic", ownPrefix(), true, config.changelogs())));
    }

    private Right group() {
        return new Right(Set.of(AclOperation.READ), "group", config.text(Setting.APPLICATION_ID), false, List.of());
    }

    private Right transactions() {
        return new Right(Set.of(AclOperation.WRITE), "transactional-id", ownPrefix(), true, List.of());
    }

    /** Kafka Streams puts it before all that is this ledger's own. */
    private String ownPrefix() {
        return config.text(Setting.APPLICATION_ID) + "-";
    }

    private String command(Right right) {
        return "kafka-acls.sh --bootstrap-server " + config.text(Setting.BOOTSTRAP_SERVERS)
                + " --add --allow-principal User:ledger " + right.operationNames("--operation ", " ")
                + (right.prefix() ? " --resource-pattern-type prefixed" : "") + " --" + right.type() + " "
                + right.name();
    }

    /** As {@code kafka-acls.sh} has it: {@code DescribeConfigs}. */
    private static String name(AclOperation operation) {
        return Stream.of(operation.name().split("_"))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }

    /**
     * The rights that the user of this connection lacks. Of topics that do not exist it finds none, and none where Kafka does
     * not tell who may do what.
     *
     * @return a sentence for each, with the command that grants it; empty = all is well
     * @throws KafkaException if Kafka cannot be asked
     */
    List<String> missing(Admin admin) {
        Map<String, Set<AclOperation>> allowed = allowed(admin);
        List<Right> missing = new ArrayList<>();
        topics().forEach(right -> {
            Set<AclOperation> lacking = EnumSet.copyOf(right.operations());
            lacking.removeIf(operation -> right.topics().stream()
                    .allMatch(topic ->
                            !allowed.containsKey(topic) || allowed.get(topic).contains(operation)));
            if (!lacking.isEmpty()) {
                missing.add(right.of(lacking));
            }
        });
        if (!mayReadGroup(admin)) {
            missing.add(group());
        }
        if (!mayWriteTransactions(admin)) {
            missing.add(transactions());
        }
        return missing.stream().map(this::finding).toList();
    }

    private String finding(Right missing) {
        return "The ledger's user has no right to " + missing.operationNames("", ", ") + " on "
                + missing.type().replace('-', ' ') + " " + missing.name() + (missing.prefix() ? "*" : "")
                + "; grant it, in the user's own name, with: " + command(missing);
    }

    /** What may be done with each topic; one that is not there, or of which Kafka does not tell, is not in the map. */
    private Map<String, Set<AclOperation>> allowed(Admin admin) {
        Map<String, KafkaFuture<TopicDescription>> descriptions = admin.describeTopics(
                        topics().flatMap(right -> right.topics().stream()).toList(),
                        new DescribeTopicsOptions().includeAuthorizedOperations(true))
                .topicNameValues();
        Map<String, Set<AclOperation>> allowed = new TreeMap<>();
        descriptions.forEach((topic, description) -> {
            try {
                Set<AclOperation> operations = get(description).authorizedOperations();
                if (operations != null) {
                    allowed.put(topic, operations);
                }
            } catch (UnknownTopicOrPartitionException e) {
                return; // Whoever looks for topics finds it missing.
            } catch (AuthorizationException e) {
                allowed.put(topic, Set.of());
            }
        });
        return allowed;
    }

    /**
     * Of a group that does not exist yet Kafka does not tell what may be done with it. So the group is left by a member that
     * it never had, which needs the right to read and does nothing.
     */
    private boolean mayReadGroup(Admin admin) {
        MemberToRemove nobody = new MemberToRemove(NOBODY);
        try {
            get(admin.removeMembersFromConsumerGroup(
                            config.text(Setting.APPLICATION_ID),
                            new RemoveMembersFromConsumerGroupOptions(Set.of(nobody)))
                    .memberResult(nobody));
            return true;
        } catch (UnknownMemberIdException e) {
            return true;
        } catch (AuthorizationException e) {
            return false;
        } catch (RetriableException e) {
            return isNotSaid(group(), e);
        }
    }

    /**
     * May transactions be described, that says nothing of writing. So one is asked for that is longer than Kafka takes: only
     * who may write is refused for its length, and nothing comes of it.
     */
    private boolean mayWriteTransactions(Admin admin) {
        try {
            get(admin.fenceProducers(
                            List.of(ownPrefix() + NOBODY), new FenceProducersOptions().timeoutMs(Integer.MAX_VALUE))
                    .all());
            return true;
        } catch (InvalidTxnTimeoutException e) {
            return true;
        } catch (AuthorizationException e) {
            return false;
        } catch (RetriableException e) {
            return isNotSaid(transactions(), e);
        }
    }

    /** A Kafka that has just been set up has no coordinator yet; that must not end a start. */
    private static boolean isNotSaid(Right right, RetriableException cause) {
        log.warn(
                "Kafka does not say in time whether its user has a right; it is taken for granted. right={} on={} cause={}",
                right.operations(),
                right.type(),
                cause.toString());
        return true;
    }

    private static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get(ANSWERED_WITHIN_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
        } catch (TimeoutException e) {
            throw new org.apache.kafka.common.errors.TimeoutException(
                    "no answer within " + ANSWERED_WITHIN_MS + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("Interrupted while asking Kafka what its user may do", e);
        }
    }
}
