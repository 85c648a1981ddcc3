package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a production instance is started with: the jars that the build puts together for {@code serve}. */
class ShippedLibrariesIT {
    private static final Path LIBRARIES = Path.of("target", "lib");
    private static final Pattern BROKER_CLASS =
            Pattern.compile("(kafka/|org/apache/kafka/(raft|metadata|storage)/|dev/spendledger/embedded/).*\\.class");
    /** A line: {@code (licence) (licence) name (group:artifact:version - address)}. */
    private static final Pattern LISTED =
            Pattern.compile("(?m)^ +\\([^)]+\\) .*\\([^:()]+:([^:()]+):([^ ()]+) - [^()]*\\)$");

    private static final Pattern TEST_CLASS = Pattern.compile("(org/junit|org/assertj|net/jqwik)/.*\\.class");

    @Test
    void shouldShipNoBroker() throws IOException {
        assertThat(jarsWith(BROKER_CLASS)).isEmpty();
    }

    @Test
    void shouldShipNoTestLibrary() throws IOException {
        assertThat(jarsWith(TEST_CLASS)).isEmpty();
    }

    @Test
    void shouldShipWhatTheFoldNeeds() throws IOException {
        assertThat(jarsWith(Pattern.compile("org/apache/kafka/streams/KafkaStreams\\.class")))
                .hasSize(1);
    }

    @Test
    void shouldListEveryLibraryOfOthersThatIsShippedWithItsLicence() throws IOException {
        // Given
        List<String> shipped;
        try (Stream<Path> jars = Files.list(LIBRARIES)) {
            shipped = jars.map(jar -> jar.getFileName().toString())
                    .filter(jar -> !jar.matches("(schemas|ledger-streams)-.*"))
                    .toList();
        }

        // When
        List<String> listed = LISTED.matcher(Files.readString(Path.of("target", "THIRD-PARTY.txt")))
                .results()
                .map(library -> library.group(1) + "-" + library.group(2) + ".jar")
                .toList();

        // Then
        assertThat(listed).containsExactlyInAnyOrderElementsOf(shipped).isNotEmpty();
    }

    private static List<Path> jarsWith(Pattern entries) throws IOException {
        try (Stream<Path> jars = Files.list(LIBRARIES)) {
            return jars.filter(jar -> hasEntry(jar, entries)).toList();
        }
    }

    private static boolean hasEntry(Path path, Pattern entries) {
        try (JarFile jar = new JarFile(path.toFile())) {
            return jar.stream()
                    .anyMatch(entry -> entries.matcher(entry.getName()).matches());
        } catch (IOException e) {
            throw new UncheckedIOException(path + " is no jar", e);
        }
    }
}
