package dev.spendledger.api;

import static dev.spendledger.api.testing.Events.limit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.CommandRun;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of "Erase an account's data" in docs/operations.md, rehearsed. */
class CopyFactsIT {
    private static final Duration WITHIN = Duration.ofSeconds(120);
    private static final String GONE = "account-to-erase";
    private static final String STAYS = "account-that-stays";
    private static final long HIGH = 1_000_000;

    @TempDir
    Path dir;

    private TestLedger live;
    private Events events;

    @Test
    void shouldLeaveNothingOfTheAccountAndTheTreesOfOthersAsTheyWere() throws Exception {
        try (TestLedger started = TestLedger.start(dir);
                Events opened = new Events(started)) {
            // Given
            live = started;
            events = opened;
            tell();
            await().atMost(WITHIN)
                    .until(() -> live.http()
                                    .get("/v1/chats/theirs/spend")
                                    .json()
                                    .at("/tree/priced_messages")
                                    .asInt()
                            == 3);
            assertThat(topicsWith(topics(""))).contains("chats", "priced-messages", "account-limits");

            // When the topics are missing, then empty, then full
            CommandRun missing = copy("copy.");
            CommandRun created = command("topics", "create", "--topic-prefix=copy.", "--application-id=copied");
            CommandRun copied = copy("copy.");
            CommandRun again = copy("copy.");

            // Then
            assertThat(missing.status()).isEqualTo(2);
            assertThat(missing.err()).contains("Topic copy.chats does not exist", "LEDGER_TOPIC_PREFIX=copy.");
            assertThat(created.status()).isZero();
            assertThat(copied.err()).isEmpty();
            assertThat(copied.status()).isZero();
            assertThat(copied.out())
                    .containsPattern("chats +1 +1 +4 +1\n")
                    .containsPattern("priced-messages +3 +1 +3 +1\n")
                    .containsPattern("chat-limits +1 +0 +1 +0\n")
                    .containsPattern("account-limits +2 +0 +1 +1\n")
                    .containsPattern("account-groups +1 +0 +1 +0\n")
                    .containsPattern("chat-freezes +1 +0 +1 +0\n");
            assertThat(again.status()).isEqualTo(2);
            assertThat(again.err()).contains("--to-prefix is \"copy.\"", "empty");

            // When
            try (LedgerInstance rebuild = live.startBeside(
                    Map.of(
                            Setting.APPLICATION_ID, "copied",
                            Setting.TOPIC_PREFIX, "copy.",
                            Setting.READY_WHEN, "caught_up"),
                    Map.of())) {
                Http rebuilt = new Http(rebuild.url());
                await().atMost(WITHIN).until(() -> rebuilt.get("/readyz").status() == 200);

                // Then
                assertThat(tree(rebuilt, "theirs")).isEqualTo(tree(live.http(), "theirs"));
                assertThat(rebuilt.get("/v1/chats/own/spend").status()).isEqualTo(404);
                assertThat(spent(rebuilt, GONE)).isZero();
                assertThat(spent(rebuilt, "erased")).isEqualTo(20);
                assertThat(rebuilt.get("/v1/limits/accounts/" + STAYS).status()).isEqualTo(404);
                assertThat(rebuilt.post("/v1/chats/theirs/check").status()).isEqualTo(409);
                CommandRun verified = command(
                        "verify",
                        "--topic-prefix=copy.",
                        "--application-id=copied",
                        "--advertised-url=" + rebuild.url());
                assertThat(verified.out()).contains("No difference.");
                assertThat(verified.status()).isZero();
                Set<String> ofCopy = topics("cop");
                assertThat(ofCopy).hasSizeGreaterThan(Topic.values().length);
                assertThat(topicsWith(ofCopy)).isEmpty();
            }
        }
    }

    @Test
    void shouldComeToTheSameTotalsWithAnotherNumberOfPartitions() throws Exception {
        try (TestLedger started = TestLedger.start(dir);
                Events opened = new Events(started)) {
            // Given
            live = started;
            events = opened;
            tell();
            command("topics", "create", "--topic-prefix=copy.", "--application-id=copied", "--partitions=7");

            // When
            CommandRun copied = command("copy-facts", "--to-prefix=copy.");
            try (LedgerInstance rebuild = live.startBeside(
                    Map.of(
                            Setting.APPLICATION_ID, "copied",
                            Setting.TOPIC_PREFIX, "copy.",
                            Setting.PARTITIONS, "7",
                            Setting.READY_WHEN, "caught_up"),
                    Map.of())) {
                Http rebuilt = new Http(rebuild.url());
                await().atMost(WITHIN).until(() -> rebuilt.get("/readyz").status() == 200);

                // Then
                assertThat(copied.status()).isZero();
                assertThat(copied.out())
                        .containsPattern("chats +6 +0 +0 +1\n")
                        .containsPattern("messages +7 +0 +0 +1\n");
                for (String root : List.of("own", "theirs")) {
                    await().atMost(WITHIN)
                            .untilAsserted(() -> assertThat(tree(rebuilt, root)).isEqualTo(tree(live.http(), root)));
                }
                CommandRun verified = command(
                        "verify",
                        "--topic-prefix=copy.",
                        "--application-id=copied",
                        "--partitions=7",
                        "--advertised-url=" + rebuild.url());
                assertThat(verified.out()).contains("No difference.");
                assertThat(verified.status()).isZero();
            }
        }
    }

