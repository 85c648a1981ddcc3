package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The curls that the README shows, run out of its own text. */
class ReadmeIT {
    private static final Path README = Path.of("..", "README.md");
    private static final String SECTION = "## Try it";
    /** Where the README has the ledger listen. */
    private static final String URL = "http://127.0.0.1:8080";

    /** A curl in a block of bash, the status that the text announces before it, and the block of JSON after it. */
    private static final Pattern STEP =
            Pattern.compile("(?s)([^`]*?)\\n```bash\\n(curl [^`]*?)```\\s*```json\\n([^`]*?)```");

    private static final Pattern STATUS = Pattern.compile("\\b[2-5]\\d\\d\\b");
    /** Fields whose values differ from run to run. */
    private static final List<String> VOLATILE = List.of("created_at", "set_at", "resets_at", "as_of", "lag_ms");

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Duration WITHIN = Duration.ofSeconds(20);

    @TempDir
    static Path dir;

    private static EmbeddedLedger ledger;

    record Step(String command, Answer answer) {
        /** A check is asked again until the fold has come as far as the README has it; a write is sent once. */
        boolean isCheck() {
            return command.contains("/check");
        }

        @Override
        public String toString() {
            return answer.status() + ": " + command.lines().findFirst().orElseThrow();
        }
    }

    record Answer(int status, JsonNode body) {}

    @BeforeAll
    static void start() throws Exception {
        ledger = EmbeddedLedger.start(Map.of(), OptionalInt.of(0), dir);
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    static Stream<Step> steps() throws IOException {
        String section = Files.readString(README)
                .lines()
                .dropWhile(line -> !line.equals(SECTION))
                .skip(1)
                .takeWhile(line -> !line.startsWith("## "))
                .reduce("", (text, line) -> text + line + "\n");
        List<Step> steps = STEP.matcher(section).results().map(ReadmeIT::step).toList();
        long curls = section.lines().filter(line -> line.startsWith("curl ")).count();
        assertThat(steps).as("every curl of the README, with its answer").hasSize((int) curls);
        return steps.stream();
    }

    private static Step step(MatchResult match) {
        String status = STATUS.matcher(match.group(1))
                .results()
                .reduce((first, last) -> last)
                .orElseThrow(
                        () -> new AssertionError("The README does not say how this is answered: " + match.group(2)))
                .group();
        return new Step(match.group(2), new Answer(Integer.parseInt(status), json(match.group(3))));
    }

    @ParameterizedTest
    @MethodSource("steps")
    void shouldAnswerAsTheReadmeSays(Step step) throws Exception {
        // When
        Answer first = run(step.command());

        // Then
        await().atMost(WITHIN)
                .untilAsserted(() ->
                        assertThat(step.isCheck() ? run(step.command()) : first).isEqualTo(step.answer()));
    }

    private static Answer run(String command) throws Exception {
        Process bash = new ProcessBuilder(
                        "bash", "-c", command.replace(URL, ledger.url().toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(bash.waitFor()).as("exit status of: %s", command).isZero();
        int statusAt = output.lastIndexOf('\n') + 1;
        return new Answer(Integer.parseInt(output.substring(statusAt)), json(output.substring(0, statusAt)));
    }

    private static JsonNode json(String text) {
        try {
            JsonNode json = MAPPER.readTree(text);
            if (json instanceof ObjectNode object) {
                VOLATILE.stream().filter(object::has).forEach(field -> object.put(field, "(differs)"));
            }
            return json;
        } catch (JsonProcessingException e) {
            throw new AssertionError("No JSON: " + text, e);
        }
    }
}
