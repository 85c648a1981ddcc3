package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.testing.CommandRun;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** The commands that hold a running ledger to account: {@code verify}, {@code trace} and {@code replay}. */
@Tag("P16")
class AuditIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** The key of no row, for its length or for its character. */
    private static final byte[] NO_KEY = {0};

    private static final byte[] NO_UTF_8 = {(byte) 0xFF, 'x'};

    @TempDir
    private static Path dir;

    private static TestLedger ledger;
    private static Events events;

    @BeforeAll
    static void start() {
        ledger = TestLedger.start(dir);
        events = new Events(ledger);
    }

    @AfterAll
    static void stop() {
        try (TestLedger stopped = ledger) {
            events.close();
        }
    }

    // ---- verify ----

    @Test
    void shouldFindNoDifferenceWhateverHasComeIn() {
        // Given
        tellEverything("whole");

        // When
        CommandRun run = verify();

        // Then
        assertThat(run.out()).contains("No difference.");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
    }

    @Test
    void shouldFindNoDifferenceWhileFactsGoOnComing() throws Exception {
        // Given
        tellEverything("hurried");

        // When
        CommandRun run = underLoad("hurried", AuditIT::verify);

        // Then
        assertThat(run.out()).contains("No difference.");
        assertThat(run.status()).isZero();
    }

    @Test
    void shouldNotPassAWrongRowThatFactsGoOnTouching() throws Exception {
        // Given
        tellEverything("wrong");
        assertThat(verify().status()).isZero();
        String today = LocalDate.now(ZoneOffset.UTC).toString();
        StoredRow tree = StoredRow.of(LedgerTopology.SPEND_BY_ROOT, "wrong-root");
        StoredRow day = StoredRow.of(LedgerTopology.ACCOUNT_SPEND, "a-1", today);
        ledger.stopInstance();
        tree.changeLastByte(2);
        day.changeLastByte(2);
        ledger.startInstance();

        // When
        CommandRun run = underLoad("wrong", () -> command("verify", "--timeout=15"));

        // Then
        ledger.stopInstance();
        tree.changeLastByte(-2);
        day.changeLastByte(-2);
        ledger.startInstance();
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out())
                .contains("not settled: spend-by-root wrong-root")
                .contains("not settled: account-spend a-1 / " + today)
                .contains("No other difference.");
        assertThat(verify().out()).contains("No difference.");
    }

    /** Runs a command while 200 messages a second come in for one tree. */
    private static CommandRun underLoad(String name, Supplier<CommandRun> command) throws InterruptedException {
        String root = name + "-root";
        String child = name + "-child";
        Thread load = new Thread(() -> {
            for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                // By two ways to one tree, so that the ledger counts them in another order than the log has them.
                send(message(name + "-load-" + i, child, 1 + i % 7), i % 2 == 0 ? child : root);
                LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            }
        });
        load.start();
        try {
            return command.get();
        } finally {
            load.interrupt();
            load.join();
        }
    }

    /** The group's offset is set behind an event while the ledger is down: it never sees it. */
    @Test
    void shouldNameTheTreeThatLacksAnEvent() throws Exception {
        // Given
        tellEverything("lacking");
        assertThat(verify().status()).isZero();
        ledger.stopInstance();
        MessagePriced hidden = message("hidden", "lacking-root", 7);
        send(hidden, "lacking-root");
        events.flush();
        skipToEnd("lacking-root");
        ledger.startInstance();

        // When
        CommandRun lacking = verify();

        // Then
        assertThat(lacking.status()).isEqualTo(1);
        assertThat(lacking.out())
                .contains("spend-by-root lacking-root: totals.sumMicros is 112 and should be 119")
                .contains("message-revisions lacking-root / hidden is missing");

        // And it is whole again once the event is sent again.
        send(hidden, "lacking-root");
        events.flush();
        assertThat(verify().out()).contains("No difference.");
    }

    /** In every store a row with another last byte, one that is no row, and a key that is none. */
    @Test
    void shouldNameEveryRowThatWasChangedByHand() throws Exception {
        // Given
        tellEverything("changed");
        send(
                new MessagePriced(
                        "changed-m3",
                        "changed-root",
                        null,
                        "changed-account",
                        0,
                        5L,
                        null,
                        null,
                        null,
                        Instant.parse("2026-03-31T23:59:59Z")),
                "changed-root");
        events.flush();
        assertThat(verify().status()).isZero();
        List<StoredRow> rows = oneRowOfEachStore();
        ledger.stopInstance();
        List<byte[]> before = new ArrayList<>();
        for (StoredRow row : rows) {
            byte[] value = row.get();
            before.add(value);
            row.changeLastByte(2);
            row.at(NO_KEY).put(value);
            row.at(NO_UTF_8).put(new byte[] {1, 2, 3});
            row.inAnotherPartition().put(value);
        }
        ledger.startInstance();

        // When
        CommandRun run = verify();

        // Then
        ledger.stopInstance();
        for (int i = 0; i < rows.size(); i++) {
            rows.get(i).put(before.get(i));
            rows.get(i).at(NO_KEY).put(null);
            rows.get(i).at(NO_UTF_8).put(null);
            rows.get(i).inAnotherPartition().put(null);
        }
        ledger.startInstance();
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out())
                .contains("root-by-chat changed-root: parked.unpricedMessages is 1 and should be 0")
                .contains("waiting-chats changed-nobody / changed-orphan: the row is 2 and should be 1")
                .contains("parked-events changed-nobody / MESSAGE / ")
                .contains(": costMicros is 4 and should be 3")
                .contains("spend-by-root changed-root: chats is 3 and should be 2")
                .contains("spend-by-chat changed-root / changed-child: totals.unpricedMessages is 1 and should be 0")
                .contains("message-revisions changed-root / changed-m2: the row is unreadable")
                .contains("account-spend changed-account / 2026-03-31: unpricedMessages is 1 and should be 0")
                .contains("28 differences.");
        for (StoredRow row : rows) {
            assertThat(run.out())
                    .contains(row.store.name() + " key 00 is there in partition " + row.partition)
                    .contains(row.store.name() + " key ff78 is there in partition " + row.partition
                            + " and should not be: unreadable")
                    .containsPattern(row.store.name() + " changed-.* is there in partition "
                            + row.inAnotherPartition().partition + " and should not be: ");
        }
        assertThat(verify().out()).contains("No difference.");
    }

    @Test
    void shouldNameRubbishInTheStatusOfTrees() {
        // Given
        events.sendBytes(Topic.TREE_STATUS, null, new byte[] {1}, new byte[] {1, 2, 3});
        events.send(Topic.TREE_STATUS, "rubbish-root", Events.chat("rubbish-root", null, null));
        events.flush();

        // When
        CommandRun run = verify();

        // Then
        events.sendBytes(Topic.TREE_STATUS, null, new byte[] {1}, null);
        events.sendBytes(Topic.TREE_STATUS, null, "rubbish-root".getBytes(StandardCharsets.UTF_8), null);
        events.flush();
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out())
                .containsPattern("tree-status tree-status-\\d@\\d+ is there and should not be: no status of a tree")
                .contains("rows of root-by-chat")
                .contains("2 differences.");
        assertThat(verify().out()).contains("No difference.");
    }

    /** Whatever killed it, a fact that is not counted is no agreement, until it is replayed. */
    @Test
    void shouldNotAgreeWhileTheLedgerHasFailedAtAFact() throws Exception {
        // Given
        tellEverything("failed");
        assertThat(verify().status()).isZero();
        StoredRow row = StoredRow.of(LedgerTopology.SPEND_BY_ROOT, "failed-root");
        ledger.stopInstance();
        byte[] before = row.get();
        row.put(new byte[] {1, 2, 3});
        ledger.startInstance();
        send(message("failed-m3", "failed-root", 7), "failed-root");
        events.flush();
        CommandRun broken = verify();
        ledger.stopInstance();
        row.put(before);
        ledger.startInstance();

        // When
        CommandRun notCounted = verify();

        // Then
        assertThat(broken.status()).isEqualTo(1);
        assertThat(broken.out()).contains("spend-by-root failed-root: the row is unreadable");
        assertThat(notCounted.status()).isEqualTo(1);
        assertThat(notCounted.out())
                .contains("1 records are not counted yet (internal_error)")
                .contains("No difference.");

        // And it is whole again once the fact is replayed.
        assertThat(command("dead-letters", "--reason=internal_error", "--replay")
                        .status())
                .isZero();
        CommandRun whole = verify();
        assertThat(whole.out()).contains("No difference.").doesNotContain("internal_error");
        assertThat(whole.status()).isZero();
    }

    /** It may be rubbish, which no replay helps. */
    @Test
    void shouldSayThatAFactOfAnUnknownSchemaIsNotCounted() {
        // Given
        events.sendBytes(
                Topic.PRICED_MESSAGES, null, "any".getBytes(StandardCharsets.UTF_8), new byte[] {0, 0, 0, 0, 7, 1});
        events.flush();

        // When
        CommandRun run = verify();

        // Then
        assertThat(run.out())
                .contains(
                        "1 records are not counted yet (unknown_schema): ledger dead-letters --reason unknown_schema --replay")
                .contains("No difference.");
        assertThat(run.status()).isZero();
    }

    @Test
    void shouldSayThatItCannotVerifyWithoutAnInstance() {
        // When
        CommandRun run = CommandRun.of(
                "verify",
                "--bootstrap-servers=" + ledger.bootstrapServers(),
                "--partitions=" + ledger.partitions(),
                "--advertised-url=http://127.0.0.1:1");

        // Then
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("http://127.0.0.1:1").contains("does not answer");
    }

    // ---- trace ----

    @Test
    void shouldSayWhereAMessageWent() {
        // Given
        tellEverything("traced");
        verify();

        // When
        CommandRun counted = trace("traced-m1", "traced-child");
        CommandRun parked = trace("traced-parked", "traced-nobody");
        CommandRun dead = trace("traced-dead", "traced-a");
        CommandRun unknown = trace("traced-unknown", "traced-child");

        // Then
        assertThat(counted.status()).isZero();
        assertThat(counted.out().lines())
                .hasSize(2)
                .anyMatch(line -> line.contains("revision 0 100 micros: counted in the tree of traced-root")
                        && line.contains("the price that stands is revision 1, 12 micros"))
                .anyMatch(line -> line.contains("revision 1 12 micros: counted in the tree of traced-root")
                        && line.contains("with this price"));
        assertThat(parked.out()).contains("priced-messages-").contains("parked");
        assertThat(dead.out()).contains("a dead letter (no_root)");
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.out()).contains("was never seen");
    }

    // ---- replay ----

    @Test
    void shouldSayWhatALimitWouldHaveDone() {
        // Given
        events.send(Topic.CHATS, "if-root", Events.chat("if-root", null, null));
        events.send(Topic.CHATS, "if-child", Events.chat("if-child", "if-root", null));
        for (int i = 1; i <= 5; i++) {
            send(message("if-" + i, "if-root", 10), "if-root");
            events.flush();
        }
        send(repriced("if-1", "if-root", 4), "if-root");
        send(repriced("if-5", "if-root", 11), "if-root");
        events.flush();

        // When
        CommandRun run = command("replay", "--limit=30", "--root=if-root");
        CommandRun none = command("replay", "--limit=1000000", "--root=if-root");
        CommandRun unknown = command("replay", "--limit=30", "--root=if-nobody");
        CommandRun child = command("replay", "--limit=30", "--root=if-child");
        CommandRun all = command("replay", "--limit=30", "--all");
        CommandRun wrong = command("replay", "--limit=0", "--all");

        // Then
        assertThat(run.status()).isZero();
        assertThat(run.out())
                .contains("Tree if-root would have been stopped first at ")
                .contains("by message if-3 of chat if-root")
                .contains(
                        "with 30 micros spent; lifted once by a revision; it has spent 45, of which 21 while stopped.")
                .contains("A limit of 30 micros would have stopped tree if-root and saved 21 micros.");
        assertThat(none.status()).isZero();
        assertThat(none.out()).contains("would not have stopped tree if-root.");
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.err()).contains("Chat if-nobody is unknown");
        assertThat(child.status()).isEqualTo(1);
        assertThat(child.err()).contains("Chat if-child is no root: its root is if-root.");
        assertThat(all.out())
                .containsPattern("would have stopped \\d+ of \\d+ trees that have spent anything and saved");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("--limit is 0 and must be 1 to 9007199254740991");
    }

    // ---- fixtures ----

    /** A tree with revisions, a child before its root, a parked message, a circle, a limit that is reached, and rubbish. */
    private static void tellEverything(String name) {
        String root = name + "-root";
        String child = name + "-child";
        events.send(Topic.CHATS, child, Events.chat(child, root, null));
        send(message(name + "-m1", child, 100), child);
        events.send(Topic.CHATS, root, Events.chat(root, null, 100L));
        send(repriced(name + "-m1", child, 12), root);
        send(message(name + "-m2", root, 100), root);
        send(message(name + "-m2", root, 100), "any-key");
        send(message(name + "-parked", name + "-nobody", 3), name + "-nobody");
        events.send(Topic.CHAT_LIMITS, name + "-nobody", Events.limit(name + "-nobody", 3L));
        events.send(Topic.CHATS, name + "-orphan", Events.chat(name + "-orphan", name + "-nobody", null));
        events.send(Topic.CHATS, name + "-a", Events.chat(name + "-a", name + "-b", null));
        events.send(Topic.CHATS, name + "-b", Events.chat(name + "-b", name + "-a", null));
        send(message(name + "-dead", name + "-a", 3), name + "-a");
        events.sendBytes(Topic.CHATS, null, new byte[] {1}, new byte[] {1, 2, 3});
        events.flush();
    }

    private static MessagePriced message(String id, String chatId, long cost) {
        return Events.message(id, chatId, null, cost);
    }

    private static MessagePriced repriced(String id, String chatId, long cost) {
        return new MessagePriced(id, chatId, null, "a-1", 1, cost, null, null, null, Instant.now());
    }

    private static void send(MessagePriced message, String key) {
        events.send(Topic.PRICED_MESSAGES, key, message);
    }

    private static CommandRun verify() {
        return command("verify", "--timeout=60");
    }

    private static CommandRun trace(String messageId, String chatId) {
        return command("trace", messageId, "--chat=" + chatId);
    }

    private static CommandRun command(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--bootstrap-servers=" + ledger.bootstrapServers());
        all.add("--partitions=" + ledger.partitions());
        all.add("--advertised-url=" + ledger.url());
        return CommandRun.of(all.toArray(String[]::new));
    }

    /** Moves the stopped ledger's group behind all that is in the message partition of a key. */
    private static void skipToEnd(String key) throws Exception {
        TopicPartition partition = new TopicPartition(
                "priced-messages", Partitions.of(key.getBytes(StandardCharsets.UTF_8), ledger.partitions()));
        long end = events.readAll(Topic.PRICED_MESSAGES).stream()
                .filter(record -> record.partition() == partition.partition())
                .mapToLong(record -> record.offset() + 1)
                .max()
                .orElseThrow();
        try (Admin admin = Admin.create(ledger.clientSettings())) {
            // The broker takes it once the group is empty.
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> admin.alterConsumerGroupOffsets(
                                    "spend-ledger", Map.of(partition, new OffsetAndMetadata(end)))
                            .all()
                            .get());
        }
    }

    private static List<StoredRow> oneRowOfEachStore() {
        RecordId parked = events.readAll(Topic.PRICED_MESSAGES).stream()
                .filter(record -> Arrays.equals(record.key(), "changed-nobody".getBytes(StandardCharsets.UTF_8)))
                .map(record -> new RecordId(record.topic(), record.partition(), record.offset()))
                .findFirst()
                .orElseThrow();
        return List.of(
                StoredRow.of(LedgerTopology.ROOT_BY_CHAT, "changed-root"),
                StoredRow.of(LedgerTopology.WAITING_CHATS, "changed-nobody", "changed-orphan"),
                StoredRow.of(
                        LedgerTopology.PARKED_EVENTS,
                        "changed-nobody",
                        "MESSAGE",
                        Integer.toString(parked.partition()),
                        Long.toString(parked.offset())),
                StoredRow.of(LedgerTopology.SPEND_BY_ROOT, "changed-root"),
                StoredRow.of(LedgerTopology.SPEND_BY_CHAT, "changed-root", "changed-child"),
                StoredRow.of(LedgerTopology.MESSAGE_REVISIONS, "changed-root", "changed-m2"),
                StoredRow.of(LedgerTopology.ACCOUNT_SPEND, "changed-account", "2026-03-31"));
    }

    /** A row in the files of a stopped ledger. */
    private record StoredRow(LedgerStore<?, ?> store, int partition, byte[] key) {
        static StoredRow of(LedgerStore<?, ?> store, String... ids) {
            int partition = Partitions.of(ids[0].getBytes(StandardCharsets.UTF_8), ledger.partitions());
            return new StoredRow(store, partition, store.key(List.of(ids)));
        }

        StoredRow at(byte[] otherKey) {
            return new StoredRow(store, partition, otherKey);
        }

        StoredRow inAnotherPartition() {
            return new StoredRow(store, (partition + 1) % ledger.partitions(), key);
        }

        byte[] get() throws Exception {
            return within((db, family) -> db.get(family, key));
        }

        /** In the files of a ledger that counts on with it: a small number, which Avro writes twice as large. */
        void changeLastByte(int change) throws Exception {
            byte[] value = get();
            value[value.length - 1] += (byte) change;
            put(value);
        }

        /** @param value null = there is to be none */
        void put(byte[] value) throws Exception {
            within((db, family) -> {
                if (value == null) {
                    db.delete(family, key);
                } else {
                    db.put(family, key, value);
                }
                return value;
            });
        }

        private interface RowAction {
            byte[] on(RocksDB db, ColumnFamilyHandle family) throws RocksDBException;
        }

        private byte[] within(RowAction action) throws Exception {
            Path files;
            try (Stream<Path> found = Files.walk(dir.resolve("state"))) {
                files = found.filter(Files::isDirectory)
                        .filter(path -> path.endsWith(Path.of("rocksdb", store.name())))
                        .filter(path -> path.getParent().getParent().toString().endsWith("_" + partition))
                        .findFirst()
                        .orElseThrow();
            }
            List<ColumnFamilyDescriptor> families = RocksDB.listColumnFamilies(new Options(), files.toString()).stream()
                    .map(ColumnFamilyDescriptor::new)
                    .collect(Collectors.toList());
            List<ColumnFamilyHandle> handles = new ArrayList<>();
            try (DBOptions options = new DBOptions();
                    RocksDB db = RocksDB.open(options, files.toString(), families, handles)) {
                byte[] result = action.on(db, handles.get(0)); // The rows are in the default one.
                handles.forEach(ColumnFamilyHandle::close);
                return result;
            }
        }
    }
}
