package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The configuration table of the README says what {@link Setting} says. */
class ConfigurationTableTest {
    private static final Path README = Path.of("..", "README.md");

    @Test
    void shouldShowEverySettingInTheReadme() throws IOException {
        // Given
        String readme = Files.readString(README);

        // When
        String table = Stream.concat(
                        Stream.of("| environment | flag | default | meaning |", "|---|---|---|---|"),
                        Stream.of(Setting.values()).map(ConfigurationTableTest::row))
                .collect(Collectors.joining("\n"));

        // Then
        assertThat(readme.contains(table))
                .as("The configuration table of README.md must be exactly this:%n%s%n", table)
                .isTrue();
    }

    private static String row(Setting setting) {
        return "| `" + setting.environmentName() + "` | `" + setting.flag() + "` | " + defaultValue(setting) + " | "
                + setting.description() + " |";
    }

    private static String defaultValue(Setting setting) {
        return setting.defaultValue()
                .map(value -> value.isEmpty() ? "(empty)" : "`" + value + "`")
                .orElse("must be set");
    }
}
