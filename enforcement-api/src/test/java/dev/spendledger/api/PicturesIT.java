package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spendledger.api.testing.ProgramRun;
import dev.spendledger.api.testing.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** The pictures of docs/performance.md. */
class PicturesIT {
    private static final Path SHOWN = Path.of("../docs/performance");
    private static final Path TOOL = Path.of("target", "pictures").toAbsolutePath();
    private static final Duration INSTALLS_WITHIN = Duration.ofMinutes(3);
    private static final Duration DRAWS_WITHIN = Duration.ofSeconds(90);

    @TempDir
    Path results;

    @TempDir
    Path pictures;

    @BeforeAll
    static void install() throws IOException {
        Toolchain.NODE.require();
        Files.createDirectories(TOOL);
        for (String file : List.of("package.json", "package-lock.json", "draw.mjs")) {
            Files.copy(SHOWN.resolve(file), TOOL.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        ProgramRun.installPackages(TOOL, INSTALLS_WITHIN);
    }

    @Test
    void shouldDrawWhatWasMeasured() throws Exception {
        // Given
        write("check", "c1_check_per_s", "c64_check_per_s", "c64_hello_per_s", "c64_check_to_hello");
        write("fold", "home_spread_2_threads_per_s", "consume_decode_per_s", "transactions_per_s");
        write("freshness", "home_100_p50_ms", "home_5000_p99_ms", "routed_5000_p99_ms");
        write("growth", "messages_10_check_us", "messages_1000000_check_us", "messages_1000000_to_10");
        write("postgres", "sum_1000_checks_per_s", "counter_checks_per_s", "ledger_checks_per_s");
        write("start", "demo_first_answer_s");
        write("restore", "kept_s", "lost_s", "restored_mib_per_s");

        // When
        ProgramRun run = draw(results);

        // Then
        assertThat(run.status()).as(run.out()).isZero();
        assertThat(pictures().keySet())
                .containsExactly(
                        "check.svg",
                        "fold.svg",
                        "freshness.svg",
                        "goals.svg",
                        "growth.svg",
                        "postgres.svg",
                        "restore.svg",
                        "start.svg");
        assertThat(words("goals.svg"))
                .contains("events folded per second: 42; the goal, at least 100,000, is not reached")
                .contains("until a check sees it, routed, p99 (ms): 42; the goal, at most 100, is reached");
        assertThat(words("restore.svg")).contains("kept", "lost").doesNotContain("restored mib per");
    }

    @Test
    void shouldDrawTheSameEachTime() throws IOException {
        // Given
        write("check", "c1_check_per_s", "c64_check_per_s", "c64_check_to_hello");
        write("growth", "messages_10_check_us", "messages_1000000_check_us", "messages_1000000_to_10");
        draw(results);
        Map<String, String> first = pictures();

        // When
        draw(results);

        // Then
        assertThat(first).isNotEmpty();
        assertThat(pictures()).isEqualTo(first);
    }

    @Test
    void shouldNameWhatItLeavesOut() throws IOException {
        // Given
        write("restore", "kept_s");
        write("check", "c64_check_p99_ms");

        // When
        ProgramRun run = draw(results);

        // Then
        assertThat(run.status()).as(run.out()).isZero();
        assertThat(pictures()).containsOnlyKeys("restore.svg", "goals.svg");
        assertThat(run.out())
                .contains("fold.svg: left out, there is no fold.json.")
                .contains("check.svg: left out, check.json has no figure like ")
                .contains(
                        "goals.svg: without \"checks per second, 64 connections\", for which check.json has no figure");
    }

    @Test
    void shouldNameAFigureThatIsNone() throws IOException {
        // Given
        Files.writeString(
                results.resolve("restore.json"),
                "{\"bench\": \"restore\", \"figures\": {\"kept_s\": {\"median\": 1, \"min\": null, \"max\": 2}}}");

        // When
        ProgramRun run = draw(results);

        // Then
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).contains("restore.json: figures.kept_s.min must be a number");
    }

    @Test
    void shouldShowTheResultsThatStandBesideTheDocument() throws IOException {
        // Given
        Map<String, String> shown = pictures(SHOWN);

        // When
        ProgramRun run = draw(SHOWN);

        // Then
        assertThat(run.status()).as(run.out()).isZero();
        assertThat(pictures()).as("drawn by node draw.mjs").isEqualTo(shown);
    }

    /** A result with these figures, each 42 and at least 40. */
    private void write(String bench, String... figures) throws IOException {
        Map<String, Map<String, Integer>> all = Stream.of(figures)
                .collect(Collectors.toMap(name -> name, name -> Map.of("median", 42, "min", 40, "max", 45)));
        new ObjectMapper()
                .writeValue(
                        results.resolve(bench + ".json").toFile(),
                        Map.of("bench", bench, "figures", new TreeMap<>(all), "cores", 2, "processor", "A processor"));
    }

    private ProgramRun draw(Path from) {
        return ProgramRun.of(
                TOOL,
                Map.of(),
                DRAWS_WITHIN,
                "node",
                "draw.mjs",
                from.toAbsolutePath().toString(),
                pictures.toString());
    }

    private Map<String, String> pictures() throws IOException {
        return pictures(pictures);
    }

    private static Map<String, String> pictures(Path folder) throws IOException {
        Map<String, String> pictures = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".svg")).toList()) {
                pictures.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return pictures;
    }

    /** The texts of a picture, which must be well-formed. */
    private List<String> words(String picture) throws Exception {
        Document svg = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(pictures.resolve(picture).toFile());
        assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
        var texts = svg.getElementsByTagName("text");
        return Stream.iterate(0, i -> i < texts.getLength(), i -> i + 1)
                .map(i -> texts.item(i).getTextContent())
                .toList();
    }
}
