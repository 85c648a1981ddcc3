package dev.spendledger.api;

import static dev.spendledger.api.testing.Events.chat;
import static dev.spendledger.api.testing.Events.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Rubbish;
import dev.spendledger.api.testing.Rubbish.Fate;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.RejectReason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rubbish of every kind goes into every input topic while good events flow, and touches none of them. */
@Tag("P04")
@Tag("P11")
class RubbishIT {
    private static final long SEED = 3;
    private static final int GOOD_MESSAGES = 3_000;
    private static final int TREES = 5;
    private static final long LIMIT_MICROS = 1L << 40;
    private static final int ROUNDS = 4;
    /** Beyond the greatest depth by three. */
    private static final int DEEPEST = Ranges.MAX_DEPTH + 3;

    private static final Duration WITHIN = Duration.ofMinutes(3);

    @TempDir
    Path dir;

    private final Random random = new Random(SEED);
    private final List<Tree> trees = new ArrayList<>();
    private final List<String> unhealthy = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger healthy = new AtomicInteger();
    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
    private TestLedger ledger;
    private Http http;
    private Events events;

    /** What a good tree must come to: the sum that the test keeps by itself. */
    private static final class Tree {
        private final String root;
        private final List<String> chats;
        private long spentMicros;
        private long priced;
        private long unpriced;

        Tree(String root) {
            this.root = root;
            this.chats = List.of(root, root + "-1", root + "-2", root + "-3");
        }
    }

    private record Spend(long spentMicros, long priced, long unpriced, long chats, long limitMicros) {}

    @BeforeEach
    void start() {
        ledger = TestLedger.start(dir);
        http = ledger.http();
        events = new Events(ledger);
    }

    @AfterEach
    void stop() {
        scheduler.shutdownNow();
        events.close();
        ledger.close();
    }

    @Test
    void shouldKeepGoodTotalsExactAndEveryPieceOfRubbishInTheDeadLettersOnce() throws Exception {
        // Given
        IntStream.range(0, TREES).forEach(number -> trees.add(createTree("good-" + number)));
        Tree abused = trees.get(0);
        await().atMost(WITHIN)
                .untilAsserted(() -> trees.forEach(
                        tree -> assertThat(spend(tree.root).chats()).isEqualTo(tree.chats.size())));
        Rubbish rubbish = new Rubbish(events, ledger.partitions(), random, abused.root, abused.chats.get(1));
        Deque<Runnable> steps = new ArrayDeque<>(tooDeepChain(rubbish));
        steps.addAll(rubbish.steps(ROUNDS));
        scheduler.scheduleWithFixedDelay(this::askForHealth, 0, 20, TimeUnit.MILLISECONDS);

        // When
        sendAtATime(steps);
        events.flush();

        // Then
        await().atMost(WITHIN)
                .untilAsserted(() -> trees.forEach(tree -> assertThat(spend(tree.root))
                        .as(tree.root)
                        .isEqualTo(new Spend(
                                tree.spentMicros,
                                tree.priced,
                                tree.unpriced,
                                tree.chats.size() + (tree == abused ? rubbish.childrenOfGoodRoot() : 0),
                                LIMIT_MICROS))));
        await().atMost(WITHIN)
                .untilAsserted(
                        () -> assertThat(spend("deep-0")).isEqualTo(new Spend(1, 1, 0, Ranges.MAX_DEPTH + 1, -1)));
        await().atMost(WITHIN).untilAsserted(() -> assertThat(deadLetters()).hasSameSizeAs(rubbish.fates()));
        assertThat(deadLetters()).containsExactlyInAnyOrderElementsOf(rubbish.fates());
        assertThat(rubbish.fates().stream().map(Fate::reason).distinct())
                .as("every reason but those of a bug and of a lost registry, which there is none of")
                .hasSize(RejectReason.values().length - 2);
        assertThat(unhealthy).isEmpty();
        assertThat(healthy.get()).isGreaterThan(100);
        assertThat(metric("kafka_stream_failed_stream_threads")).isZero();
        assertThat(metric("ledger_parked_messages")).isZero();
    }

    private Tree createTree(String root) {
        Tree tree = new Tree(root);
        events.send(Topic.CHATS, root + "-2", chat(root + "-2", root + "-1", null));
        events.send(Topic.CHATS, root + "-3", chat(root + "-3", root, null));
        events.send(Topic.CHATS, root + "-1", chat(root + "-1", root, null));
        events.send(Topic.CHATS, root, chat(root, null, LIMIT_MICROS));
        events.flush();
        return tree;
    }

