package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The list of promises names the tests that defend them, and the tests name their promises. */
class PromisesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path PROMISES = ROOT.resolve("docs/promises.md");

    private static final Pattern TAG = Pattern.compile("@(?:net\\.jqwik\\.api\\.)?Tag\\(\"(P\\d+)\"\\)");
    private static final Pattern TEST_CLASS = Pattern.compile("`(\\w+)`");
    private static final Pattern ANNOTATIONS = Pattern.compile("(?m)(?:^ *@.*\\n)+");

    @Test
    void shouldListJustTheTestClassesThatCarryTheTagOfAPromise() throws IOException {
        // Given
        Map<String, Set<String>> tagged = new TreeMap<>();
        for (Path source : testSources()) {
            String name = source.getFileName().toString().replace(".java", "");
            TAG.matcher(DocumentsTest.read(source))
                    .results()
                    .forEach(tag -> tagged.computeIfAbsent(tag.group(1), id -> new TreeSet<>())
                            .add(name));
        }

        // When
        Map<String, Set<String>> listed = new TreeMap<>();
        for (List<String> row : DocumentsTest.rows(PROMISES, "The promises")) {
            assertThat(listed.put(row.get(0), testClasses(row.get(3))))
                    .as("%s is listed once", row.get(0))
                    .isNull();
        }

        // Then
        assertThat(listed).isEqualTo(tagged);
        assertThat(listed.values()).doesNotContain(Set.of());
    }

    /** Else {@code -Dgroups} would leave it out: neither engine sees the tags of the other. */
    @Test
    void shouldTagATestForTheEngineThatRunsIt() throws IOException {
        // When
        List<String> wrong = testSources().stream()
                .flatMap(source -> wronglyTagged(source, DocumentsTest.read(source)))
                .toList();

        // Then
        assertThat(wrong).isEmpty();
    }

    private static Stream<String> wronglyTagged(Path source, String text) {
        boolean shortIsJqwiks = text.contains("import net.jqwik.api.Tag;");
        return ANNOTATIONS
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .filter(block -> block.startsWith("    ") && TAG.matcher(block).find())
                .filter(block -> block.contains("@Property")
                        != (block.contains("@net.jqwik.api.Tag") || shortIsJqwiks && block.contains("@Tag")))
                .map(block -> source.getFileName() + "\n" + block);
    }

    private static Set<String> testClasses(String cell) {
        Set<String> names = new TreeSet<>();
        TEST_CLASS.matcher(cell).results().forEach(match -> names.add(match.group(1)));
        return names;
    }

    private static List<Path> testSources() throws IOException {
        try (Stream<Path> modules = Files.list(ROOT)) {
            return modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .flatMap(PromisesTest::sources)
                    .toList();
        }
    }

    private static Stream<Path> sources(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
