package dev.spendledger.api;

import static dev.spendledger.api.testing.Events.chat;
import static dev.spendledger.api.testing.Events.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.topology.LedgerTopology;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two instances hand partitions to each other and back, while messages are written and both are asked without a pause. What
 * a tree was once shown to have spent, no later answer may fall below, whoever gives it.
 */
@Tag("P07")
@Tag("P18")
class OwnershipIT {
    private static final Duration WITHIN = Duration.ofSeconds(120);
    private static final String GROUP = "spend-ledger";
    private static final String FIRST = "first";
    private static final String SECOND = "second";
    private static final int PARTITIONS = 4;
    private static final long WRITE_PERIOD_MS = 4;
    private static final long STALE_AFTER_MS = 5_000;
    private static final int ROUNDS_WHEN_SETTLED = 3;
    private static final int VIOLATIONS_KEPT = 20;
    /** Of a partition that cannot be read just now. The owner's own doubts, and a chat never heard of, are not among them. */
    private static final Set<String> NO_READING =
            Set.of("rebalancing", "starting", "deadline", "store_error", "owner_unreachable");

    @TempDir
    Path dir;

    private final List<Tree> trees = new ArrayList<>();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private volatile Stay stay = new Stay();

    /** A root and its child, which live in two partitions. */
    private static final class Tree {
        private final String rootId;
        private final String childId;
        private final int partition;
        private final boolean exhausted;
        /** In micros: what has been given to the broker, and the most that a fresh answer has shown. */
        private final AtomicLong sent = new AtomicLong();

        private final AtomicLong shown = new AtomicLong();

        Tree(String rootId, String childId, boolean exhausted) {
            this.rootId = rootId;
            this.childId = childId;
            this.partition = Partitions.of(rootId, PARTITIONS);
            this.exhausted = exhausted;
        }
    }

    /** One stay of the second instance: what it has answered for is not the first's until it leaves. */
    private static final class Stay {
        private final Set<Integer> takenOver = ConcurrentHashMap.newKeySet();
        private volatile boolean leaving;