    /** A chain that has a root, and is too long for its last three chats. */
    private List<Runnable> tooDeepChain(Rubbish rubbish) {
        List<Runnable> steps = new ArrayList<>();
        steps.add(() -> events.send(Topic.CHATS, "deep-0", chat("deep-0", null, null)));
        String deepestGood = "deep-" + Ranges.MAX_DEPTH;
        steps.add(() -> events.send(Topic.PRICED_MESSAGES, deepestGood, message("m-1", deepestGood, null, 1)));
        for (int depth = 1; depth <= DEEPEST; depth++) {
            String id = "deep-" + depth;
            String parent = "deep-" + (depth - 1);
            steps.add(
                    depth <= Ranges.MAX_DEPTH
                            ? () -> events.send(Topic.CHATS, id, chat(id, parent, null))
                            : () -> rubbish.send(Topic.CHATS, id, chat(id, parent, null), RejectReason.NO_ROOT));
        }
        String deepest = "deep-" + DEEPEST;
        steps.add(() -> rubbish.send(
                Topic.PRICED_MESSAGES, "deep-0", message("m-1", deepest, "deep-0", 1), RejectReason.NO_ROOT));
        return steps;
    }

    /** A good message every 5 ms, and with each as much of the rest as it takes for both to end together. */
    private void sendAtATime(Deque<Runnable> rest) throws ExecutionException, InterruptedException {
        int atATime = rest.size() / GOOD_MESSAGES + 1;
        AtomicInteger left = new AtomicInteger(GOOD_MESSAGES);
        ScheduledFuture<?> sending = scheduler.scheduleAtFixedRate(
                () -> {
                    sendGoodMessage(left.get());
                    for (int i = 0; i < atATime && !rest.isEmpty(); i++) {
                        rest.remove().run();
                    }
                    if (left.decrementAndGet() == 0) {
                        throw new AllSent();
                    }
                },
                0,
                5,
                TimeUnit.MILLISECONDS);
        try {
            sending.get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof AllSent)) {
                throw e;
            }
        }
        assertThat(rest).isEmpty();
    }

    /** The way to end what is done at a fixed rate. */
    private static final class AllSent extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Of any chat, under any key, in any partition; some are unpriced, and some are sent twice. */
    private void sendGoodMessage(int number) {
        Tree tree = trees.get(random.nextInt(TREES));
        String chatId = tree.chats.get(random.nextInt(tree.chats.size()));
        Long cost = random.nextInt(20) == 0 ? null : (long) random.nextInt(1_000);
        MessagePriced message = message("m-" + number, chatId, null, 0);
        message.setCostMicros(cost);
        byte[] key = random.nextInt(10) == 0
                ? new byte[] {(byte) 0xFF, (byte) number}
                : List.of(tree.root, chatId, "any-" + number)
                        .get(random.nextInt(3))
                        .getBytes(StandardCharsets.UTF_8);
        Integer partition = random.nextInt(5) == 0 ? random.nextInt(ledger.partitions()) : null;
        byte[] value = Events.bytes(Topic.PRICED_MESSAGES, message);
        for (int times = random.nextInt(20) == 0 ? 2 : 1; times > 0; times--) {
            events.send(new ProducerRecord<>(Topic.PRICED_MESSAGES.baseName(), partition, key, value));
        }
        tree.spentMicros += cost == null ? 0 : cost;
        tree.priced += cost == null ? 0 : 1;
        tree.unpriced += cost == null ? 1 : 0;
    }

    private void askForHealth() {
        try {
            Http.Reply ready = http.get("/readyz");
            Http.Reply live = http.get("/livez");
            if (ready.status() == 200 && live.status() == 200 && ready.body().contains("state RUNNING")) {
                healthy.incrementAndGet();
            } else {
                unhealthy.add(ready.body() + live.body());
            }
        } catch (AssertionError e) {
            unhealthy.add(e.toString());
        }
    }

    private Spend spend(String chatId) {
        JsonNode tree = http.get("/v1/chats/" + chatId + "/spend").json().path("tree");
        return new Spend(
                tree.path("spent_micros").asLong(-1),
                tree.path("priced_messages").asLong(-1),
                tree.path("unpriced_messages").asLong(-1),
                tree.path("chats").asLong(-1),
                tree.path("limit_micros").asLong(-1));
    }

    private List<Fate> deadLetters() {
        return events.readAll(Topic.DEAD_LETTERS).stream()
                .map(record -> Fate.of(
                        header(record, "__streams.errors.topic"),
                        Integer.parseInt(header(record, "__streams.errors.partition")),
                        Long.parseLong(header(record, "__streams.errors.offset")),
                        header(record, "ledger.reason"),
                        record.key(),
                        record.value()))
                .toList();
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private double metric(String name) {
        List<String> lines = http.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .toList();
        assertThat(lines).as(name).isNotEmpty();
        return lines.stream()
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