    @Test
    void shouldSayThatFactsHaveComeInMeanwhile() throws Exception {
        try (TestLedger started = TestLedger.start(dir);
                Events opened = new Events(started)) {
            // Given
            live = started;
            events = opened;
            command("topics", "create", "--topic-prefix=copy.", "--application-id=copied");
            Thread writer = new Thread(() -> {
                for (int number = 0; !Thread.currentThread().isInterrupted(); number++) {
                    message("m-" + number, "theirs", STAYS, 1);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                }
            });
            writer.start();

            // When
            CommandRun run;
            try {
                run = copy("copy.");
            } finally {
                writer.interrupt();
                writer.join();
            }

            // Then
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.err()).contains("Facts have come in meanwhile", "delete");
        }
    }

    private void tell() {
        // Its own tree, in which another account has a chat and pays.
        chat("own", null, GONE);
        chat("own.1", "own", GONE);
        chat("own.guest", "own.1", STAYS);
        message("m-1", "own.1", GONE, 1);
        message("m-2", "own.guest", STAYS, 2);
        events.send(Topic.CHAT_LIMITS, "own", limit("own", HIGH));
        freeze("own");
        // One that never gets a root.
        chat("lost", "never-created", GONE);
        message("m-3", "lost", GONE, 3);
        // That of another account, in which it has a chat and pays.
        chat("theirs", null, STAYS);
        chat("theirs.1", "theirs", GONE);
        message("m-4", "theirs", STAYS, 10);
        message("m-5", "theirs.1", GONE, 20);
        message("m-6", "theirs.1", STAYS, 30);
        events.send(Topic.CHAT_LIMITS, "theirs", limit("theirs", HIGH));
        freeze("theirs");
        // A chat that nobody has created.
        message("m-7", "nobody", STAYS, 5);
        // What says nothing by itself, be it for ever or until time has passed.
        events.sendBytes(Topic.CHATS, null, bytes("rubbish"), bytes("rubbish"));
        events.send(
                Topic.PRICED_MESSAGES,
                "theirs",
                new MessagePriced(
                        "ahead",
                        "theirs",
                        null,
                        STAYS,
                        0,
                        7L,
                        null,
                        null,
                        null,
                        Instant.now().plus(Duration.ofDays(2))));
        // Limits and groups; one limit is taken away by a record that is none.
        limitOf("default");
        limitOf("account:" + GONE);
        limitOf("account:" + STAYS);
        events.sendBytes(Topic.ACCOUNT_LIMITS, null, bytes("account:" + STAYS), bytes("rubbish"));
        for (String account : List.of(GONE, STAYS)) {
            events.send(Topic.ACCOUNT_GROUPS, account, new AccountGroups(List.of("g-1"), Instant.now()));
        }
        events.flush();
    }

    private void chat(String chatId, String parentChatId, String accountId) {
        events.send(Topic.CHATS, chatId, new ChatCreated(chatId, parentChatId, null, accountId, null, Instant.now()));
    }

    private void message(String messageId, String chatId, String accountId, long costMicros) {
        events.send(
                Topic.PRICED_MESSAGES,
                chatId,
                new MessagePriced(messageId, chatId, null, accountId, 0, costMicros, null, null, null, Instant.now()));
    }

    private void freeze(String rootChatId) {
        events.send(Topic.CHAT_FREEZES, rootChatId, new ChatFreezeSet(rootChatId, "why", null, Instant.now()));
    }

    private void limitOf(String key) {
        events.send(Topic.ACCOUNT_LIMITS, key, new AccountLimitSet(HIGH, null, null, Instant.now()));
    }

    private CommandRun copy(String prefix) {
        return command("copy-facts", "--without-account", GONE, "--to-prefix", prefix);
    }

    private CommandRun command(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--bootstrap-servers=" + live.bootstrapServers());
        if (all.stream().noneMatch(argument -> argument.startsWith("--partitions"))) {
            all.add("--partitions=" + live.partitions());
        }
        return CommandRun.of(all.toArray(String[]::new));
    }

    /** A tree with all of its chats, without what only says how it was read, and whose name stands for the account. */
    private static JsonNode tree(Http http, String rootChatId) {
        ObjectNode spend = http.get("/v1/chats/" + rootChatId + "/spend?breakdown=true")
                .json()
                .deepCopy();
        return spend.without(List.of("served_by", "as_of", "lag_ms", "degraded", "degraded_reason"));
    }

    private static long spent(Http http, String accountId) {
        return http.get("/v1/accounts/" + accountId + "/spend")
                .json()
                .get("spent_micros")
                .asLong();
    }

    private Set<String> topics(String prefix) throws Exception {
        try (Admin admin = Admin.create(live.clientSettings())) {
            return admin.listTopics().names().get().stream()
                    .filter(topic -> topic.startsWith(prefix))
                    .collect(Collectors.toSet());
        }
    }

    /** The topics in which the account's id stands somewhere. */
    private List<String> topicsWith(Set<String> topics) {
        return topics.stream()
                .filter(topic -> events.readAll(topic).stream()
                        .anyMatch(record -> contains(record.key()) || contains(record.value())))
                .toList();
    }

    private static boolean contains(byte[] bytes) {
        return bytes != null && new String(bytes, StandardCharsets.ISO_8859_1).contains(GONE);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
