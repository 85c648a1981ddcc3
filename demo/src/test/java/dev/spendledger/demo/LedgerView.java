package dev.spendledger.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spendledger.demo.DrillLoad.Place;
import dev.spendledger.demo.DrillOracle.Chat;
import dev.spendledger.demo.DrillOracle.Totals;
import dev.spendledger.demo.DrillOracle.Tree;
import dev.spendledger.events.SpendAlert;
import dev.spendledger.events.TreeStatus;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.topology.DeadLetters;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What the world sees of the ledger, over HTTP and in its topics; and where that differs from an oracle. */
final class LedgerView {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** As they are by default. */
    private static final List<Integer> THRESHOLDS = List.of(50, 80, 95, 100);

    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ANSWERS_WITHIN)
            .build();
    private final URI ledger;

    LedgerView(URI ledger) {
        this.ledger = ledger;
    }

    /** Whether a check of this chat rests on a fresh reading. */
    boolean isFresh(String chatId) throws IOException, InterruptedException {
        JsonNode answer = body(send(request("/v1/chats/" + chatId + "/check").POST(BodyPublishers.noBody())));
        return answer.path("served_by").asText().equals("owner")
                && !answer.path("degraded").asBoolean();
    }

    /** Each difference in a line; none = all is as it should be. */
    List<String> differences(DrillOracle oracle, DrillLog log) throws IOException, InterruptedException {
        List<String> differences = new ArrayList<>();
        for (Map.Entry<String, Tree> tree : oracle.trees().entrySet()) {
            addTreeDifferences(differences, tree.getKey(), tree.getValue());
        }
        for (Map.Entry<String, Totals> parked : oracle.parked().entrySet()) {
            JsonNode spend = get("/v1/chats/" + parked.getKey() + "/spend");
            addDifference(differences, "parked at " + parked.getKey(), parkedAsShown(parked.getValue()), parked(spend));
        }
        addDeadLetterDifferences(differences, oracle.deadLetters(), deadLetters(log));
        addStatusDifferences(differences, oracle.trees(), log);
        addAlertDifferences(differences, oracle.trees(), log);
        return differences;
    }

    private void addTreeDifferences(List<String> differences, String root, Tree expected)
            throws IOException, InterruptedException {
        String path = "/v1/chats/" + root + "/spend?breakdown=true&page_size=1000";
        JsonNode first = get(path);
        Map<String, Chat> chats = new TreeMap<>();
        JsonNode page = first;
        addChats(chats, page);
        while (page.hasNonNull("next_page_token")) {
            page = get(path + "&page_token=" + page.get("next_page_token").asText());
            addChats(chats, page);
        }
        JsonNode tree = first.path("tree");
        Totals totals = totals(tree);
        addDifference(differences, "tree " + root, expected.totals(), totals);
        addDifference(
                differences,
                "limit of " + root,
                expected.limitMicros(),
                tree.hasNonNull("limit_micros") ? tree.get("limit_micros").asLong() : null);
        addDifference(
                differences,
                "state of " + root,
                expected.exhausted() ? "exhausted" : "within",
                tree.path("state").asText());
        addDifference(
                differences,
                "chats of " + root,
                (long) expected.chats().size(),
                tree.path("chats").asLong(-1));
        addDifference(
                differences,
                "sum over the chats of " + root,
                totals,
                chats.values().stream().map(Chat::totals).reduce(Totals.ZERO, Totals::plus));
        addDifference(differences, "parked at " + root, parkedAsShown(Totals.ZERO), parked(first));
        Map<String, Chat> all = new TreeMap<>(expected.chats());
        all.putAll(chats);
        for (String chatId : all.keySet()) {
            addDifference(
                    differences,
                    "chat " + chatId + " of " + root,
                    expected.chats().get(chatId),
                    chats.get(chatId));
        }
    }

    private static void addChats(Map<String, Chat> chats, JsonNode page) {
        for (JsonNode chat : page.path("chats")) {
            chats.put(
                    chat.get("chat_id").asText(),
                    new Chat(
                            chat.hasNonNull("parent_chat_id")
                                    ? chat.get("parent_chat_id").asText()
                                    : null,
                            totals(chat)));
        }
    }

    private static Totals totals(JsonNode json) {
        return new Totals(
                json.path("spent_micros").asLong(-1),
                json.path("priced_messages").asLong(-1),
                json.path("unpriced_messages").asLong(-1));
    }

    private static String parkedAsShown(Totals totals) {
        return totals.micros() + " micros in " + (totals.priced() + totals.unpriced()) + " messages";
    }

    private static String parked(JsonNode spend) {
        return spend.path("parked_micros").asLong(-1) + " micros in "
                + spend.path("parked_messages").asLong(-1) + " messages";
    }

    private static List<String> deadLetters(DrillLog log) {
        return log.readAll(Topic.DEAD_LETTERS).stream()
                .map(record -> DrillOracle.deadLetter(
                        new Place(
                                header(record, DeadLetters.TOPIC),
                                Integer.parseInt(header(record, DeadLetters.PARTITION)),
                                Long.parseLong(header(record, DeadLetters.OFFSET))),
                        header(record, DeadLetters.REASON)))
                .toList();
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static void addDeadLetterDifferences(List<String> differences, List<String> expected, List<String> actual) {
        Map<String, Integer> counts = new TreeMap<>();
        actual.forEach(deadLetter -> counts.merge(deadLetter, 1, Integer::sum));
        expected.forEach(deadLetter -> counts.merge(deadLetter, -1, Integer::sum));
        counts.forEach((deadLetter, count) -> addDifference(differences, "dead letter " + deadLetter, 0, count));
    }

    private static void addStatusDifferences(List<String> differences, Map<String, Tree> trees, DrillLog log) {
        Map<String, TreeStatus> last = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : log.readAll(Topic.TREE_STATUS)) {
            last.put(new String(record.key(), StandardCharsets.UTF_8), (TreeStatus)
                    DrillFacts.EVENTS.deserializer().deserialize(record.topic(), record.value()));
        }
        trees.forEach((root, tree) -> {
            TreeStatus status = last.get(root);
            addDifference(
                    differences,
                    "tree-status of " + root,
                    tree.exhausted() ? tree.totals().micros() + " of " + tree.limitMicros() : null,
                    status == null ? null : status.getSpentMicros() + " of " + status.getLimitMicros());
        });
    }

    /** What was warned of on the way is not the oracle's to know, but none of it twice, and all that the end has passed. */
    private static void addAlertDifferences(List<String> differences, Map<String, Tree> trees, DrillLog log) {
        Map<String, Integer> times = new TreeMap<>();
        Set<String> warned = new HashSet<>();
        for (ConsumerRecord<byte[], byte[]> record : log.readAll(Topic.SPEND_ALERTS)) {
            SpendAlert alert =
                    (SpendAlert) DrillFacts.EVENTS.deserializer().deserialize(record.topic(), record.value());
            times.merge(alert.getAlertId(), 1, Integer::sum);
            warned.add(warning(alert.getRootChatId(), alert.getLimitMicros(), alert.getThresholdPercent()));
        }
        times.forEach((alertId, count) -> addDifference(differences, "alerts " + alertId, 1, count));
        trees.forEach((root, tree) -> THRESHOLDS.stream()
                .filter(percent ->
                        tree.limitMicros() != null && tree.totals().micros() * 100 >= tree.limitMicros() * percent)
                .map(percent -> warning(root, tree.limitMicros(), percent))
                .forEach(warning -> addDifference(differences, "alert " + warning, true, warned.contains(warning))));
    }

    private static String warning(String root, long limitMicros, int percent) {
        return root + " has passed " + percent + " % of " + limitMicros;
    }

    private static void addDifference(List<String> differences, String what, Object expected, Object actual) {
        if (!Objects.equals(expected, actual)) {
            differences.add(what + ": expected " + expected + ", was " + actual);
        }
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return body(send(request(path).GET()));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(ledger.resolve(path)).timeout(ANSWERS_WITHIN);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    /** Also of an error: what is missing in it is a difference. */
    private static JsonNode body(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body());
    }
}
