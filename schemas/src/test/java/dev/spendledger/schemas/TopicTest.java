package dev.spendledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.events.SpendAlert;
import dev.spendledger.events.TreeStatus;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The catalogue as a table of its own: what other systems rely on must not change by an edit made in passing. */
class TopicTest {
    private static final Map<String, String> KEPT_FOR_EVER = Map.of(
            "cleanup.policy", "delete",
            "retention.ms", "-1",
            "retention.bytes", "-1",
            "max.message.bytes", "1048588",
            "message.timestamp.type", "LogAppendTime");
    private static final Map<String, String> LATEST_OF_A_KEY = Map.of(
            "cleanup.policy", "compact", "max.message.bytes", "1048588", "message.timestamp.type", "LogAppendTime");
    private static final Map<String, String> ROUTING = Map.of(
            "cleanup.policy", "delete",
            "retention.ms", "-1",
            "retention.bytes", "-1",
            "segment.bytes", "67108864",
            "max.message.bytes", "2097152",
            "message.timestamp.type", "CreateTime");
    private static final Map<String, String> STATUS =
            Map.of("cleanup.policy", "compact", "message.timestamp.type", "CreateTime");
    private static final Map<String, String> ALERTS =
            Map.of("cleanup.policy", "delete", "retention.ms", "604800000", "message.timestamp.type", "CreateTime");
    private static final Map<String, String> DEAD_LETTERS = Map.of(
            "cleanup.policy", "delete",
            "retention.ms", "-1",
            "retention.bytes", "-1",
            "max.message.bytes", "2097152",
            "message.timestamp.type", "CreateTime");

    @ParameterizedTest
    @MethodSource("catalogue")
    void shouldBeAsTheContractSays(
            Topic topic, String baseName, Schema schema, boolean coPartitioned, Map<String, String> setup) {
        assertThat(topic.baseName()).isEqualTo(baseName);
        assertThat(topic.recordSchema()).isEqualTo(Optional.ofNullable(schema));
        assertThat(topic.coPartitioned()).isEqualTo(coPartitioned);
        assertThat(topic.setup()).isEqualTo(setup);
    }

    static Stream<Arguments> catalogue() {
        return Stream.of(
                Arguments.of(Topic.CHATS, "chats", ChatCreated.getClassSchema(), true, KEPT_FOR_EVER),
                Arguments.of(
                        Topic.PRICED_MESSAGES, "priced-messages", MessagePriced.getClassSchema(), true, KEPT_FOR_EVER),
                Arguments.of(Topic.CHAT_LIMITS, "chat-limits", ChatLimitSet.getClassSchema(), true, KEPT_FOR_EVER),
                Arguments.of(
                        Topic.ACCOUNT_LIMITS,
                        "account-limits",
                        AccountLimitSet.getClassSchema(),
                        true,
                        LATEST_OF_A_KEY),
                Arguments.of(
                        Topic.ACCOUNT_GROUPS, "account-groups", AccountGroups.getClassSchema(), true, LATEST_OF_A_KEY),
                Arguments.of(Topic.CHAT_FREEZES, "chat-freezes", ChatFreezeSet.getClassSchema(), true, LATEST_OF_A_KEY),
                Arguments.of(Topic.LEDGER_ROUTING, "ledger-routing", null, true, ROUTING),
                Arguments.of(Topic.ACCOUNT_DELTAS, "account-deltas", null, true, ROUTING),
                Arguments.of(Topic.TREE_STATUS, "tree-status", TreeStatus.getClassSchema(), false, STATUS),
                Arguments.of(Topic.SPEND_ALERTS, "spend-alerts", SpendAlert.getClassSchema(), false, ALERTS),
                Arguments.of(Topic.DEAD_LETTERS, "ledger-dead-letters", null, false, DEAD_LETTERS));
    }

    @Test
    void shouldBeInTheTableAbove() {
        assertThat(catalogue().map(row -> row.get()[0])).containsExactly((Object[]) Topic.values());
    }

    /** A fact, once in, must be able to come out: as a routed record, or as a dead letter, with its headers around it. */
    @ParameterizedTest
    @EnumSource(names = {"LEDGER_ROUTING", "ACCOUNT_DELTAS", "DEAD_LETTERS"})
    void shouldHaveRoomForTheLargestFactAndItsEnvelope(Topic topic) {
        int factBytes = Integer.parseInt(Topic.PRICED_MESSAGES.setup().get("max.message.bytes"));

        assertThat(Integer.parseInt(topic.setup().get("max.message.bytes"))).isGreaterThan(factBytes + 512 * 1024);
    }

    @ParameterizedTest
    @CsvSource({"'', chats", "test., test.chats", "ünï-, ünï-chats"})
    void shouldStandBehindThePrefixOfTheDeployment(String prefix, String name) {
        assertThat(new TopicNames(prefix).of(Topic.CHATS)).isEqualTo(name);
    }

    @ParameterizedTest
    @EnumSource
    void shouldStandBehindThePrefixOfItsOwnWhereTheLedgerWritesIt(Topic topic) {
        // Given
        Set<Topic> written = Set.of(
                Topic.LEDGER_ROUTING, Topic.ACCOUNT_DELTAS, Topic.TREE_STATUS, Topic.SPEND_ALERTS, Topic.DEAD_LETTERS);

        // When
        String name = new TopicNames("eu.", "rebuild.").of(topic);

        // Then
        assertThat(name).isEqualTo((written.contains(topic) ? "rebuild." : "eu.") + topic.baseName());
    }
}
