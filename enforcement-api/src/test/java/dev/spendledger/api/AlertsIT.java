package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.spendledger.api.testing.TestLedger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules of ops/alerts.yaml against what an instance really exposes, and against their pages. */
class AlertsIT {
    private static final Pattern METRIC = Pattern.compile("\\b(ledger|kafka|jvm|process|system)_[a-z_]+");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)(!=|=~|!~|=)\"([^\"]*)\"");

    @TempDir
    private static Path dir;

    @Test
    void shouldAlertOnWhatAnInstanceExposesAndSayWhatToDo() throws IOException {
        // Given
        List<JsonNode> rules = rules();
        String pages = Files.readString(Path.of("..", "docs", "operations.md"));

        // When
        String exposed;
        try (TestLedger ledger = TestLedger.start(dir)) {
            ledger.http().post("/v1/chats/any/check");
            exposed = ledger.http().get("/metrics").body();
        }

        // Then
        assertThat(rules).isNotEmpty();
        assertThat(rules).allSatisfy(rule -> {
            String name = rule.get("alert").textValue();
            String expression = rule.get("expr").textValue();
            for (String metric : found(METRIC, expression)) {
                assertThat(exposed).as(name).containsPattern("(?m)^" + metric + "[{ ]");
            }
            assertThat(rule.at("/labels/severity").textValue()).isIn("page", "ticket");
            assertThat(rule.at("/annotations/summary").textValue()).isNotBlank();
            assertThat(rule.at("/annotations/runbook").textValue())
                    .isEqualTo("docs/operations.md#" + name.toLowerCase(Locale.ROOT));
            assertThat(pages).contains("### " + name + "\n\n**Meaning.** ");
            String page = pages.substring(pages.indexOf("### " + name + "\n"));
            assertThat(page.substring(0, page.indexOf("**First.** "))).contains("**Impact.** ");
        });
    }

    /** A misspelt value of a label matches nothing, for ever. */
    @Test
    void shouldNameOnlyValuesOfLabelsThatThereAre() throws IOException {
        String exposed;
        try (TestLedger ledger = TestLedger.start(dir.resolve("labels"))) {
            ledger.http().post("/v1/chats/any/check");
            exposed = ledger.http().get("/metrics").body();
        }
        for (JsonNode rule : rules()) {
            LABEL.matcher(rule.get("expr").textValue()).results().forEach(label -> {
                if (Set.of("job", "decision").contains(label.group(1))) {
                    return; // Prometheus' own, and one that is counted once it happens.
                }
                for (String value : label.group(3).split("\\|")) {
                    assertThat(exposed).contains(label.group(1) + "=\"" + value + "\"");
                }
            });
        }
    }

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
    }

    private static List<JsonNode> rules() throws IOException {
        JsonNode groups = new YAMLMapper()
                .readTree(Path.of("..", "ops", "alerts.yaml").toFile())
                .get("groups");
        return StreamSupport.stream(groups.spliterator(), false)
                .flatMap(group -> StreamSupport.stream(group.get("rules").spliterator(), false))
                .toList();
    }
}