        boolean hasTaken(int partition) {
            return !leaving && takenOver.contains(partition);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldAnswerAtTheOwnerOnlyWhilePartitionsMove(int standbys) throws Exception {
        Map<Setting, String> settings = Map.of(
                Setting.APPLICATION_ID, GROUP,
                Setting.PARTITIONS, String.valueOf(PARTITIONS),
                Setting.STANDBY_REPLICAS, String.valueOf(standbys));
        try (TestLedger ledger = TestLedger.start(dir, settings, clients(FIRST));
                Events events = new Events(ledger);
                Admin admin = Admin.create(ledger.clientSettings())) {
            // Given
            plantTrees(events);
            awaitAllSpent(ledger.http());
            awaitSettled(admin, Map.of(FIRST, ledger.http()));
            try (Writer writer = new Writer(events);
                    Watcher first = new Watcher(FIRST, ledger.http())) {
                // When an instance comes without state, and later again with the state that it left with
                for (int stays = 0; stays < 2; stays++) {
                    stay = new Stay();
                    try (LedgerInstance joined = ledger.startBeside(
                                    Map.of(
                                            Setting.STATE_DIR,
                                            dir.resolve(SECOND).toString()),
                                    clients(SECOND));
                            Watcher second = new Watcher(SECOND, new Http(joined.url()))) {
                        awaitSettled(admin, Map.of(FIRST, ledger.http(), SECOND, new Http(joined.url())));
                        awaitMoreRounds(first, second);
                        stay.leaving = true;
                        joined.close();
                    }
                    awaitSettled(admin, Map.of(FIRST, ledger.http()));
                    awaitMoreRounds(first);
                }
                writer.stop();
            }

            // Then
            awaitAllSpent(ledger.http());
            assertThat(violations).isEmpty();
        }
    }

    /**
     * With the name of an instance, by which the broker knows its members. On a machine that is busy with other things an
     * instance may stand still for seconds; put out of the group, it would have to take back what it has shown and not
     * committed, which is not what is tried here.
     */
    private static Map<String, String> clients(String name) {
        return Map.of(
                "LEDGER_KAFKA_CLIENT_ID", name,
                "LEDGER_KAFKA_SESSION_TIMEOUT_MS", "45000",
                "LEDGER_KAFKA_TRANSACTION_TIMEOUT_MS", "45000");
    }

    /** In each partition one within its limit and one that has reached it. */
    private void plantTrees(Events events) {
        for (int number = 0; number < 2 * PARTITIONS; number++) {
            int partition = number % PARTITIONS;
            boolean exhausted = number >= PARTITIONS;
            String rootId = idIn(partition, "tree-" + number);
            Tree tree = new Tree(rootId, idIn((partition + 1) % PARTITIONS, rootId + "-child"), exhausted);
            events.send(Topic.CHATS, rootId, chat(rootId, null, exhausted ? 1_000L : 1_000_000_000L));
            events.send(Topic.CHATS, tree.childId, chat(tree.childId, rootId, null));
            tree.sent.addAndGet(1_000);
            events.send(Topic.PRICED_MESSAGES, rootId, message(rootId + "-m", tree.childId, null, 1_000));
            trees.add(tree);
        }
        events.flush();
    }

    private static String idIn(int partition, String prefix) {
        return IntStream.iterate(0, number -> number + 1)
                .mapToObj(number -> prefix + "-" + number)
                .filter(id -> Partitions.of(id, PARTITIONS) == partition)
                .findFirst()
                .orElseThrow();
    }

    /** Writes a message every few milliseconds, some under the key of a chat in another partition than its tree. */
    private final class Writer implements AutoCloseable {
        private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        private final Events events;
        private int written;

        Writer(Events events) {
            this.events = events;
            timer.scheduleWithFixedDelay(this::write, 0, WRITE_PERIOD_MS, TimeUnit.MILLISECONDS);
        }

        private void write() {
            Tree tree = trees.get(written % trees.size());
            String chatId = written % 3 == 0 ? tree.rootId : tree.childId;
            tree.sent.addAndGet(7);
            events.send(Topic.PRICED_MESSAGES, chatId, message("m-" + written, chatId, null, 7));
            written++;
        }

        void stop() throws InterruptedException {
            timer.shutdown();
            assertThat(timer.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            events.flush();
        }

        @Override
        public void close() {
            timer.shutdownNow();
        }
    }

    /** Asks an instance for all trees again and again, in every way that there is, and holds each answer against the rest. */
    private final class Watcher implements AutoCloseable {
        private final String name;
        private final Http http;
        private final Thread thread = new Thread(this::watch);
        private volatile boolean stopping;
        private volatile long rounds;
        /** Until it has been ready it may not know yet which trees are exhausted. */
        private boolean ready;

        Watcher(String name, Http http) {
            this.name = name;
            this.http = http;
            thread.start();
        }

        private void watch() {
            Stay during = stay;
            try {
                while (!stopping && violations.size() < VIOLATIONS_KEPT) {
                    ready = ready || http.get("/readyz").status() == 200;
                    trees.forEach(this::ask);
                    IntStream.range(0, PARTITIONS).forEach(this::askForRows);
                    rounds++;
                }
            } catch (AssertionError | RuntimeException e) {
                if (!(name.equals(SECOND) && during.leaving)) {
                    violations.add(name + ": " + e);
                }
            }
        }

        private void ask(Tree tree) {
            new Asked(tree).judgeCheck(check(http, tree));
            new Asked(tree).judgeCheck(checkChild(http, tree));
            new Asked(tree).judgeSpend(spend(http, tree));
        }

        private void askForRows(int partition) {
            List<Asked> asked = trees.stream()
                    .filter(tree -> tree.partition == partition)
                    .map(Asked::new)
                    .toList();
            Reply reply = state(http, partition);
            if (isUnavailable(reply)) {
                return;
            }
            Map<String, Long> rows = rows(reply);
            asked.forEach(each -> each.judgeTotals("a row", rows.getOrDefault(each.tree.rootId, -1L), false, reply));
        }

        /** What was known when a question was about to be asked. */
        private final class Asked {
            private final Tree tree;
            private final long least;
            private final Stay during = stay;
            private final boolean givenUp;

            Asked(Tree tree) {
                this.tree = tree;
                this.least = tree.shown.get();
                this.givenUp = name.equals(FIRST) && during.hasTaken(tree.partition);
            }

            void judgeCheck(Reply reply) {
                JsonNode answer = reply.json();
                if (reply.status() == 409) {
                    judge(tree.exhausted, "rejected within its limit", reply);
                    judgeSpent(answer.path("spent_micros"), reply);
                } else if (!answer.path("scopes").isEmpty()) {
                    judge(reply.status() == 200 && !tree.exhausted, "allowed beyond its limit", reply);
                    judgeSpent(answer.at("/scopes/0/spent_micros"), reply);
                } else {
                    boolean marked = reply.status() == 200
                            && !(ready && tree.exhausted)
                            && answer.path("degraded").asBoolean()
                            && NO_READING.contains(
                                    answer.path("degraded_reason").asText())
                            && answer.path("scopes").isEmpty()
                            && "fail-open".equals(reply.header("spend-check"));
                    judge(marked, "allowed without a reading and not marked so", reply);
                }
            }

            void judgeSpend(Reply reply) {
                if (reply.status() != 503) {
                    judge(reply.status() == 200, "forgotten", reply);
                    judgeSpent(reply.json().at("/tree/spent_micros"), reply);
                }
            }

            /** Of this instance, of the one that it has asked, or of what is left where there is no owner just then. */
            private void judgeSpent(JsonNode spent, Reply reply) {
                String servedBy = reply.json().path("served_by").asText();
                if (servedBy.equals("owner")) {
                    judgeTotals("an answer", spent.asLong(-1), isFresh(reply), reply);
                } else if (servedBy.equals("peer")) {
                    judge(spent.asLong(-1) >= least, "a peer's answer below the " + least + " that were shown", reply);
                    judge(spent.asLong(-1) <= tree.sent.get(), "a peer's answer above all that was sent", reply);
                } else {
                    // A rejection does not say how new it is.
                    boolean markedOrNew = reply.status() == 409
                            || reply.json().path("degraded").asBoolean()
                            || reply.json().path("lag_ms").asLong(Long.MAX_VALUE) <= STALE_AFTER_MS;
                    judge(markedOrNew, "old, not the owner's word, and not marked so", reply);
                    judge(spent.asLong(-1) <= tree.sent.get(), "an old answer above all that was sent", reply);
                }
            }

            void judgeTotals(String what, long spent, boolean fresh, Reply reply) {
                judge(spent >= least, what + " below the " + least + " that were shown before", reply);
                judge(spent <= tree.sent.get(), what + " above all that was sent", reply);
                judge(!(givenUp && during.hasTaken(tree.partition)), what + " after it was given up", reply);
                if (fresh) {
                    tree.shown.accumulateAndGet(spent, Math::max);
                }
                if (name.equals(SECOND) && !during.leaving) {
                    during.takenOver.add(tree.partition);
                }
            }

            private void judge(boolean right, String wrong, Reply reply) {
                if (!right && violations.size() < VIOLATIONS_KEPT) {
                    violations.add(name + ", " + tree.rootId + " in partition " + tree.partition + ": " + wrong + ": "
                            + reply.status() + " " + reply.body());
                }
            }
        }

        @Override
        public void close() throws InterruptedException {
            stopping = true;
            thread.join();
        }
    }

    // ---- the questions ----

    private static Reply check(Http http, Tree tree) {
        return http.post("/v1/chats/" + tree.rootId + "/check");
    }

    /** The child's own partition may be another's: with the hint it need not be asked. */
    private static Reply checkChild(Http http, Tree tree) {
        return http.post("/v1/chats/" + tree.childId + "/check", "{\"root_chat_id\": \"" + tree.rootId + "\"}");
    }

    private static Reply spend(Http http, Tree tree) {
        return http.get("/v1/chats/" + tree.rootId + "/spend");
    }

    private static Reply state(Http http, int partition) {
        return http.get("/internal/state/" + LedgerTopology.SPEND_BY_ROOT.name() + "/" + partition);
    }

    private static boolean isUnavailable(Reply reply) {
        return reply.status() != 200 || reply.json().has("unavailable");
    }

    private static boolean isFresh(Reply reply) {
        return reply.json().path("served_by").asText().equals("owner")
                && !reply.json().path("degraded").asBoolean();
    }

    private static Map<String, Long> rows(Reply reply) {
        Map<String, Long> spentByRoot = new HashMap<>();
        for (JsonNode row : reply.json().get("rows")) {
            byte[] value = Base64.getUrlDecoder().decode(row.get("value").textValue());
            byte[] key = Base64.getUrlDecoder().decode(row.get("key").textValue());
            String rootId = new String(key, StandardCharsets.UTF_8);
            spentByRoot.put(
                    rootId,
                    ((TreeSpend) LedgerTopology.SPEND_BY_ROOT.row(key, value).value())
                            .totals()
                            .spentMicros());
        }
        return spentByRoot;
    }

    // ---- what is waited for ----

    private void awaitAllSpent(Http http) {
        patiently()
                .untilAsserted(() -> assertThat(trees)
                        .allSatisfy(tree -> assertThat(spend(http, tree)
                                        .json()
                                        .at("/tree/spent_micros")
                                        .asLong(-1))
                                .isEqualTo(tree.sent.get())));
    }

    /** Waits until each tree is answered for by the instance that has its partition, as the broker knows, and by no other. */
    private void awaitSettled(Admin admin, Map<String, Http> instances) {
        patiently().untilAsserted(() -> {
            Map<Integer, String> owners = ownersByPartition(admin);
            assertThat(owners).hasSize(PARTITIONS);
            assertThat(Set.copyOf(owners.values())).isEqualTo(instances.keySet());
            assertThat(trees).allSatisfy(tree -> {
                String owner = owners.get(tree.partition);
                assertThat(freshAt(instances, http -> check(http, tree))).containsExactly(owner);
                assertThat(freshAt(instances, http -> spend(http, tree))).containsExactly(owner);
                assertThat(instances.keySet().stream()
                                .filter(name -> !isUnavailable(state(instances.get(name), tree.partition))))
                        .containsExactly(owner);
            });
        });
    }

    private static List<String> freshAt(Map<String, Http> instances, Function<Http, Reply> ask) {
        return instances.keySet().stream()
                .filter(name -> isFresh(ask.apply(instances.get(name))))
                .toList();
    }

    /** As the members of the consumer group are assigned; empty while that is being negotiated. */
    private static Map<Integer, String> ownersByPartition(Admin admin) throws ExecutionException, InterruptedException {
        ConsumerGroupDescription group =
                admin.describeConsumerGroups(List.of(GROUP)).all().get().get(GROUP);
        Map<Integer, String> owners = new HashMap<>();
        if (group.groupState() == GroupState.STABLE) {
            for (MemberDescription member : group.members()) {
                String name = member.clientId().substring(0, member.clientId().indexOf('-'));
                for (TopicPartition partition : member.assignment().topicPartitions()) {
                    owners.put(partition.partition(), name);
                }
            }
        }
        return owners;
    }

    /** Waits until what is settled has been asked for some more. */
    private void awaitMoreRounds(Watcher... watchers) {
        for (Watcher watcher : watchers) {
            long before = watcher.rounds;
            patiently().until(() -> watcher.rounds >= before + ROUNDS_WHEN_SETTLED);
        }
    }

    private ConditionFactory patiently() {
        return await().atMost(WITHIN).failFast(() -> assertThat(violations).isEmpty());
    }
}
