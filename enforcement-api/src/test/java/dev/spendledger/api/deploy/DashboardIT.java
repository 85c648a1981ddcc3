package dev.spendledger.api.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spendledger.api.testing.TestLedger;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queries of ops/dashboard.json against what an instance really exposes. */
class DashboardIT {
    private static final Path FILE = Path.of("..", "ops", "dashboard.json");
    private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z][a-z0-9_]*)(?:\\{(.*)})? \\S+$");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=~?\"([^\"]*)\"");
    /** A metric in a query, and what it is narrowed to. */
    private static final Pattern METRIC = Pattern.compile("\\b([a-z]+(?:_[a-z]+)+)\\{([^}]*)}");

    private static final Pattern BY = Pattern.compile("\\bby \\(([^)]*)\\)");
    private static final Pattern LEGEND = Pattern.compile("\\{\\{([a-z_]+)}}");
    /** What Prometheus adds to each sample. */
    private static final Set<String> ADDED = Set.of("instance", "job");

    @TempDir
    private static Path dir;

    /** A query. */
    private record Query(String panel, String expression, String legend) {}

    @Test
    void shouldAskOnlyForWhatAnInstanceExposes() throws IOException {
        // Given
        List<Query> queries = queries();
        Map<String, Map<String, Set<String>>> exposed = new TreeMap<>(); // Of each metric its labels, and their values.

        // When
        try (TestLedger ledger = TestLedger.start(dir)) {
            ledger.http().post("/v1/chats", "{\"chat_id\": \"c\", \"account_id\": \"a\", \"spend_limit_micros\": 1}");
            ledger.http()
                    .post(
                            "/v1/messages",
                            "{\"message_id\": \"m\", \"chat_id\": \"c\", \"account_id\": \"a\", \"cost_micros\": 1}");
            await().until(() -> ledger.http().post("/v1/chats/c/check").status() == 409);
            System.gc(); // Pauses are exposed from the first on.
            await().until(() -> ledger.http().get("/metrics").body().contains("jvm_gc_pause_seconds_sum"));
            SAMPLE.matcher(ledger.http().get("/metrics").body()).results().forEach(sample -> {
                var labels = exposed.computeIfAbsent(sample.group(1), any -> new TreeMap<>());
                labels(sample.group(2))
                        .forEach(label -> labels.computeIfAbsent(label.group(1), any -> new TreeSet<>())
                                .add(label.group(2)));
            });
        }

        // Then
        assertThat(queries).hasSizeGreaterThan(20).allSatisfy(query -> {
            Set<String> labels = new HashSet<>(ADDED);
            List<MatchResult> metrics =
                    METRIC.matcher(query.expression()).results().toList();
            assertThat(metrics).as(query.panel()).isNotEmpty();
            for (MatchResult metric : metrics) {
                assertThat(exposed).as(query.panel()).containsKey(metric.group(1));
                Map<String, Set<String>> its = exposed.get(metric.group(1));
                labels.addAll(its.keySet());
                labels(metric.group(2))
                        .filter(label -> !ADDED.contains(label.group(1)))
                        .forEach(label -> assertThat(its.get(label.group(1)))
                                .as(query.panel())
                                .contains(label.group(2)));
            }
            Stream.concat(
                            BY.matcher(query.expression())
                                    .results()
                                    .flatMap(by -> Stream.of(by.group(1).split(", "))),
                            LEGEND.matcher(query.legend()).results().map(legend -> legend.group(1)))
                    .forEach(label -> assertThat(labels).as(query.panel()).contains(label));
        });
    }

    private static Stream<MatchResult> labels(String text) {
        return text == null ? Stream.empty() : LABEL.matcher(text).results();
    }

    private static List<Query> queries() throws IOException {
        return panels().flatMap(panel -> panel.get("targets")
                        .valueStream()
                        .map(target -> new Query(
                                panel.get("title").textValue(),
                                target.get("expr").textValue(),
                                target.get("legendFormat").textValue())))
                .toList();
    }

    /** Without the headings. */
    private static Stream<JsonNode> panels() throws IOException {
        return new ObjectMapper()
                .readTree(FILE.toFile())
                .get("panels")
                .valueStream()
                .filter(panel -> panel.has("targets"));
    }

    @Test
    void shouldSayOfEveryPanelWhatItShowsAndAskTheSourceThatIsChosen() throws IOException {
        assertThat(panels()).isNotEmpty().allSatisfy(panel -> {
            assertThat(panel.get("title").textValue()).isNotBlank();
            assertThat(panel.get("description").textValue()).isNotBlank();
            assertThat(panel.at("/datasource/uid").textValue()).isEqualTo("${datasource}");
        });
    }
}
